/** One run of a program: from its call to the verdict. */
import { describe, errorText } from "../base/index.ts";
import { FAILED, Future, isThenable, PENDING, RESOLVED, reportFailures } from "../future/index.ts";
import { DeadlockReport, isGenerator, lastStartedId, rootsOf } from "../gen/index.ts";
import { type IOLoop, type OrphanPolicy, type Report, setTouched } from "../loop/index.ts";
import { DeadlockFinder } from "../trace/index.ts";
import { type Leak, LeakError, NonErrorThrownError, SimDeadlockError } from "./errors.ts";
import type { Faults } from "./faults.ts";
import type { Operation } from "./operation.ts";
import { Sim } from "./sim.ts";
import { startedProgram } from "./start-program.ts";
import type { ReducingStrategy, Strategy } from "./strategy.ts";
import { timerInWords } from "./timer-in-words.ts";
import { worksOf } from "./works-of.ts";
import { type Records, type Watch, World, type WorldLimits } from "./world.ts";

/**
 * What is simulated: it is given the simulation, and starts what is to run. It may be a coroutine, or a generator
 * function, whose end is that of the run; or a plain function, whose run ends when nothing is left to do, and which
 * may give back a last check.
 */
export type Program =
  | ((sim: Sim) => Future<unknown> | Generator<unknown, unknown, never> | (() => void))
  | ((sim: Sim) => void);

/** What does not depend on the run. */
export interface RunSettings {
  readonly limits: WorldLimits;
  readonly orphans: OrphanPolicy | undefined;
  readonly faults: Faults;
  readonly invariants: readonly ((sim: Sim) => unknown)[];
  /** What may be left behind. */
  readonly allow: readonly Leak[];
}

/** Why a run failed. */
export interface Failing {
  readonly error: Error;
}

/** A run that is over. What it wrote is in its records, until the next one writes there. */
export interface RunEnd {
  readonly failing: Failing | undefined;
  readonly sim: Sim;
  /** The id of the last coroutine before the run, so that its own count from 1. */
  readonly baseId: number;
  /** Was it ended early, as nothing was left to see, or at the step bound? */
  readonly isCut: boolean;
}

/** Run `program` once, as `strategy` decides. Never throws. */
export function runOnce(
  program: Program,
  strategy: Strategy,
  records: Records,
  settings: RunSettings,
  watch?: (sim: Sim) => Watch,
): RunEnd {
  const { choices, steps } = records;
  choices.clear();
  steps.clear();
  const baseId = lastStartedId();
  const world = new World(strategy, records, settings.limits, baseId);
  const sim = new Sim(world, settings);
  if (watch !== undefined) world.watch = watch(sim);
  const { accesses } = world;
  const before = accesses === undefined ? undefined : setTouched((shared) => accesses.touch(shared));
  const failing = new Run(program, sim, world, settings).end();
  if (accesses !== undefined) {
    setTouched(before);
    (strategy as ReducingStrategy).endNext(world.endStretch());
  }
  strategy.end(choices, steps);
  return { failing, sim, baseId, isCut: world.isCut };
}

/** Timers that are named, at most. */
const MOST_TIMERS = 3;
const NO_TEXTS: readonly string[] = [];

class Run {
  readonly #program: Program;
  readonly #sim: Sim;
  readonly #world: World;
  readonly #settings: RunSettings;
  #root: Future<unknown> | undefined = undefined;
  #check: (() => void) | undefined = undefined;

  constructor(program: Program, sim: Sim, world: World, settings: RunSettings) {
    this.#program = program;
    this.#sim = sim;
    this.#world = world;
    this.#settings = settings;
  }

  /** Why it failed, if it did. */
  end(): Failing | undefined {
    this.#settings.invariants.forEach((holds, at) => {
      this.#sim.invariant(holds.name || `invariants[${at}]`, () => holds(this.#sim) !== false);
    });
    // In nobody's contexts: those of who calls the search would take the program's failures.
    this.#sim.addCallbackFromSignal(() => this.#begin());
    try {
      this.#sim.start();
      if (this.#world.failure === undefined && !this.#world.isCut) this.#look();
    } catch (error) {
      this.#world.failWith(error);
    } finally {
      this.#sim._endNodes();
    }
    const { failure } = this.#world;
    return failure === undefined ? undefined : { error: toError(failure.error) };
  }

  #begin(): void {
    const made = this.#program(this.#sim);
    const root = startedProgram(made, this.#program, "the program");
    if (root !== undefined) this.#watchRoot(root);
    else if (typeof made === "function") this.#check = made;
    else if (made !== undefined) {
      throw new TypeError(
        `Cannot simulate the program: it gave back ${describe(made)}, a coroutine, a function that checks, or nothing is wanted`,
      );
    }
  }

  #watchRoot(root: Future<unknown>): void {
    this.#root = root;
    const world = this.#world;
    root._listen({
      settled: () => {
        world.isOver = true;
      },
      isWaitedFor: () => true,
    });
  }

  /** Nothing went wrong on the way: what came of it? */
  #look(): void {
    const root = this.#root;
    if (root !== undefined && root._state !== PENDING && root._state !== RESOLVED) {
      root._take();
      throw root._value;
    }
    reportFailures(this.#sim._ready);
    for (const { loop } of this.#sim.nodes) reportFailures(loop._ready);
    if (root === undefined || root._state === PENDING) this.#lookForDeadlock();
    this.#sim._conditions?.end(this.#world.steps.total, this.#world.now());
    this.#runCheck();
    this.#lookForLeaks();
  }

  /** A check that waits would never be run to its end. */
  #runCheck(): void {
    const given: unknown = this.#check?.();
    if (!isGenerator(given) && !isThenable(given) && !(given instanceof Future)) return;
    throw new TypeError(
      `Cannot check the run: the check gave back ${describe(given)}, a function that does not wait is wanted (a program that is a coroutine gives back its call)`,
    );
  }

  #lookForDeadlock(): void {
    const sim = this.#sim;
    // A coroutine that was left behind waits for nothing any more: that is what is to be told.
    if (this.#root === undefined) this.#lookForLeaks();
    const dry: IOLoop[] = [sim];
    for (const { _isStuck: isStuck, loop } of sim.nodes) if (isStuck) dry.push(loop);
    for (const loop of dry) loop._onDry();
    const deadlock = deadlockOf(sim);
    if (deadlock !== undefined) {
      const lines = [
        deadlock.text,
        ...dry.flatMap(circlesOf),
        ...dry.flatMap(failuresOf),
        ...textsOf("lost-error", sim),
      ];
      throw new SimDeadlockError(lines.join("\n"));
    }
    if (this.#root !== undefined) {
      throw new SimDeadlockError(
        "deadlock: what the program gave back is pending, and nothing is left that could settle it",
      );
    }
  }

  /** The first ones of those that are left. */
  #timersInWords(): string {
    const left = this.#sim._turns.timers.left().sort((a, b) => a.deadlineMs - b.deadlineMs);
    const texts = left.slice(0, MOST_TIMERS).map((timer) => timerInWords(timer, this.#world.baseId));
    return `${texts.join(", ")}${left.length > MOST_TIMERS ? ", ..." : ""}`;
  }

  #lookForLeaks(): void {
    const { allow } = this.#settings;
    for (const report of this.#sim._reports) {
      const leak = report.kind as Leak;
      if ((leak !== "orphan" && leak !== "lost-error") || allow.includes(leak)) continue;
      throw new LeakError(leak, report.text);
    }
    const forgotten = allow.includes("operation") ? undefined : this.#world.forgotten();
    if (forgotten !== undefined) throw new LeakError("operation", forgottenInWords(forgotten));
    // While coroutines are left, those timers may be theirs, and they were let go on purpose.
    const { timers } = this.#sim._turns;
    if (this.#root === undefined || timers.size === 0 || allow.includes("timer")) return;
    if (rootsOf(this.#sim).length > 0) return;
    throw new LeakError(
      "timer",
      `${timers.size === 1 ? "1 timer is" : `${timers.size} timers are`} left when the program ended, none is wanted: ${this.#timersInWords()} (remove them, or wait)`,
    );
  }
}

/** What the loops of the program and of its nodes have told, as one. */
function deadlockOf({ _reports: reports }: Sim): DeadlockReport | undefined {
  const told = reports.filter((report): report is DeadlockReport => report.kind === "deadlock");
  if (told.length < 2) return told[0];
  const count = told.reduce((sum, report) => sum + report.count, 0);
  return new DeadlockReport(
    told.flatMap(({ waiting }) => waiting),
    count,
  );
}

function forgottenInWords(operation: Operation): string {
  return [
    `operation: ${operation.inWords(0)} was begun, and nobody has ever waited for it`,
    "  yield it (yield* sim.io(...)), or let it go on purpose with detach(future, reason)",
  ].join("\n");
}

/** What failed unseen may be why others wait: as its owner has not ended, nothing was told of it. */
function failuresOf(loop: IOLoop): string[] {
  const failed = worksOf(loop).filter(({ _state: state, _taken: taken }) => state === FAILED && !taken);
  return failed.map((each) => `failed: ${each} with ${errorText(each._value)}`);
}

function textsOf(wanted: Report["kind"], { _reports: reports }: Sim): readonly string[] {
  return reports.length === 0
    ? NO_TEXTS
    : reports.filter(({ kind }) => kind === wanted).map(({ text }) => text);
}

/** Who holds what the next one waits for, round and round. */
function circlesOf(loop: IOLoop): string[] {
  const finder = new DeadlockFinder();
  for (const each of worksOf(loop)) finder.add(each);
  // Numbers of locks count on from run to run: here from 1, so that the same failure has the same text.
  const numbers = new Map<string, number>();
  return finder.texts().map((text) => {
    const own = text.replace(/\b(lock|semaphore) (\d+)/g, (_, what: string, id: string) => {
      if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
      return `${what} ${numbers.get(id)}`;
    });
    return `circle: ${own}`;
  });
}

function toError(thrown: unknown): Error {
  try {
    return thrown instanceof Error ? thrown : new NonErrorThrownError(thrown);
  } catch {
    return new NonErrorThrownError("an object that cannot be looked at");
  }
}
