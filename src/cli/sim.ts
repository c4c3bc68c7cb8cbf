/** `gyre sim`: search the schedules of programs for one that fails, or run one again. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { visible } from "../base/index.ts";
import {
  type Command,
  FAILED,
  OK,
  onlyArgument,
  type Parsed,
  parse,
  readNumber,
  USAGE,
  UsageError,
} from "./command.ts";
import { print, printJson, visibleLines } from "./print.ts";
import { ProgressLine } from "./progress-line.ts";
import { SimStuckError, SimThread } from "./sim-thread.ts";
import type { SimReport, SimSearch } from "./sim-work.ts";

const options = {
  program: { type: "string" },
  schedules: { type: "string" },
  budget: { type: "string" },
  seed: { type: "string" },
  strategy: { type: "string" },
  reorder: { type: "string" },
  workers: { type: "string" },
  replay: { type: "string" },
  draw: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** As the shell has it for who was ended by Ctrl-C. */
const INTERRUPTED = 130;
/** A run that makes no step for so long will not end. */
const STUCK_AFTER_MS = 5000;
/** Of a program's name, in the line that tells how far the search is. */
const MOST_NAME_COLUMNS = 60;
/** With a budget of time only: so many that time is what ends it. */
const MOST_SCHEDULES = 1e12;

export const sim: Command = {
  name: "sim",
  usage: "[OPTIONS] FILE",
  summary: "run programs under many schedules, and show the smallest one that fails",
  help: `  --program NAME      this one only (default: all that FILE exports)
  --schedules N       how many schedules, at most (default 1000)
  --budget SECONDS    how long, at most; alone, the number of schedules is not limited
  --seed N            what random strategies begin with (default 1)
  --strategy NAME     auto (default), random, pct, urw, deviations, exhaustive, or plain
  --reorder WHAT      io (default): what a real run leaves open; ready: also what is ready
  --workers N         search in N threads
  --replay TOKEN      run this schedule only
  --draw              print what happened in the schedule that fails, as a picture
  --json              print the reports as JSON

FILE is JavaScript or TypeScript that exports programs for gyre/sim: a default export, functions,
or an object of them; with options of their own as { program, options }. An export "options" is for
all. Types are stripped by Node where it can, else by tsx where it is installed.
Exit codes: 0 nothing failed, 1 something did, 2 nothing could be run, 130 ended by Ctrl-C, which
prints what was found so far.`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const file = onlyArgument(parsed.positionals, "FILE");
    const search = readSearch(parsed);
    const path = resolve(file);
    checkModule(path, file);
    const { program, draw = false, json = false } = parsed.values;
    return await runSearch({ path, file, program: program as string | undefined, search }, { draw, json });
  },
};

interface Output {
  readonly draw: unknown;
  readonly json: unknown;
}

async function runSearch(
  work: ConstructorParameters<typeof SimThread>[0],
  { draw, json }: Output,
): Promise<number> {
  const line = new ProgressLine(process.stderr);
  const reports: SimReport[] = [];
  const printing: Promise<void>[] = [];
  let problem: string | undefined;
  let isInterrupted = false;
  const thread = new SimThread(work, STUCK_AFTER_MS, (message) => {
    if (message.kind === "begin") line.begin(visible(message.name, MOST_NAME_COLUMNS));
    else if (message.kind === "progress") line.show(message.progress);
    else if (message.kind === "problem") problem = visibleLines(message.text);
    else if (message.kind === "report") {
      line.clear();
      reports.push(message.report);
      if (json !== true) printing.push(print(visibleLines(inWords(message.report, draw === true))));
    }
  });
  const interrupt = (): void => {
    isInterrupted = true;
    thread.stop();
  };
  process.on("SIGINT", interrupt);
  try {
    await thread.done();
  } catch (error) {
    line.clear();
    if (!(error instanceof SimStuckError)) throw error;
    process.stderr.write(`gyre: ${error.code}: ${visibleLines(error.message)}\n`);
    return FAILED;
  } finally {
    process.off("SIGINT", interrupt);
    line.clear();
    await Promise.all(printing);
  }
  if (json === true) await printJson(reports);
  if (problem !== undefined) {
    process.stderr.write(`gyre: ${problem}\n`);
    return USAGE;
  }
  if (reports.some(({ failure }) => failure !== undefined)) return FAILED;
  if (!isInterrupted) return OK;
  process.stderr.write(`gyre: ended by Ctrl-C${line.last === "" ? "" : `: ${line.last}`}\n`);
  return INTERRUPTED;
}

/** @throws {UsageError} for what cannot be a module with programs */
function checkModule(path: string, file: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`there is no file ${file}`);
  if (found.isDirectory())
    throw new UsageError(`${file} is a folder, a file that exports programs is wanted`);
  if (/\.(?:json|node|wasm|md)$/.test(path))
    throw new UsageError(`${file} is no program, JavaScript or TypeScript that exports programs is wanted`);
}

function inWords({ text, failure, stopped }: SimReport, draws: boolean): string {
  if (stopped && failure === undefined)
    return text.replace(" passed: ", " ended by Ctrl-C, nothing failed in ");
  return draws && failure !== undefined ? `${text}\n\n${failure.drawing}` : text;
}

/** @throws {UsageError} for a value that cannot be */
function readSearch(parsed: Parsed): SimSearch {
  const { values } = parsed;
  const number = (name: string, least: number, most: number, isWhole = true): number | undefined =>
    values[name] === undefined
      ? undefined
      : readNumber(parsed, name, { fallback: least, least, most, isWhole });
  const budget = number("budget", 0.001, 1e9, false);
  const found = {
    seed: number("seed", 0, 2 ** 32),
    schedules: number("schedules", 1, MOST_SCHEDULES) ?? (budget === undefined ? undefined : MOST_SCHEDULES),
    budgetMs: budget === undefined ? undefined : budget * 1000,
    workers: number("workers", 1, 64),
    strategy: values.strategy,
    reorder: values.reorder,
    replay: values.replay,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
