/**
 * Lines of the user's own source: where a suspended generator waits, and where
 * a function stands.
 *
 * V8 keeps the exact place of a suspended generator; the inspector tells it. It
 * costs about 100 us a question and nothing before, so it is asked only for a
 * report. Source maps are applied here, because Node applies them to stacks only.
 *
 * The only file that knows the inspector. Where it is refused (the permission
 * model) the answer is `undefined`.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire, SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a source file; lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A location as editors and terminals understand it; below the working folder, relative to it. */
export function formatLocation(location: Location): string {
  const short = relative(process.cwd(), location.file);
  return `${short.startsWith("..") ? location.file : short}:${location.line}:${location.column}`;
}

interface Session {
  connect(): void;
  disconnect(): void;
  on(
    event: "Debugger.scriptParsed",
    listener: (message: { params: { scriptId: string; url: string } }) => void,
  ): void;
  post(method: string, params?: object, callback?: (error: Error | null, result: never) => void): void;
}

interface RawLocation {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface Properties {
  readonly internalProperties?: readonly { name: string; value?: { value?: RawLocation } }[];
}

const PROBE = Symbol.for("gyre.location.probe");
const urls = new Map<string, string>();
const maps = new Map<string, SourceMap | undefined>();
let session: Session | undefined;

/** The line at which the suspended `generator` waits. */
export function waitingLine(generator: object): Location | undefined {
  return locate(generator, "[[GeneratorLocation]]");
}

/** The line at which `fn` is defined; none for a function of the runtime's own, which says nothing to its user. */
export function definitionLine(fn: object): Location | undefined {
  const found = locate(fn, "[[FunctionLocation]]");
  return found !== undefined && isOwnFile(found.file) ? undefined : found;
}

/** The first line of `stack` that is the user's own: not gyre's, not Node's. */
export function firstUserLine(stack: string): Location | undefined {
  for (const frame of stack.split("\n").slice(1)) {
    const match = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):(\d+)\)?$/.exec(frame);
    if (match === null) continue;
    const file = toPath(match[1] as string);
    if (isOwnFile(file)) continue;
    const location = { file, line: Number(match[2]), column: Number(match[3]) };
    // With source maps on, Node has translated the stack already.
    return location.file.endsWith(".ts") ? location : translate(location);
  }
  return undefined;
}

/** Is this line of a stack the runtime's own, or the native step between it and a generator? */
export function isOwnFrame(line: string): boolean {
  return (
    OWN_FOLDERS.some((folder) => line.includes(folder)) ||
    /^\s+at (?:.*\.)?(?:next|throw) \(<anonymous>\)$/.test(line)
  );
}

function isOwnFile(file: string): boolean {
  return OWN_FOLDERS.some((folder) => file.startsWith(folder));
}

/** The folder that gyre runs from, and the one of the sources that its source maps lead to; with the separator at their ends. */
const OWN_FOLDERS: readonly string[] = [
  resolve(dirname(fileURLToPath(import.meta.url)), ".."),
  resolve(dirname(fileURLToPath(import.meta.url)), "../../src"),
].map((folder) => folder + sep);

function locate(subject: object, property: string): Location | undefined {
  const opened = openSession();
  if (opened === undefined) return undefined;
  const holder = globalThis as { [PROBE]?: object };
  holder[PROBE] = subject;
  try {
    // The session answers inside `post`, as it is connected to this very thread.
    const found = ask<{ result?: { objectId?: string } }>(opened, "Runtime.evaluate", {
      expression: 'globalThis[Symbol.for("gyre.location.probe")]',
      objectGroup: "gyre",
    });
    const objectId = found?.result?.objectId;
    if (objectId === undefined) return undefined;
    const properties = ask<Properties>(opened, "Runtime.getProperties", { objectId, ownProperties: true });
    const raw = properties?.internalProperties?.find((each) => each.name === property)?.value?.value;
    if (raw === undefined) return undefined;
    const url = scriptUrl(opened, raw.scriptId);
    if (url === undefined) return undefined;
    return translate({ file: toPath(url), line: raw.lineNumber + 1, column: raw.columnNumber + 1 });
  } finally {
    delete holder[PROBE];
    // Or every generator that was asked about would be kept alive.
    opened.post("Runtime.releaseObjectGroup", { objectGroup: "gyre" });
  }
}

function openSession(): Session | undefined {
  if (session !== undefined) return session;
  try {
    const inspector = createRequire(import.meta.url)("node:inspector") as { Session: new () => Session };
    const opened = new inspector.Session();
    opened.connect();
    opened.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
    session = opened;
  } catch {
    return undefined;
  }
  return session;
}

function ask<R>(opened: Session, method: string, params: object): R | undefined {
  let answer: R | undefined;
  opened.post(method, params, (error, result) => {
    if (error === null) answer = result;
  });
  return answer;
}

/** Scripts are named to a debugger that is switched on only: so for a moment, once for each new script. */
function scriptUrl(opened: Session, scriptId: string): string | undefined {
  if (!urls.has(scriptId)) {
    opened.post("Debugger.enable");
    opened.post("Debugger.disable");
  }
  return urls.get(scriptId);
}

function toPath(url: string): string {
  return url.startsWith("file://") ? fileURLToPath(url) : url;
}

function translate(location: Location): Location {
  const map = sourceMap(location.file);
  if (map === undefined) return location;
  const entry = map.findEntry(location.line - 1, location.column - 1);
  if (!("originalSource" in entry)) return location;
  const original = entry.originalSource;
  return {
    file: original.startsWith("file://")
      ? fileURLToPath(original)
      : resolve(dirname(location.file), original),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

function sourceMap(file: string): SourceMap | undefined {
  if (maps.has(file)) return maps.get(file);
  let map: SourceMap | undefined;
  try {
    map = readSourceMap(file);
  } catch {
    // A map that cannot be read leaves the line of the running code, which is true as well.
  }
  maps.set(file, map);
  return map;
}

function readSourceMap(file: string): SourceMap | undefined {
  if (!existsSync(file)) return undefined;
  const named = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(readFileSync(file, "utf8").slice(-2_000_000))?.[1];
  if (named === undefined) return undefined;
  const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(named)?.[1];
  const json =
    inline === undefined
      ? readFileSync(resolve(dirname(file), named), "utf8")
      : Buffer.from(inline, "base64").toString("utf8");
  return new SourceMap(JSON.parse(json) as SourceMapPayload);
}
