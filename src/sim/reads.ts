/**
 * Which of the program's lines ask for the time or for random numbers behind the
 * simulation's back.
 *
 * Nothing is patched: the debugger that V8 has built in stops at the calls, for one
 * run. Where it is refused nothing is found, and a program that depends on such a
 * call shows by two runs that differ.
 */
import { createRequire } from "node:module";
import { formatLocation, isOwnFrame, type Script, sourcePlace } from "../gen/index.ts";

const WATCHED = [
  "Math.random",
  "Date.now",
  "Date",
  "performance.now",
  "process.hrtime",
  "process.hrtime.bigint",
  "crypto.randomUUID",
  "crypto.getRandomValues",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "fetch",
];
/** Of one program, so many are told. */
const MOST = 5;
/** A stop takes a millisecond: a program that asks all the time is not watched to its end. */
const MOST_STOPS = 200;

interface Frame {
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

interface Paused {
  readonly params: { readonly callFrames: readonly Frame[]; readonly hitBreakpoints?: readonly string[] };
}

interface Parsed {
  readonly params: Script & { readonly scriptId: string };
}

/** One of the watched functions. */
interface Watched {
  readonly name: string;
  /** Has it no frame of its own, as what is not written in JavaScript? */
  readonly isNative: boolean;
}

interface Session {
  connect(): void;
  disconnect(): void;
  on(event: "Debugger.paused", listener: (message: Paused) => void): void;
  on(event: "Debugger.scriptParsed", listener: (message: Parsed) => void): void;
  post(method: string, params?: object, callback?: (error: Error | null, result: never) => void): void;
}

/** The calls that `run` makes, each as `Math.random at app.ts:12:5`. */
export function uncontrolledReads(run: () => void): readonly string[] {
  const session = openSession();
  if (session === undefined) return [];
  const reads = new Set<string>();
  // A frame's own "url" is empty for modules.
  const scripts = new Map<string, Script>();
  let stops = 0;
  try {
    session.on("Debugger.scriptParsed", ({ params }) => {
      if (params.url !== "" && !params.url.startsWith("node:")) scripts.set(params.scriptId, params);
    });
    ask(session, "Debugger.enable");
    const watched = watchCalls(session);
    session.on("Debugger.paused", ({ params: { callFrames, hitBreakpoints = [] } }) => {
      if (++stops >= MOST_STOPS || reads.size >= MOST) {
        ask(session, "Debugger.disable");
        return;
      }
      const called = watched.get(hitBreakpoints[0] ?? "");
      // What Node's own functions call in their turn is their matter: the program's call of those is told.
      const caller = callFrames[called?.isNative === true ? 0 : 1];
      const script = scripts.get(caller?.location.scriptId ?? "");
      if (called === undefined || caller === undefined || script === undefined) return;
      const { lineNumber, columnNumber } = caller.location;
      const { name } = called;
      if (isOwnFrame(`    at ${script.url}:${lineNumber + 1}:${columnNumber + 1}`)) return;
      if (name === "Date" && !readsClock(session, caller)) return;
      reads.add(`${name} at ${formatLocation(sourcePlace(script, lineNumber + 1, columnNumber + 1))}`);
    });
    run();
  } finally {
    session.disconnect();
  }
  return [...reads];
}

function openSession(): Session | undefined {
  try {
    const inspector = createRequire(import.meta.url)("node:inspector") as { Session: new () => Session };
    const session = new inspector.Session();
    session.connect();
    return session;
  } catch {
    return undefined;
  }
}

/** Stop at each of the watched functions. @returns them, by the breakpoint */
function watchCalls(session: Session): Map<string, Watched> {
  const watched = new Map<string, Watched>();
  for (const name of WATCHED) {
    const found = ask<{ result: { objectId?: string; description?: string } }>(session, "Runtime.evaluate", {
      expression: name,
    });
    const { objectId, description = "" } = found?.result ?? {};
    if (objectId === undefined) continue;
    const set = ask<{ breakpointId: string }>(session, "Debugger.setBreakpointOnFunctionCall", { objectId });
    const isNative = description.includes("[native code]");
    if (set !== undefined) watched.set(set.breakpointId, { name, isNative });
  }
  return watched;
}

/** Is it `new Date()` or `Date()`? Made of an argument it says what it is told. */
function readsClock(session: Session, { location: { scriptId, lineNumber, columnNumber } }: Frame): boolean {
  const source = ask<{ scriptSource: string }>(session, "Debugger.getScriptSource", { scriptId });
  const lines = source?.scriptSource.split("\n").slice(lineNumber, lineNumber + 3) ?? [];
  return !/^(?:new\s+[\w$.]+|super)\s*\(\s*[^\s)]/.test(lines.join("\n").slice(columnNumber));
}

function ask<R>(session: Session, method: string, params: object = {}): R | undefined {
  let answer: R | undefined;
  // The session answers inside `post`, as it is connected to this very thread.
  session.post(method, params, (error, result) => {
    if (error === null) answer = result;
  });
  return answer;
}
