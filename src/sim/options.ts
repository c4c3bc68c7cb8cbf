/** What a search is asked for, and what that means. */
import { checkFunction, describe } from "../base/index.ts";
import type { OrphanPolicy } from "../loop/index.ts";
import type { Leak } from "./errors.ts";
import { checkFaultRule, type FaultRule, Faults } from "./faults.ts";
import { atLeast, fromEnvironment, listOf, oneOf, wholeNumber } from "./option-guards.ts";
import { replayCommand } from "./report/replay-command.ts";
import type { Program, RunSettings } from "./run.ts";
import type { Sim } from "./sim.ts";
import { checkWorkers, type SimWorkers } from "./workers/worker-options.ts";

/** How a search looks for a failure; "auto" takes turns. */
export type StrategyName = "auto" | "random" | "pct" | "urw" | "deviations" | "exhaustive" | "plain";

export interface ExploreOptions {
  /** What reports call the program. Default: its function's name. */
  readonly name?: string;
  /** What random strategies begin with. Default 1, or GYRE_SIM_SEED. */
  readonly seed?: number;
  /** Runs, at most. Default 1000, and no limit for "exhaustive"; or GYRE_SIM_SCHEDULES. */
  readonly schedules?: number;
  /**
   * Milliseconds of real time after which no further run begins; what has failed by then is made small in as many more,
   * at most. Default: no limit.
   */
  readonly budgetMs?: number;
  /** Default "auto". */
  readonly strategy?: StrategyName;
  /**
   * What may come in another order: "io", only what a real run leaves open; "ready", also which of those that are
   * ready goes on, which finds more, and what no real run could do. Default "io".
   */
  readonly reorder?: "io" | "ready";
  /**
   * Leave out schedules that come to the same as others, in an exhaustive search: right only for a program whose
   * coroutines share nothing but what was given to `sim.shared`, gyre's locks, queues, events and the like, and the
   * results of each other; no Future that is settled by hand, and no iterator that is kept over a wait. Default false.
   */
  readonly reduce?: boolean;
  /** How late timers may be, so that an operation may end before one that is due. Default 0. */
  readonly timers?: { readonly lateMs: number };
  /**
   * May an operation also end as late as it can, which is the end of its latency, or when the next thing is due? What
   * follows it in time is late by that. `false` leaves out what only a clock or a limit shows, and so makes an
   * exhaustive search of many operations beside timers much smaller. Default true.
   */
  readonly lateEnds?: boolean;
  /**
   * Steps of one run, of which ten in which time passes count as one; then everything gets its turn, and after as many
   * again it is a livelock. Default 10,000.
   */
  readonly maxSteps?: number;
  /** What a run is that takes longer: a failure, or nothing. Default "fail". */
  readonly onMaxSteps?: "fail" | "stop";
  /** Things that could happen next, at most. Default 4096. */
  readonly maxAlternatives?: number;
  /** What holds after every step of every run. */
  readonly invariants?: readonly ((sim: Sim) => unknown)[];
  /** Which operations may fail; the first rule that fits one is its. */
  readonly faults?: readonly FaultRule[];
  /** Make a failure small? Default true. */
  readonly shrink?: boolean;
  /** Which runs are made twice, to see whether they are the same. Default "first". */
  readonly determinism?: "first" | "each" | "never";
  /** What may be left behind when a run ends. Default: nothing. */
  readonly allow?: readonly Leak[];
  /** What happens to children that nobody waits for, as of `IOLoop`. */
  readonly orphans?: OrphanPolicy;
  /**
   * Search in threads, each with a seed and a part of the schedules of its own. The same seed and number of threads
   * find the same failure. What holds, fails and may be left is what the module says: export `{ program, options }`.
   */
  readonly workers?: SimWorkers;
  /** Run this token only, instead of a search; or GYRE_SIM_REPLAY, if it is one of this program. */
  readonly replay?: string;
  /** Called about once a second while it searches; `false` ends the search, and what was run so far is reported. */
  readonly onProgress?: (progress: Progress) => unknown;
  /** The command that runs a token again, for the text of a failure. Default: this process as it was started. */
  readonly replayCommand?: (token: string) => string;
}

/** How far a search is. */
export interface Progress {
  readonly schedules: number;
  /** Different ones among them; 100,000 stands for that and more. */
  readonly distinct: number;
  readonly perSecond: number;
  /** What is being tried. */
  readonly trying: string;
  /** The share of the budget that is used, from 0 to 1. */
  readonly share: number;
}

/** Options with all that was left out filled in. */
export interface SearchSettings extends RunSettings {
  readonly name: string;
  readonly seed: number;
  readonly schedules: number;
  readonly budgetMs: number;
  readonly strategy: StrategyName;
  readonly reduce: boolean;
  readonly shrink: boolean;
  readonly determinism: "first" | "each" | "never";
  readonly workers: SimWorkers | undefined;
  readonly onProgress: ((progress: Progress) => unknown) | undefined;
  readonly replayCommand: (token: string) => string;
}

const DEFAULT_SCHEDULES = 1000;
const LEAKS: readonly Leak[] = ["orphan", "lost-error", "operation", "timer"];
const ORPHANS: readonly OrphanPolicy[] = ["report", "wait", "cancel", "throw"];
const STRATEGIES: readonly StrategyName[] = [
  "auto",
  "random",
  "pct",
  "urw",
  "deviations",
  "exhaustive",
  "plain",
];

/** By name, so that the compiler sees that none is left out. */
const OPTION_NAMES: Readonly<Record<keyof ExploreOptions, true>> = {
  name: true,
  seed: true,
  schedules: true,
  budgetMs: true,
  strategy: true,
  reorder: true,
  reduce: true,
  timers: true,
  lateEnds: true,
  maxSteps: true,
  onMaxSteps: true,
  maxAlternatives: true,
  invariants: true,
  faults: true,
  shrink: true,
  determinism: true,
  allow: true,
  orphans: true,
  workers: true,
  replay: true,
  onProgress: true,
  replayCommand: true,
};

/**
 * A misspelled option would be no option, where no compiler looks.
 *
 * @param others - names that are known besides
 * @throws {TypeError} for one that there is not
 */
export function checkOptionNames(options: object, others: readonly string[] = []): void {
  if (typeof options !== "object" || options === null) return;
  const known = [...Object.keys(OPTION_NAMES), ...others];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `Cannot simulate: there is no option ${JSON.stringify(unknown)}, one of ${known.join(", ")} is wanted`,
  );
}

/**
 * @throws {RangeError} for a number or name that cannot be
 * @throws {TypeError} when the program is no function, or an option is of another type
 */
export function toSettings(program: Program, options: ExploreOptions): SearchSettings {
  if (typeof program !== "function") {
    throw new TypeError(`Cannot simulate: came ${describe(program)}, a function is wanted`);
  }
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot simulate: the options are ${describe(options)}, an object is wanted`);
  }
  const {
    strategy = "auto",
    maxSteps = 10_000,
    maxAlternatives = 4096,
    timers = { lateMs: 0 },
    faults = [],
    invariants = [],
    allow = [],
    name = program.name,
  } = options;
  oneOf("strategy", strategy, STRATEGIES);
  oneOf("reorder", options.reorder ?? "io", ["io", "ready"]);
  oneOf("determinism", options.determinism ?? "first", ["first", "each", "never"]);
  oneOf("onMaxSteps", options.onMaxSteps ?? "fail", ["fail", "stop"]);
  if (options.orphans !== undefined) oneOf("orphans", options.orphans, ORPHANS);
  if (options.onProgress !== undefined) checkFunction(options.onProgress, "tell the progress");
  listOf("faults", faults, "rules", (rule) => checkFaultRule(rule));
  listOf("invariants", invariants, "functions", (holds) => typeof holds === "function");
  listOf("allow", allow, `leaks (${LEAKS.join(", ")})`, (leak) => LEAKS.includes(leak));
  if (typeof name !== "string")
    throw new TypeError(`Cannot simulate: name is ${describe(name)}, a string is wanted`);
  const usualSchedules = strategy === "exhaustive" ? Number.POSITIVE_INFINITY : DEFAULT_SCHEDULES;
  return {
    name,
    seed: fromEnvironment("GYRE_SIM_SEED") ?? wholeNumber("seed", options.seed ?? 1),
    schedules: atLeast(
      "schedules",
      fromEnvironment("GYRE_SIM_SCHEDULES") ?? options.schedules ?? usualSchedules,
      1,
    ),
    budgetMs: atLeast("budgetMs", options.budgetMs ?? Number.POSITIVE_INFINITY, 0),
    strategy,
    reduce: options.reduce ?? false,
    limits: {
      maxSteps: atLeast("maxSteps", maxSteps, 1),
      maxAlternatives: atLeast("maxAlternatives", maxAlternatives, 2),
      hasLateEnds: options.lateEnds ?? true,
      timersLateMs: atLeast("timers.lateMs", timers?.lateMs, 0),
      stopsAtMaxSteps: options.onMaxSteps === "stop",
      reordersReady: options.reorder === "ready",
    },
    orphans: options.orphans,
    faults: new Faults(faults),
    invariants,
    allow,
    shrink: options.shrink ?? true,
    determinism: options.determinism ?? "first",
    workers: options.workers === undefined ? undefined : checkWorkers(options.workers),
    onProgress: options.onProgress,
    replayCommand: options.replayCommand ?? replayCommand,
  };
}

/** The token that is to be run instead of a search, by the options or by the environment. */
export function tokenToReplay(options: ExploreOptions): { token: string; isAsked: boolean } | undefined {
  if (options.replay !== undefined) return { token: options.replay, isAsked: true };
  const { GYRE_SIM_REPLAY: token } = process.env;
  return token === undefined || token === "" ? undefined : { token, isAsked: false };
}
