/**
 * Lines of the user's own source: where a suspended generator waits, and where
 * a function stands.
 *
 * V8 keeps the exact place of a suspended generator; the inspector tells it. It
 * costs about 100 us a question and nothing before, so it is asked only for a
 * report. Source maps are applied here, because Node applies them to stacks only:
 * the one that the script names, which may stand in the script itself and, when
 * a loader made it, nowhere on disk.
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
    listener: (message: { params: Script & { scriptId: string } }) => void,
  ): void;
  post(method: string, params?: object, callback?: (error: Error | null, result: never) => void): void;
}

/** What a debugger is told of a script. */
export interface Script {
  readonly url: string;
  readonly sourceMapURL?: string;
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
const scripts = new Map<string, Script>();
/** By file, once for the map that its text on disk names and once for that of the loaded script. */
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
    const location = placeIn(frame);
    if (location !== undefined && !isOwnFile(location.file)) return location;
  }
  return undefined;
}

/** A line of a stack, with the place in the source instead of that in the running code. */
export function translateFrame(frame: string): string {
  const location = placeIn(frame);
  return location === undefined ? frame : frame.replace(PLACE, `$1${formatLocation(location)}$5`);
}

/**
 * The place in the source of one in a running `script`, as its debugger tells it.
 *
 * @param line - from 1, and so is `column`
 */
export function sourcePlace(script: Script, line: number, column: number): Location {
  return translate({ file: toPath(script.url), line, column }, script.sourceMapURL);
}

/** The place at the end of a line of a stack: what opens it, file, line, column, what closes it. */
const PLACE = /(\(?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):(\d+)(\)?)$/;

function placeIn(frame: string): Location | undefined {
  const match = PLACE.exec(frame);
  if (match === null) return undefined;
  const location = { file: toPath(match[2] as string), line: Number(match[3]), column: Number(match[4]) };
  // With source maps on, Node has translated the stack already.
  return sourceMapsEnabled() ? location : translate(location, loadedMapUrl(location.file));
}

/** By the flag, or by a loader, which asks for it while the program runs. */
function sourceMapsEnabled(): boolean {
  return (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true;
}

/** The map that the loaded script of `file` names. */
function loadedMapUrl(file: string): string | undefined {
  for (const script of scripts.values()) if (toPath(script.url) === file) return script.sourceMapURL;
  return undefined;
}

/** Is this line of a stack the runtime's own, or the native step between it and a generator? */
export function isOwnFrame(line: string): boolean {
  if (/^\s+at (?:.*\.)?(?:next|throw) \(<anonymous>\)$/.test(line)) return true;
  if (isPackage()) return ownFolders().some((folder) => line.includes(folder));
  const place = placeIn(line);
  return place !== undefined && isOwnFile(place.file);
}

function isOwnFile(file: string): boolean {
  return ownFolders().some((folder) => file.startsWith(folder));
}

const ownPath = fileURLToPath(import.meta.url);

/** Does the runtime stand in its own package, as sources or as built? Else it is part of a program's one file. */
function isPackage(): boolean {
  return isSource(ownPath) || ownName() === "gyre";
}

function isSource(path: string): boolean {
  return /[\\/]gen[\\/]location\.[jt]s$/.test(path);
}

let name: string | undefined;

/** What the package is called that this file belongs to. */
function ownName(): string {
  if (name !== undefined) return name;
  const file = resolve(dirname(ownPath), "../../package.json");
  try {
    name = String(JSON.parse(readFileSync(file, "utf8")).name);
  } catch {
    name = "";
  }
  return name;
}

let folders: readonly string[] | undefined;

/**
 * The folder that gyre runs from, and the one of the sources that its source maps lead to; with the separator at
 * their ends. In a program's one file, which says nothing of whose a line is, the one that its map names; none
 * without a map.
 */
function ownFolders(): readonly string[] {
  if (folders !== undefined) return folders;
  folders = [];
  if (isPackage()) folders = ["..", "../../src"].map((path) => resolve(dirname(ownPath), path) + sep);
  else {
    const here = placeIn(new Error().stack?.split("\n")[1] ?? "")?.file ?? "";
    if (isSource(here)) folders = [resolve(dirname(here), "..") + sep];
  }
  return folders;
}

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
    const script = scriptOf(opened, raw.scriptId);
    if (script === undefined) return undefined;
    const file = toPath(script.url);
    return translate({ file, line: raw.lineNumber + 1, column: raw.columnNumber + 1 }, script.sourceMapURL);
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
    opened.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params));
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
function scriptOf(opened: Session, scriptId: string): Script | undefined {
  if (!scripts.has(scriptId)) {
    opened.post("Debugger.enable");
    opened.post("Debugger.disable");
  }
  return scripts.get(scriptId);
}

function toPath(url: string): string {
  return url.startsWith("file://") ? fileURLToPath(url) : url;
}

/** @param mapUrl - what the running script names, where that is known; else what its file names */
function translate(location: Location, mapUrl?: string): Location {
  const entry = sourceMap(location.file, mapUrl)?.findEntry(location.line - 1, location.column - 1);
  // "Not found" is an entry without anything in it.
  if (entry === undefined || !("originalSource" in entry)) return location;
  const original = entry.originalSource;
  return {
    file: original.startsWith("file://")
      ? fileURLToPath(original)
      : resolve(dirname(location.file), original),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  };
}

function sourceMap(file: string, mapUrl: string | undefined): SourceMap | undefined {
  const key = mapUrl ? `loaded ${file}` : file;
  if (maps.has(key)) return maps.get(key);
  let map: SourceMap | undefined;
  try {
    map = readSourceMap(file, mapUrl || mapUrlOf(file));
  } catch {
    // A map that cannot be read leaves the line of the running code, which is true as well.
  }
  maps.set(key, map);
  return map;
}

/** What a file names at its end. */
function mapUrlOf(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(readFileSync(file, "utf8").slice(-2_000_000))?.[1];
}

function readSourceMap(file: string, mapUrl: string | undefined): SourceMap | undefined {
  if (mapUrl === undefined) return undefined;
  const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(mapUrl)?.[1];
  const json =
    inline === undefined
      ? readFileSync(
          mapUrl.startsWith("file://") ? fileURLToPath(mapUrl) : resolve(dirname(file), mapUrl),
          "utf8",
        )
      : Buffer.from(inline, "base64").toString("utf8");
  return new SourceMap(JSON.parse(json) as SourceMapPayload);
}
