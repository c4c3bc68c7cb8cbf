import type { SimFailureInfo } from "./report/failure.ts";

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
