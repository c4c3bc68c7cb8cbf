/**
 * Runs of a program under one schedule after the other, until one fails or the
 * budget is used up.
 *
 * The plain run comes first, and again, to see that the same decisions give the
 * same run; then the plan. What failed is made small, and run some times more.
 */
import { Choices, READY } from "./choices.ts";
import { NondeterminismError, UncontrolledReadError } from "./errors.ts";
import type { ExploreReport } from "./explore-report.ts";
import { checkFollowed, type TokenRun } from "./followed.ts";
import type { SearchSettings } from "./options.ts";
import { type Covered, Plan } from "./plan.ts";
import { uncontrolledReads } from "./reads.ts";
import { explain } from "./report/explain.ts";
import { kindOf, type SimFailureInfo, signatureOf } from "./report/failure.ts";
import { endOf, outcomeInWords, type ToTell, toldFailure } from "./report/told.ts";
import { type Program, type RunEnd, runOnce } from "./run.ts";
import { shrink } from "./shrink.ts";
import { Steps } from "./steps.ts";
import { Follow } from "./strategies/follow.ts";
import { Plain } from "./strategies/plain.ts";
import type { Strategy } from "./strategy.ts";
import { Tally } from "./tally.ts";
import type { SimWorkers } from "./workers/worker-options.ts";
import { type ShareResult, searchInThreads } from "./workers/workers.ts";
import type { Records } from "./world.ts";

const MOST_SHRINK_RUNS = 1000;
/** Runs that must fail alike before a failure is told. */
const SURE_RUNS = 3;
const PROGRESS_MS = 1000;

/** One failing run, before it is made small. */
interface Found {
  readonly choices: readonly number[];
  /** The same without those that no real run could take. */
  readonly realizable: readonly number[];
  readonly error: Error;
  readonly schedule: number;
}

/** Which part of the schedules a search runs, and what others have to do with it. */
export interface SearchPart {
  /** Whose, of how many. */
  readonly at: number;
  readonly count: number;
  /** May it run its `schedule`th, from 1? */
  mayRun(schedule: number): boolean;
  onFailure(schedule: number): void;
}

const ALONE: SearchPart = { at: 0, count: 1, mayRun: () => true, onFailure: () => {} };

export class Search {
  readonly #program: Program;
  readonly #settings: SearchSettings;
  readonly #records: Records = newRecords();
  readonly #tally = new Tally();
  #plainHash = "";
  #covered: readonly Covered[] = [];
  #progressMs = this.#tally.startedMs;

  constructor(program: Program, settings: SearchSettings) {
    this.#program = program;
    this.#settings = settings;
  }

  /** @param first - choices that are tried before any others, after the plain run */
  run(first?: readonly number[]): ExploreReport {
    const { workers } = this.#settings;
    const found =
      this.#runPlain() ??
      this.#runFirst(first) ??
      (workers === undefined ? this.#runPlan(ALONE) : this.#runInThreads(workers)) ??
      this.#lookForReads();
    if (found === undefined) return this.#report(undefined);
    return this.#report(this.#told(this.#toSure(this.#toSmall(found))));
  }

  /** Search a part of the schedules for another thread. What fails is left as it is. */
  runShare(part: SearchPart): ShareResult {
    const found = this.#runPlan(part);
    const { schedules, steps, mostDecisions } = this.#tally;
    return {
      found: found && { choices: found.choices, schedule: found.schedule },
      schedules,
      steps,
      mostDecisions,
      distinct: this.#tally.hashes(),
      covered: this.#covered,
      fitted: this.#settings.faults.fitted(),
    };
  }

  /**
   * Make the run of a token, and nothing else.
   *
   * @throws {ReplayDivergence} when it passes, and is another run
   */
  replay(run: TokenRun): ExploreReport {
    const follow = new Follow(run.choices);
    const found = this.#try(follow);
    if (found !== undefined) return this.#report(this.#told({ ...found, schedule: 0, runs: 0 }));
    // Where it is not the run that is to be looked at, to say "passed" would be wrong.
    checkFollowed(run, this.#records, follow.divergedAt, () => {
      return explain(this.#program, run.choices, this.#records, this.#settings).enabled;
    });
    return this.#report(undefined, "the run of the token");
  }

  /** The plain run, twice. */
  #runPlain(): Found | undefined {
    const first = this.#try(new Plain());
    this.#plainHash = this.#records.steps.hashText;
    if (this.#settings.determinism === "never") return first;
    return this.#compare(new Plain(), first) ?? first;
  }

  #runFirst(choices: readonly number[] | undefined): Found | undefined {
    return choices === undefined ? undefined : this.#try(new Follow(choices));
  }

  #runPlan(part: SearchPart): Found | undefined {
    const { schedules, budgetMs, determinism } = this.#settings;
    const tally = this.#tally;
    const plan = new Plan(this.#settings, part);
    while (tally.schedules < schedules && part.mayRun(tally.schedules + 1)) {
      const nowMs = performance.now();
      if (nowMs - tally.startedMs >= budgetMs) break;
      const strategy = plan.next();
      if (strategy === undefined) break;
      if (nowMs - this.#progressMs >= PROGRESS_MS && this.#tell(nowMs, strategy) === false) break;
      const found = this.#try(strategy);
      if (determinism === "each") {
        const differs = this.#compare(new Follow(this.#records.choices.toArray()), found);
        if (differs !== undefined) return differs;
      }
      if (found === undefined) continue;
      part.onFailure(found.schedule);
      return found;
    }
    this.#covered = plan.covered();
    return undefined;
  }

  /** The same in threads; what fails there fails here, too, or depends on more than the schedule. */
  #runInThreads(workers: SimWorkers): Found | undefined {
    const { schedules, budgetMs, faults } = this.#settings;
    const tally = this.#tally;
    const before = tally.schedules;
    const untilMs = tally.startedMs + budgetMs;
    const { found, results, covered } = searchInThreads(this.#settings, workers, schedules - before, untilMs);
    for (const result of results) {
      tally.add(result);
      faults.fit(result.fitted);
    }
    this.#covered = covered;
    if (found === undefined) return undefined;
    const here = this.#try(new Follow(found.choices)) ?? {
      ...this.#found(new Error()),
      error: new NondeterminismError("a failure in a thread", "none here", this.#reads()),
    };
    return { ...here, schedule: before + found.schedule };
  }

  /** One run more; `undefined` when it did not fail. */
  #try(strategy: Strategy): Found | undefined {
    const { failing, isCut } = this.#runOnce(strategy);
    this.#tally.count(this.#records, isCut);
    return failing === undefined ? undefined : this.#found(failing.error);
  }

  #runOnce(strategy: Strategy, records = this.#records): RunEnd {
    return runOnce(this.#program, strategy, records, this.#settings);
  }

  #found(error: Error): Found {
    const { choices } = this.#records;
    const taken = choices.toArray();
    return {
      choices: taken,
      realizable: taken.map((value, at) => (choices.kind(at) === READY ? 0 : value)),
      error,
      schedule: this.#tally.schedules,
    };
  }

  /** Run what `strategy` says, which the run before has taken too: do both do the same, and fail, or not, alike? */
  #compare(strategy: Strategy, before: Found | undefined): Found | undefined {
    const first = this.#records;
    const second = newRecords();
    const { failing } = this.#runOnce(strategy, second);
    const isSameRun =
      first.steps.hash === second.steps.hash && first.choices.length === second.choices.length;
    if (isSameRun && endOf(failing?.error) === endOf(before?.error)) return undefined;
    const at = first.steps.firstDifference(second.steps);
    const runInWords = ({ steps }: Records, error: Error | undefined): string => {
      const where = at === undefined ? "" : `, number ${at + 1} is ${steps.inWords(at)}`;
      return `${steps.length === 1 ? "1 step" : `${steps.length} steps`}${where}, ${outcomeInWords(error)}`;
    };
    const texts = [runInWords(first, before?.error), runInWords(second, failing?.error)] as const;
    // Looking for the reason makes one run more, in the same records.
    const found = this.#found(new Error());
    return { ...found, error: new NondeterminismError(...texts, this.#reads()) };
  }

  /** A program that passes may still not be what was searched. */
  #lookForReads(): Found | undefined {
    if (this.#settings.determinism === "never") return undefined;
    const reads = this.#reads();
    return reads.length === 0 ? undefined : this.#found(new UncontrolledReadError(reads));
  }

  #reads(): readonly string[] {
    return uncontrolledReads(() => this.#runOnce(new Plain()));
  }

  #toSmall(found: Found): ToTell {
    const kind = kindOf(found.error);
    if (!this.#settings.shrink || kind === "nondeterminism" || kind === "uncontrolled")
      return { ...found, runs: 0 };
    const signature = signatureOf(found.error);
    const untilMs = performance.now() + this.#settings.budgetMs;
    let runs = 0;
    const choices = shrink(
      found.choices,
      found.realizable,
      (candidate) => {
        runs++;
        const { failing } = this.#runOnce(new Follow(candidate));
        if (failing === undefined || signatureOf(failing.error) !== signature) return undefined;
        return this.#records.choices.toArray();
      },
      () => runs < MOST_SHRINK_RUNS && performance.now() < untilMs,
    );
    return { ...found, choices, runs };
  }

  /** What fails by its decisions fails each time, and the plain run, which passed, is none that fails. */
  #toSure(found: ToTell): ToTell {
    const kind = kindOf(found.error);
    const isOwn = kind === "nondeterminism" || kind === "uncontrolled";
    if (isOwn || this.#settings.determinism === "never") return found;
    const hasPlainPassed = found.schedule > 1 && found.choices.every((value) => value === 0);
    let outcome = hasPlainPassed ? "passed" : undefined;
    for (let time = 0; time < SURE_RUNS && outcome === undefined; time++) {
      const { failing } = this.#runOnce(new Follow(found.choices));
      if (endOf(failing?.error) !== endOf(found.error)) outcome = outcomeInWords(failing?.error);
    }
    if (outcome === undefined) return found;
    const error = new NondeterminismError(outcomeInWords(found.error), outcome, this.#reads());
    return { ...found, error };
  }

  #told(found: ToTell): SimFailureInfo {
    return toldFailure(found, this.#program, this.#records, this.#settings, () => this.#reads());
  }

  /** @param replayed - of a run by a token, how far that could be followed */
  #report(failure: SimFailureInfo | undefined, replayed?: string): ExploreReport {
    const { schedules, distinct, distinctInWords, steps, mostDecisions, elapsedMs } = this.#tally;
    const { name, seed, faults } = this.#settings;
    const exhausted = this.#covered.some(({ isDone }) => isDone);
    const deviations = Math.max(-1, ...this.#covered.map((each) => each.deviations));
    const all = exhausted
      ? ", and there are no others"
      : deviations > 0
        ? `, all of those with ${deviations === 1 ? "one turn" : `${deviations} turns`} at most`
        : "";
    const unused = replayed === undefined && failure === undefined ? faults.unfitted() : [];
    const idle = unused.length === 0 ? "" : `; no operation fits the fault on ${unused.join(", nor on ")}`;
    const searched = `${schedules} schedules, ${distinctInWords} different${all}; seed ${seed}`;
    const passed = `${name === "" ? "the program" : name} passed: ${replayed ?? searched}, ${elapsedMs.toFixed(0)} ms${idle}`;
    return {
      schedules,
      distinct,
      exhausted,
      deviations,
      failure,
      unusedFaults: unused,
      steps,
      mostDecisions,
      seed,
      elapsedMs,
      plainHash: this.#plainHash,
      text: failure?.text ?? passed,
    };
  }

  /** @returns `false` when the search is to end */
  #tell(nowMs: number, { name }: Strategy): unknown {
    this.#progressMs = nowMs;
    const { onProgress, schedules, budgetMs } = this.#settings;
    return onProgress?.(this.#tally.progress(name, schedules, budgetMs));
  }
}

function newRecords(): Records {
  return { choices: new Choices(), steps: new Steps() };
}
