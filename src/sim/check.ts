/** A search as a test: silent when nothing fails. */
import { GyreError } from "../base/index.ts";
import { explore } from "./explore.ts";
import type { SimFailureInfo } from "./failure.ts";
import type { ExploreOptions } from "./options.ts";
import type { Program } from "./run.ts";

/** Thrown by `check`: what a search has found. Its message is the whole report; `cause` is the error itself. */
export class SimFailure extends GyreError {
  readonly failure: SimFailureInfo;

  constructor(failure: SimFailureInfo) {
    super("GYRE_SIM_FAILURE", failure.text, { cause: failure.error });
    this.failure = failure;
  }
}

/**
 * Run `program` under many schedules: `it("keeps both", () => check(program))`, in any test runner.
 *
 * @throws {SimFailure} when one fails
 * @throws as `explore` for options that cannot be
 */
export function check(program: Program, options: ExploreOptions = {}): void {
  const { failure } = explore(program, options);
  if (failure !== undefined) throw new SimFailure(failure);
}
