/**
 * The search: run a program under one schedule after the other, until one fails or
 * the budget is used up.
 *
 * All of it happens inside the call: no promise, no microtask. The plain run comes
 * first, and again, to see that the same decisions give the same run; then the plan.
 */
import { Choices, READY } from "./choices.ts";
import { Distinct } from "./distinct.ts";
import { NondeterminismError, UncontrolledReadError } from "./errors.ts";
import { explain, renumberedText } from "./explain.ts";
import { kindOf, type SimFailureInfo, signatureOf } from "./failure.ts";
import { type ExploreOptions, type SearchSettings, tokenToReplay, toSettings } from "./options.ts";
import { Plan } from "./plan.ts";
import { formatFailure } from "./print.ts";
import { uncontrolledReads } from "./reads.ts";
import { type Program, type RunEnd, runOnce } from "./run.ts";
import { shrink } from "./shrink.ts";
import { Steps } from "./steps.ts";
import { Follow } from "./strategies/follow.ts";
import { Plain } from "./strategies/plain.ts";
import type { Strategy } from "./strategy.ts";
import { formatToken, isTokenOf, parseToken } from "./token.ts";
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
const PROGRESS_MS = 1000;
/** Runs between two looks at the clock. */
const RUNS_A_LOOK = 32;

/**
 * Run `program` under many schedules, until one fails or the budget is used up.
 *
 * @throws {RangeError} for options that cannot be
 * @throws {TokenError} for a token that is none of this program
 */
export function explore(program: Program, options: ExploreOptions = {}): ExploreReport {
  const settings = toSettings(program, options);
  const search = new Search(program, settings);
  const replayed = tokenToReplay(options);
  if (replayed?.isAsked || (replayed !== undefined && isTokenOf(replayed.token, settings.name))) {
    return search.replay(replayed.token);
  }
  return search.run();
}

/** One failing run, before it is made small. */
interface Found {
  readonly choices: readonly number[];
  /** The same without those that no real run could take. */
  readonly realizable: readonly number[];
  readonly error: Error;
  readonly schedule: number;
}

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
  #exhausted = false;
  #deviations = -1;
  #progressMs = this.#startedMs;

  constructor(program: Program, settings: SearchSettings) {
    this.#program = program;
    this.#settings = settings;
  }

  run(): ExploreReport {
    const found = this.#runPlain() ?? this.#runPlan() ?? this.#lookForReads();
    return this.#report(found === undefined ? undefined : this.#toFailure(this.#toSmall(found)));
  }

  /** Run what `token` says, and nothing else. */
  replay(token: string): ExploreReport {
    const { name } = this.#settings;
    const { choices, reordersReady } = parseToken(token, name);
    const settings = { ...this.#settings, limits: { ...this.#settings.limits, reordersReady } };
    const { end } = explain(this.#program, choices, this.#records, settings);
    this.#count();
    const { failing } = end;
    if (failing === undefined) return this.#report(undefined);
    const found = { choices, realizable: choices, error: failing.error, schedule: 1 };
    return this.#report(this.#toFailure({ ...found, runs: 0 }));
  }

  /** The plain run, twice. */
  #runPlain(): Found | undefined {
    const first = this.#try(new Plain());
    const { steps } = this.#records;
    this.#plainHash = steps.hashText;
    if (this.#settings.determinism === "never") return first;
    return this.#compare(new Plain()) ?? first;
  }

  #runPlan(): Found | undefined {
    const { schedules, budgetMs, determinism } = this.#settings;
    const plan = new Plan(this.#settings);
    while (this.#schedules < schedules) {
      const strategy = plan.next();
      if (strategy === undefined) break;
      const found = this.#try(strategy);
      if (found !== undefined) return found;
      if (determinism === "each") {
        const follow = new Follow(this.#records.choices.toArray());
        follow.begin();
        const differs = this.#compare(follow);
        if (differs !== undefined) return differs;
      }
      if (this.#schedules % RUNS_A_LOOK !== 0) continue;
      const nowMs = performance.now();
      if (nowMs - this.#startedMs >= budgetMs) break;
      if (nowMs - this.#progressMs >= PROGRESS_MS && this.#tell(nowMs, strategy) === false) break;
    }
    this.#exhausted = plan.isExhausted;
    this.#deviations = plan.deviations;
    return undefined;
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

  /** Run what `strategy` says, which the run before has taken too: do both do the same? */
  #compare(strategy: Strategy): Found | undefined {
    const { choices, steps } = this.#records;
    const before = { hash: steps.hash, length: steps.length, decisions: choices.length };
    runOnce(this.#program, strategy, this.#records, this.#settings);
    if (steps.hash === before.hash && choices.length === before.decisions) return undefined;
    const text = (hash: number, length: number): string => `${length} steps, hash ${hash.toString(16)}`;
    const error = new NondeterminismError(
      text(before.hash, before.length),
      text(steps.hash, steps.length),
      this.#reads(),
    );
    return this.#found(error);
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
        const strategy = new Follow(candidate);
        strategy.begin();
        const { failing } = runOnce(this.#program, strategy, this.#records, this.#settings);
        if (failing === undefined || signatureOf(failing.error) !== signature) return undefined;
        return this.#records.choices.toArray();
      },
      MOST_SHRINK_RUNS,
    );
    return { ...found, choices, runs };
  }

  #toFailure({ choices, error, schedule, runs }: Found & { readonly runs: number }): SimFailureInfo {
    const { name, reordersReady } = this.#settings;
    const { end, deviations, drawing, hints } = explain(
      this.#program,
      choices,
      this.#records,
      this.#settings,
    );
    const kind = kindOf(error);
    // Of a search's own verdicts, the run itself knows nothing.
    const isOwn = kind === "nondeterminism" || kind === "uncontrolled";
    const shown = isOwn ? error : (end.failing?.error ?? error);
    renumber(shown, end);
    const { choices: taken, steps } = this.#records;
    let realizable = true;
    for (let at = 0; at < taken.length; at++)
      if (taken.kind(at) === READY && taken.value(at) !== 0) realizable = false;
    const token = formatToken({ choices: taken.toArray(), program: name, hash: steps.hash, reordersReady });
    const failure = {
      kind,
      error: shown,
      token,
      choices: taken.toArray(),
      realizable,
      deviations,
      hints,
      schedule,
      shrinkRuns: runs,
    };
    return { ...failure, drawing, text: formatFailure(failure, name, this.#settings.replayCommand(token)) };
  }

  #report(failure: SimFailureInfo | undefined): ExploreReport {
    const elapsedMs = performance.now() - this.#startedMs;
    const { count, isExact } = this.#distinct;
    const { name, seed } = this.#settings;
    const all = this.#exhausted
      ? ", and there are no others"
      : this.#deviations > 0
        ? `, all of those with ${this.#deviations} turns at most`
        : "";
    const distinct = `${isExact ? "" : "more than "}${count}`;
    const passed = `${name === "" ? "the program" : name} passed: ${this.#schedules} schedules, ${distinct} different${all}; seed ${seed}, ${elapsedMs.toFixed(0)} ms`;
    return {
      schedules: this.#schedules,
      distinct: count,
      exhausted: this.#exhausted,
      deviations: this.#deviations,
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

/** Coroutines of the run counted from 1, in the message too. */
function renumber(error: Error, { baseId }: RunEnd): void {
  const message = renumberedText(error.message, baseId);
  if (message !== error.message)
    Object.defineProperty(error, "message", { value: message, configurable: true, writable: true });
}
