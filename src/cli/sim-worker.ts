/** The thread of `gyre sim`: loads the programs and searches them, one after the other. */
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { describe, shellWord, withStackLimit } from "../base/index.ts";
import { isOwnFrame, translateFrame } from "../gen/index.ts";
import type * as sim from "../sim/index.ts";
import { loadDoor } from "./door.ts";
import { BEAT, type FromSim, LOOK, type SimLook, type SimReport, type SimWork, STOP } from "./sim-work.ts";
import { syntaxPlace } from "./syntax-place.ts";

/** Frames that are told at most. */
const FRAMES = 12;

const { state, path, file, program: wanted, search } = workerData as SimWork;
/** The simulation that runs. */
let current: sim.Sim | undefined;
let seen = 0;

Object.defineProperty(globalThis, Symbol.for(LOOK), { value: look });
// A seed that is asked for here goes before that of the environment.
if (search.seed !== undefined) delete process.env.GYRE_SIM_SEED;
if (search.schedules !== undefined) delete process.env.GYRE_SIM_SCHEDULES;
try {
  await run();
} catch (error) {
  say({ kind: "problem", text: textOf(error) });
}
say({ kind: "end" });

async function run(): Promise<void> {
  const door = await loadDoor<typeof sim>(path, "gyre/sim", () => import("../sim/index.ts"));
  const all = await door.loadPrograms(path);
  const chosen = all.filter(
    ({ name, options }) => wanted === undefined || name === wanted || options.name === wanted,
  );
  if (chosen.length === 0) throw new Error(nothingToRun(all));
  let replayed = 0;
  for (const [at, each] of chosen.entries()) {
    if (Atomics.load(state, STOP) === 1) break;
    const [name = "", ...behind] = chosen.slice(at).map(({ options }) => options.name as string);
    say({ kind: "begin", name, behind });
    try {
      explore(door, each, chosen.length > 1);
      replayed++;
    } catch (error) {
      // A token is one program's only: that of the others does not matter, if there is one.
      const isOthers = (error as { code?: unknown }).code === "GYRE_SIM_TOKEN_PROGRAM";
      if (!isOthers || (at === chosen.length - 1 && replayed === 0)) throw error;
    }
  }
}

function explore(door: typeof sim, { name, program, options }: sim.NamedProgram, isOneOfMany: boolean): void {
  const which = isOneOfMany || wanted !== undefined ? ` --program ${shellWord(name)}` : "";
  const { workers, ...own } = search;
  const all: sim.ExploreOptions = {
    ...options,
    ...(own as sim.ExploreOptions),
    onProgress: (progress) => {
      // In threads of its own the program does not run here.
      if (progress.schedules !== seen) Atomics.add(state, BEAT, 1);
      seen = progress.schedules;
      say({ kind: "progress", progress });
      return Atomics.load(state, STOP) === 0;
    },
    replayCommand: (token) => `npx gyre sim ${shellWord(file)}${which} --replay ${token}`,
    ...(workers === undefined ? {} : { workers: { count: workers, module: path, program: name } }),
  };
  const { failure, ...rest } = door.explore(watched(program), all);
  const report: SimReport = {
    name: options.name as string,
    ...rest,
    stopped: Atomics.load(state, STOP) === 1,
    failure: failure && { ...failure, error: plainError(failure.error) },
  };
  say({ kind: "report", report });
}

/** The same program; each run is seen to begin. */
function watched(program: sim.Program): sim.Program {
  const begin = (simulation: sim.Sim): unknown => {
    Atomics.add(state, BEAT, 1);
    current = simulation;
    return program(simulation);
  };
  return Object.defineProperty(begin, "name", { value: program.name }) as sim.Program;
}

/** Asked from outside, on top of whatever runs. */
function look(): string {
  const { stack = "" } = withStackLimit(100, () => new Error());
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !isOwnFrame(line) && !/\(?(?:node:|<anonymous>)/.test(line));
  const told: SimLook = {
    steps: current?._world.steps.total ?? 0,
    frames: own.slice(0, FRAMES).map((line) => translateFrame(line.trim())),
  };
  return JSON.stringify(told);
}

function nothingToRun(all: readonly sim.NamedProgram[]): string {
  if (all.length === 0) return `Cannot simulate ${file}: it exports no function, a program is wanted`;
  const names = all.map(({ name }) => name).join(", ");
  return `Cannot simulate ${file}: it has no program "${wanted}", one of ${names} is wanted`;
}

/** A message where it is one for people, else with its stack: what the module throws while it is loaded. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) {
    const message = messageOf(error);
    const said = message === undefined ? "" : ` with the message ${JSON.stringify(message)}`;
    return `Cannot simulate ${file}: it threw ${describe(error)}${said}, an Error is wanted`;
  }
  const { code } = error as { code?: unknown };
  if (error.message.startsWith("Cannot "))
    return typeof code === "string" && code.startsWith("GYRE_") ? `${code}: ${error.message}` : error.message;
  const told = errorLines(error).filter((line) => !isOwnFrame(line) && !isFrameOfLoading(line));
  // One that the module itself throws has its frames.
  const isPlaceless = error instanceof SyntaxError && !told.some((line) => /^\s+at /.test(line));
  const place = isPlaceless ? syntaxPlace(error, pathToFileURL(path).href) : undefined;
  return `Cannot simulate ${file}: ${told.join("\n")}${place === undefined ? "" : `\n    at ${place}`}`;
}

/** What an object says that was thrown in place of an Error, if it can be read. */
function messageOf(thrown: unknown): string | undefined {
  try {
    const { message } = thrown as { readonly message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Its stack from its name on: Node may have put the place of an error of syntax above it. */
function errorLines({ stack = "", name, message }: Error): string[] {
  const at = stack.indexOf(`${name}: ${message}`);
  return (at < 0 ? `${name}: ${message}` : stack.slice(at)).split("\n");
}

/** Of Node, or of what strips types. */
function isFrameOfLoading(line: string): boolean {
  return /^\s+at .*(?:\bnode:|[\\/]node_modules[\\/](?:tsx|esbuild)[\\/])/.test(line);
}

function plainError(error: Error): object {
  const { name, message } = error;
  const { code } = error as { code?: unknown };
  return { name, message, ...(typeof code === "string" ? { code } : {}) };
}

function say(message: FromSim): void {
  parentPort?.postMessage(message);
}
