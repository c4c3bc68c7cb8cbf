/**
 * Which of the program's lines ask for the time or for random numbers behind the
 * simulation's back.
 *
 * Nothing is patched: the debugger that V8 has built in stops at the calls, for one
 * run. Where it is refused nothing is found, and a program that depends on such a
 * call shows by two runs that differ.
 */
import { createRequire } from "node:module";
import { isOwnFrame, translateFrame } from "../gen/index.ts";

const WATCHED = [
  "Math.random",
  "Date.now",
  "Date",
  "performance.now",
  "process.hrtime",
  "process.hrtime.bigint",
  "crypto.randomUUID",
  "crypto.getRandomValues",
];
/** Of one program, so many are told. */
const MOST = 5;
/** A stop takes a millisecond: a program that asks all the time is not watched to its end. */
const MOST_STOPS = 200;

interface Frame {
  readonly functionName: string;
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
  readonly params: { readonly scriptId: string; readonly url: string };
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
  const urls = new Map<string, string>();
  let stops = 0;
  try {
    session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => {
      if (url !== "" && !url.startsWith("node:")) urls.set(scriptId, url);
    });
    ask(session, "Debugger.enable");
    const names = watchCalls(session);
    session.on("Debugger.paused", ({ params: { callFrames, hitBreakpoints = [] } }) => {
      if (++stops >= MOST_STOPS || reads.size >= MOST) {
        ask(session, "Debugger.disable");
        return;
      }
      const name = names.get(hitBreakpoints[0] ?? "");
      const frame = callFrames.find(({ location }) => urls.has(location.scriptId));
      if (name === undefined || frame === undefined) return;
      const line = inWords(frame, urls.get(frame.location.scriptId) as string);
      if (isOwnFrame(line) || (name === "Date" && !readsClock(session, frame))) return;
      reads.add(
        `${name} ${translateFrame(line)
          .trim()
          .replace(/^at (?:.* \()?(.*?)\)?$/, "at $1")}`,
      );
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

/** Stop at each of the watched functions. @returns their names, by the breakpoint */
function watchCalls(session: Session): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of WATCHED) {
    const found = ask<{ result: { objectId?: string } }>(session, "Runtime.evaluate", { expression: name });
    const objectId = found?.result.objectId;
    if (objectId === undefined) continue;
    const set = ask<{ breakpointId: string }>(session, "Debugger.setBreakpointOnFunctionCall", { objectId });
    if (set !== undefined) names.set(set.breakpointId, name);
  }
  return names;
}

/** Is it `new Date()` or `Date()`? Made of an argument it says what it is told. */
function readsClock(session: Session, { location: { scriptId, lineNumber, columnNumber } }: Frame): boolean {
  const source = ask<{ scriptSource: string }>(session, "Debugger.getScriptSource", { scriptId });
  const lines = source?.scriptSource.split("\n").slice(lineNumber, lineNumber + 3) ?? [];
  return !/^(?:new\s+[\w$.]+|super)\s*\(\s*[^\s)]/.test(lines.join("\n").slice(columnNumber));
}

function inWords({ functionName, location: { lineNumber, columnNumber } }: Frame, url: string): string {
  const place = `${url}:${lineNumber + 1}:${columnNumber + 1}`;
  return functionName === "" ? `    at ${place}` : `    at ${functionName} (${place})`;
}

function ask<R>(session: Session, method: string, params: object = {}): R | undefined {
  let answer: R | undefined;
  // The session answers inside `post`, as it is connected to this very thread.
  session.post(method, params, (error, result) => {
    if (error === null) answer = result;
  });
  return answer;
}
