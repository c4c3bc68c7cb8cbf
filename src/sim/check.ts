/** A search as a test: silent when nothing fails. */
import { GyreError } from "../base/index.ts";
import { explore } from "./explore.ts";
import type { ExploreOptions } from "./options.ts";
import { saveDrawing } from "./report/drawing-file.ts";
import type { SimFailureInfo } from "./report/failure.ts";
import { formatFailure } from "./report/print.ts";
import { replayCommand } from "./report/replay-command.ts";
import type { Program } from "./run.ts";

/** Thrown by `check`: what a search has found. Its message is the whole report; `cause` is the error itself. */
export class SimFailure extends GyreError {
  /** Not shown where the error is printed as an object, as the message has it all. */
  declare readonly failure: SimFailureInfo;

  /** @param text - of the failure, with what else its reader may want */
  constructor(failure: SimFailureInfo, text: string) {
    super("GYRE_SIM_FAILURE", text, { cause: failure.error });
    Object.defineProperty(this, "failure", { value: failure });
  }
}

/**
 * Run `program` under many schedules: `it("keeps both", () => check(program))`, in any test runner.
 *
 * A rule for faults that fits no operation is a warning of the process's. A picture of the run that fails is put into a
 * file, which the message names.
 *
 * @throws {SimFailure} when one fails
 * @throws as `explore` for options that cannot be
 */
export function check(program: Program, options: ExploreOptions = {}): void {
  const { failure, unusedFaults } = explore(program, options);
  const name = options.name ?? program.name;
  if (failure === undefined) {
    // It passes, and has not tried what it was asked to.
    if (unusedFaults.length > 0) {
      process.emitWarning(
        `${name === "" ? "the program" : name} has no operation that fits the fault on ${unusedFaults.join(", nor on ")}`,
        "gyre",
      );
    }
    return;
  }
  const command = options.replayCommand ?? replayCommand;
  const file = failure.drawing === "" ? undefined : saveDrawing(name, failure.token, failure.drawing);
  throw new SimFailure(failure, formatFailure(failure, name, command(failure.token), file));
}
