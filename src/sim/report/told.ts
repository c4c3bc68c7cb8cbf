/** A failing run as it is told: run once more, explained, with its token. */
import { GyreError } from "../../base/index.ts";
import { READY } from "../choices.ts";
import { NondeterminismError, UncontrolledReadError } from "../errors.ts";
import type { SearchSettings } from "../options.ts";
import type { Program, RunEnd } from "../run.ts";
import { formatToken } from "../token.ts";
import type { Records } from "../world.ts";
import { explain, renumberedText } from "./explain.ts";
import { inWords, kindOf, type SimFailureInfo, signatureOf } from "./failure.ts";
import { formatFailure } from "./print.ts";

/** What was found, and made small. */
export interface ToTell {
  readonly choices: readonly number[];
  readonly error: Error;
  /** Which run of the search it was, and how many were needed to make it small. */
  readonly schedule: number;
  readonly runs: number;
}

/** @param reads - looks for what the program calls that may be why two runs differ */
export function toldFailure(
  { choices, error, schedule, runs }: ToTell,
  program: Program,
  records: Records,
  settings: SearchSettings,
  reads: () => readonly string[],
): SimFailureInfo {
  const { name, limits } = settings;
  const { end, deviations, drawing, hints } = explain(program, choices, records, settings);
  const { choices: taken, steps } = records;
  let realizable = true;
  for (let at = 0; at < taken.length; at++)
    if (taken.kind(at) === READY && taken.value(at) !== 0) realizable = false;
  const decisions = taken.toArray();
  const { reordersReady } = limits;
  const token = formatToken({ choices: decisions, program: name, hash: steps.hash, reordersReady });
  const shown = shownError(error, end, reads);
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
    text: formatFailure(failure, name, settings.replayCommand(token)),
  };
}

/** The same for runs that ended in the same way. */
export function endOf(error: Error | undefined): string {
  return error === undefined ? "" : signatureOf(error);
}

export function outcomeInWords(error: Error | undefined): string {
  return error === undefined ? "passed" : `failed with ${inWords(error, 1)}`;
}

/** What to say of a run that failed with `error` when it was found, and ended so when it was run again. */
function shownError(error: Error, { failing }: RunEnd, reads: () => readonly string[]): Error {
  // Of a search's own verdicts, the run itself knows nothing.
  if (error instanceof NondeterminismError || error instanceof UncontrolledReadError) return error;
  if (endOf(error) === endOf(failing?.error)) return failing?.error ?? error;
  return new NondeterminismError(outcomeInWords(error), outcomeInWords(failing?.error), reads());
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
