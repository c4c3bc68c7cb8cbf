/** In how many threads a search is made, and where they find the program. */
import { describe } from "../../base/index.ts";
import { wholeNumber } from "../option-guards.ts";

export interface SimWorkers {
  /** How many threads. */
  readonly count: number;
  /** The URL or path of the module that exports the program: functions cannot be sent. */
  readonly module: string;
  /** The name of the program there, as `gyre sim` has it. */
  readonly program: string;
}

/** @throws {TypeError | RangeError} for what cannot be */
export function checkWorkers(workers: SimWorkers): SimWorkers {
  if (typeof workers !== "object" || workers === null)
    throw new TypeError(`Cannot simulate: workers is ${describe(workers)}, an object is wanted`);
  if (wholeNumber("workers.count", workers.count) < 1)
    throw new RangeError(`Cannot simulate: workers.count is ${workers.count}, at least 1 is wanted`);
  for (const name of ["module", "program"] as const)
    if (typeof workers[name] !== "string")
      throw new TypeError(
        `Cannot simulate: workers.${name} is ${describe(workers[name])}, a string is wanted`,
      );
  return workers;
}
