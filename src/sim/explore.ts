/**
 * A search for a schedule under which a program fails.
 *
 * All of it happens inside the call: no promise, no microtask.
 */
import { readRun } from "./followed.ts";
import { type ExploreOptions, tokenToReplay, toSettings } from "./options.ts";
import type { SimFailureInfo } from "./report/failure.ts";
import type { Program } from "./run.ts";
import { Search } from "./search.ts";
import { isTokenOf } from "./token.ts";

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
  /** Of a search that found nothing: the rules for faults, by what they are on, that fitted no operation of any run. */
  readonly unusedFaults: readonly string[];
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
