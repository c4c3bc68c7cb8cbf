/** A search that has to come to its stated bound without a failure. */
import assert from "node:assert/strict";
import { type ExploreOptions, type ExploreReport, explore, type Program } from "gyre/sim";

export interface Bound extends ExploreOptions {
  /**
   * How many turns from a plain order may be combined: every schedule with so many has to be run, where a fault or a
   * crash counts as one. "all": every schedule that there is.
   */
  readonly turns: number | "all";
}

/** Search `program`; fails with the first failure, or when the bound is not reached. */
export function verify(program: Program, { turns, ...options }: Bound): ExploreReport {
  const strategy = turns === "all" ? "exhaustive" : "deviations";
  // Every order, and each operation as early as it may be: with late ends besides there are too many to run them all.
  const report = explore(program, { strategy, lateEnds: false, ...options });
  if (report.failure !== undefined) assert.fail(report.text);
  if (turns === "all") assert.ok(report.exhausted, report.text);
  else assert.ok(report.exhausted || report.deviations >= turns, report.text);
  return report;
}
