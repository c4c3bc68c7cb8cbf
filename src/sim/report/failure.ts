/** A failure that a search found: what went wrong, and the decisions that lead there. */
import {
  InvariantError,
  LeakError,
  LivelockError,
  LivenessError,
  NondeterminismError,
  SimDeadlockError,
  UncontrolledAwaitError,
  UncontrolledReadError,
} from "../errors.ts";

/** What sort of failure: the program's own error, or what the simulation saw. */
export type FailureKind =
  | "error"
  | "invariant"
  | "deadlock"
  | "livelock"
  | "liveness"
  | "leak"
  | "nondeterminism"
  | "uncontrolled";

/** One decision that was not what the production loop would do. */
export interface DeviationLine {
  /** Which of the decisions of the run, from 0. */
  readonly at: number;
  /** What happened, such as `"read" of editor #2`, with the line at which that waits. */
  readonly chosen: string;
  /** What would have happened in its place. */
  readonly instead: string;
  /** Is it a matter of order, so that the other happens later? Else it does not happen: a fault, a duration. */
  readonly isOrder: boolean;
}

export interface SimFailureInfo {
  readonly kind: FailureKind;
  /** What the program threw, or an error that says what the simulation saw. */
  readonly error: Error;
  /** Replays exactly this run. */
  readonly token: string;
  /** The decisions, up to the last that is not 0. */
  readonly choices: readonly number[];
  /** Could a real run do this? False where what is ready had to be reordered. */
  readonly realizable: boolean;
  readonly deviations: readonly DeviationLine[];
  /**
   * What it may come from. Of what was given to `sim.shared`: what was read, changed by another one, and then written
   * back. Of a run that does not end: which coroutines go on, and where they wait.
   */
  readonly hints: readonly string[];
  /** Which run of the search it was, from 1, or 0 for a replay; and how many were needed to make it small. */
  readonly schedule: number;
  readonly shrinkRuns: number;
  /** What happened, as a picture: lines of text. */
  readonly drawing: string;
  /** All that, for people, in at most 15 lines. */
  readonly text: string;
}

export function kindOf(error: Error): FailureKind {
  if (error instanceof InvariantError) return "invariant";
  if (error instanceof SimDeadlockError) return "deadlock";
  if (error instanceof LivelockError) return "livelock";
  if (error instanceof LivenessError) return "liveness";
  if (error instanceof LeakError) return "leak";
  if (error instanceof NondeterminismError) return "nondeterminism";
  if (error instanceof UncontrolledAwaitError || error instanceof UncontrolledReadError)
    return "uncontrolled";
  return "error";
}

/** The same for failures of the same way: numbers in the message may differ. */
export function signatureOf(error: Error): string {
  return `${kindOf(error)} ${inWords(error, 1).replace(/\d+/g, "0")}`;
}

/** Its name and message, as far as they can be read: what is thrown may be made to fail. Empty lines are left out. */
export function inWords(error: Error, mostLines: number = Number.POSITIVE_INFINITY): string {
  try {
    const lines = `${error.name}: ${error.message}`.split("\n").filter((line) => line.trim() !== "");
    return lines.slice(0, mostLines).join("\n");
  } catch {
    return "Error: (its message cannot be read)";
  }
}
