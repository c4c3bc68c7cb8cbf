/** What is wrong with a file that should be a recording. */
import { GyreError } from "../base/index.ts";

/** A recording cannot be read: it is none, is of a newer gyre, is empty, broken, or not there. */
export class RecordingError extends GyreError {
  /** The line of the file that is broken, from 1; `undefined` when it is not about one. */
  readonly line: number | undefined;

  constructor(message: string, line?: number, options?: ErrorOptions) {
    super("GYRE_BAD_RECORDING", message, options);
    this.line = line;
  }
}
