/**
 * The search: run a program under one schedule after the other, until one fails or
 * the budget is used up.
 *
 * All of it happens inside the call: no promise, no microtask. The plain run comes
 * first, and again, to see that the same decisions give the same run; then the plan.
 */
import { GyreError } from "../base/index.ts";
import { Choices, READY } from "./choices.ts";
import { Distinct } from "./distinct.ts";
import { NondeterminismError, UncontrolledReadError } from "./errors.ts";
import { checkFollowed, readRun, type TokenRun } from "./followed.ts";
import { type ExploreOptions, type SearchSettings, tokenToReplay, toSettings } from "./options.ts";
import { type Covered, Plan } from "./plan.ts";
import { uncontrolledReads } from "./reads.ts";
import { explain, renumberedText } from "./report/explain.ts";
import { inWords, kindOf, type SimFailureInfo, signatureOf } from "./report/failure.ts";
import { formatFailure } from "./report/print.ts";
import { type Program, type RunEnd, runOnce } from "./run.ts";
import { shrink } from "./shrink.ts";
import { Steps } from "./steps.ts";
import { Follow } from "./strategies/follow.ts";
import { Plain } from "./strategies/plain.ts";
import type { Strategy } from "./strategy.ts";
import { formatToken, isTokenOf } from "./token.ts";
import type { SimWorkers } from "./workers/worker-options.ts";
import { type ShareResult, searchInThreads } from "./workers/workers.ts";
import type { Records } from "./world.ts";

/** What a search has seen. */
export interface ExploreReport {
  /** Runs. */
  readonly schedules: number;
  /** Different ones among them; 100,000 stands for that and more. */
  readonly distinct: number;
  /** Has every schedule been run? */
  readonly exhausted: boolean;
  /**
   * Every schedule with at most so many deviations from a plain order has been run, a fault counting as one; -1 when
   * none was looked for in this way.
   */
  readonly deviations: number;
  /** What failed first, made small; `undefined` when nothing did. */
  readonly failure: SimFailureInfo | undefined;
  /** Steps of all runs, and the decisions of the run that had most. */
  readonly steps: number;
  readonly mostDecisions: number;
  readonly seed: number;
  readonly elapsedMs: number;
  /** The hash of the plain run: the same in every process. */
  readonly plainHash: string;
  /** In one line, or the failure's text. */
  readonly text: string;
}

const MOST_SHRINK_RUNS = 1000;
/** Runs that must fail alike before a failure is told. */
const SURE_RUNS = 3;
const PROGRESS_MS = 1000;

/**
 * Run `program` under many schedules, until one fails or the budget is used up.
 *
 * @throws {RangeError} for options that cannot be
 * @throws {TokenError} for a token that is none of this program
 */
export function explore(program: Program, options: ExploreOptions = {}): ExploreReport {
  const settings = toSettings(program, options);
  const replayed = tokenToReplay(options);
  // One from the environment is for the program whose name it has; one without a name could be any.
  const isMeant = ({ token, isAsked }: NonNullable<typeof replayed>): boolean =>
    isAsked || (settings.name !== "" && isTokenOf(token, settings.name));
  if (replayed === undefined || !isMeant(replayed)) {
    return new Search(program, settings).run();
  }
  const asked = readRun(replayed.token, settings);
  return new Search(program, asked.settings).replay(asked.run);
}

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
  readonly #records: Records = { choices: new Choices(), steps: new Steps() };
  readonly #distinct = new Distinct();
  readonly #startedMs = performance.now();
  #schedules = 0;
  #steps = 0;
  #mostDecisions = 0;
  #plainHash = "";
  #covered: readonly Covered[] = [];
  #progressMs = this.#startedMs;

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
    return this.#report(
      found === undefined ? undefined : this.#toFailure(this.#toSure(this.#toSmall(found))),
    );
  }

  /** Search a part of the schedules for another thread. What fails is left as it is. */
  runShare(part: SearchPart): ShareResult {
    const found = this.#runPlan(part);
    return {
      found: found && { choices: found.choices, schedule: found.schedule },
      schedules: this.#schedules,
      steps: this.#steps,
      mostDecisions: this.#mostDecisions,
      distinct: this.#distinct.values(),
      covered: this.#covered,
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
    if (found !== undefined) return this.#report(this.#toFailure({ ...found, schedule: 0, runs: 0 }));
    // Where it is not the run that is to be looked at, to say "passed" would be wrong.
    checkFollowed(run, this.#records, follow.divergedAt, () => {
      return explain(this.#program, run.choices, this.#records, this.#settings).enabled;
    });
    return this.#report(undefined, "the run of the token");
  }

  /** The plain run, twice. */
  #runPlain(): Found | undefined {
    const first = this.#try(new Plain());
    const { steps } = this.#records;
    this.#plainHash = steps.hashText;
    if (this.#settings.determinism === "never") return first;
    return this.#compare(new Plain(), first) ?? first;
  }

  #runFirst(choices: readonly number[] | undefined): Found | undefined {
    if (choices === undefined) return undefined;
    return this.#try(new Follow(choices));
  }

  #runPlan(part: SearchPart): Found | undefined {
    const { schedules, budgetMs, determinism } = this.#settings;
    const plan = new Plan(this.#settings, part);
    while (this.#schedules < schedules && part.mayRun(this.#schedules + 1)) {
      const nowMs = performance.now();
      if (nowMs - this.#startedMs >= budgetMs) break;
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
    const { schedules, budgetMs } = this.#settings;
    const before = this.#schedules;
    const untilMs = this.#startedMs + budgetMs;
    const { found, results, covered } = searchInThreads(this.#settings, workers, schedules - before, untilMs);
    for (const result of results) {
      this.#schedules += result.schedules;
      this.#steps += result.steps;
      this.#mostDecisions = Math.max(this.#mostDecisions, result.mostDecisions);
      for (const hash of result.distinct) this.#distinct.add(hash);
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
    const { failing, isCut } = runOnce(this.#program, strategy, this.#records, this.#settings);
    this.#count(isCut);
    return failing === undefined ? undefined : this.#found(failing.error);
  }

  #count(isCut = false): void {
    const { choices, steps } = this.#records;
    this.#schedules++;
    this.#steps += steps.length;
    this.#mostDecisions = Math.max(this.#mostDecisions, choices.length);
    if (!isCut) this.#distinct.add(steps.hash);
  }

  #found(error: Error): Found {
    const { choices } = this.#records;
    const taken = choices.toArray();
    return {
      choices: taken,
      realizable: taken.map((value, at) => (choices.kind(at) === READY ? 0 : value)),
      error,
      schedule: this.#schedules,
    };
  }

  /** Run what `strategy` says, which the run before has taken too: do both do the same, and fail, or not, alike? */
  #compare(strategy: Strategy, before: Found | undefined): Found | undefined {
    const { choices, steps } = this.#records;
    const first = { hash: steps.hash, length: steps.length, decisions: choices.length };
    const { failing } = runOnce(this.#program, strategy, this.#records, this.#settings);
    const isSameRun = steps.hash === first.hash && choices.length === first.decisions;
    if (isSameRun && endOf(failing?.error) === endOf(before?.error)) return undefined;
    const runInWords = (hash: number, length: number, error: Error | undefined): string =>
      `${length} steps, hash ${hash.toString(16)}, ${outcomeInWords(error)}`;
    const texts = [
      runInWords(first.hash, first.length, before?.error),
      runInWords(steps.hash, steps.length, failing?.error),
    ] as const;
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
    return uncontrolledReads(() => runOnce(this.#program, new Plain(), this.#records, this.#settings));
  }

  #toSmall(found: Found): Found & { readonly runs: number } {
    const kind = kindOf(found.error);
    if (!this.#settings.shrink || kind === "nondeterminism" || kind === "uncontrolled")
      return { ...found, runs: 0 };
    const signature = signatureOf(found.error);
    let runs = 0;
    const choices = shrink(
      found.choices,
      found.realizable,
      (candidate) => {
        runs++;
        const { failing } = runOnce(this.#program, new Follow(candidate), this.#records, this.#settings);
        if (failing === undefined || signatureOf(failing.error) !== signature) return undefined;
        return this.#records.choices.toArray();
      },
      MOST_SHRINK_RUNS,
    );
    return { ...found, choices, runs };
  }

  /** What fails by its decisions fails each time, and the plain run, which passed, is none that fails. */
  #toSure<F extends Found>(found: F): F {
    const kind = kindOf(found.error);
    const isOwn = kind === "nondeterminism" || kind === "uncontrolled";
    if (isOwn || this.#settings.determinism === "never") return found;
    const hasPlainPassed = found.schedule > 1 && found.choices.every((value) => value === 0);
    let outcome = hasPlainPassed ? "passed" : undefined;
    for (let time = 0; time < SURE_RUNS && outcome === undefined; time++) {
      const { failing } = runOnce(this.#program, new Follow(found.choices), this.#records, this.#settings);
      if (endOf(failing?.error) !== endOf(found.error)) outcome = outcomeInWords(failing?.error);
    }
    if (outcome === undefined) return found;
    const error = new NondeterminismError(outcomeInWords(found.error), outcome, this.#reads());
    return { ...found, error };
  }

  #toFailure({ choices, error, schedule, runs }: Found & { readonly runs: number }): SimFailureInfo {
    const { name, limits } = this.#settings;
    const { end, deviations, drawing, hints } = explain(
      this.#program,
      choices,
      this.#records,
      this.#settings,
    );
    const { choices: taken, steps } = this.#records;
    let realizable = true;
    for (let at = 0; at < taken.length; at++)
      if (taken.kind(at) === READY && taken.value(at) !== 0) realizable = false;
    const decisions = taken.toArray();
    const { reordersReady } = limits;
    const token = formatToken({ choices: decisions, program: name, hash: steps.hash, reordersReady });
    const shown = this.#shown(error, end);
    renumber(shown, end);
    const failure = {
      kind: kindOf(shown),
      error: shown,
      token,
      choices: decisions,
      realizable,
      deviations,
      hints,
      schedule,
      shrinkRuns: runs,
    };
    return {
      ...failure,
      get drawing() {
        return drawing();
      },
      text: formatFailure(failure, name, this.#settings.replayCommand(token)),
    };
  }

  /** What to say of a run that failed with `error` when it was found, and ended so when it was run again. */
  #shown(error: Error, { failing }: RunEnd): Error {
    // Of a search's own verdicts, the run itself knows nothing.
    if (error instanceof NondeterminismError || error instanceof UncontrolledReadError) return error;
    if (endOf(error) === endOf(failing?.error)) return failing?.error ?? error;
    const texts = [outcomeInWords(error), outcomeInWords(failing?.error)] as const;
    return new NondeterminismError(...texts, this.#reads());
  }

  /** @param replayed - of a run by a token, how far that could be followed */
  #report(failure: SimFailureInfo | undefined, replayed?: string): ExploreReport {
    const elapsedMs = performance.now() - this.#startedMs;
    const { count, isExact } = this.#distinct;
    const { name, seed } = this.#settings;
    const exhausted = this.#covered.some(({ isDone }) => isDone);
    const deviations = Math.max(-1, ...this.#covered.map((each) => each.deviations));
    const all = exhausted
      ? ", and there are no others"
      : deviations > 0
        ? `, all of those with ${deviations === 1 ? "one turn" : `${deviations} turns`} at most`
        : "";
    const distinct = `${isExact ? "" : "more than "}${count}`;
    const searched = `${this.#schedules} schedules, ${distinct} different${all}; seed ${seed}`;
    const passed = `${name === "" ? "the program" : name} passed: ${replayed ?? searched}, ${elapsedMs.toFixed(0)} ms`;
    return {
      schedules: this.#schedules,
      distinct: count,
      exhausted,
      deviations,
      failure,
      steps: this.#steps,
      mostDecisions: this.#mostDecisions,
      seed,
      elapsedMs,
      plainHash: this.#plainHash,
      text: failure?.text ?? passed,
    };
  }

  /** @returns `false` when the search is to end */
  #tell(nowMs: number, strategy: Strategy): unknown {
    this.#progressMs = nowMs;
    const { onProgress, schedules, budgetMs } = this.#settings;
    const elapsedMs = nowMs - this.#startedMs;
    return onProgress?.({
      schedules: this.#schedules,
      distinct: this.#distinct.count,
      perSecond: (this.#schedules / elapsedMs) * 1000,
      trying: strategy.name,
      share: Math.max(
        schedules === Number.POSITIVE_INFINITY ? 0 : this.#schedules / schedules,
        budgetMs === Number.POSITIVE_INFINITY ? 0 : elapsedMs / budgetMs,
      ),
    });
  }
}

/** The same for runs that ended in the same way. */
function endOf(error: Error | undefined): string {
  return error === undefined ? "" : signatureOf(error);
}

function outcomeInWords(error: Error | undefined): string {
  return error === undefined ? "passed" : `failed with ${inWords(error, 1)}`;
}

/** Coroutines of the run counted from 1, in the message too. */
function renumber(error: Error, { baseId }: RunEnd): void {
  // What others say may have numbers of its own.
  if (!(error instanceof GyreError)) return;
  try {
    const message = renumberedText(error.message, baseId);
    if (message !== error.message)
      Object.defineProperty(error, "message", { value: message, configurable: true, writable: true });
  } catch {
    // It is frozen, or made to fail: it is told as it is.
  }
}
