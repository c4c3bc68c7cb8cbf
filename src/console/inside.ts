/** What the console does with the program from the inside; loaded when it starts, with the runtime. */
import { CancelledError } from "../base/index.ts";
import {
  currentRecorder,
  liveWorks,
  type Recorder,
  type Recording,
  record,
  snapshot,
} from "../trace/index.ts";
import { formatTree } from "./format.ts";

/** Coroutines that the tree on a signal has at most: it is written in one go. */
const MOST_DUMPED = 1000;

/** @throws {Error} when nothing records */
export function currentRecording(): Recording {
  const recorder = currentRecorder();
  if (recorder === undefined)
    throw new Error(
      'Cannot give the recording: nothing is recorded (start the program with "gyre run --trace", or use "gyre trace")',
    );
  return recorder.recording();
}

/** The recorder that a reader switched on: only that may a reader switch off. */
let own: Recorder | undefined;

/** Switch recording on or off. @returns whether that changed anything */
export function setRecording(on: boolean): boolean {
  if (on) {
    if (currentRecorder() !== undefined) return false;
    own = record();
    return true;
  }
  if (own?.on !== true) return false;
  own.stop();
  return true;
}

/**
 * Cancel the coroutine with this number.
 *
 * @returns a sentence that says what was done
 * @throws {Error} when there is none
 */
export function cancelById(id: number, reason = "a reader of the console asked for it"): string {
  for (const work of liveWorks()) {
    if (work.id !== id) continue;
    const name = String(work);
    work.cancel(new CancelledError(reason));
    return `${name} was cancelled`;
  }
  throw new Error(`Cannot cancel #${id}: no coroutine with this number runs`);
}

/** Write to standard error what everything waits for. */
export function writeTree(): void {
  process.stderr.write(`gyre: what runs now: ${formatTree(snapshot({ limit: MOST_DUMPED }))}`);
}
