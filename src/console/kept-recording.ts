/** The recording of a whole run, which is written when that ends: by itself, by `process.exit`, or by a signal. */
import { type Recorder, record, writeRecording } from "../trace/index.ts";
import { formatSummary } from "./format.ts";
import { ENDING_SIGNALS, type Released } from "./shared.ts";

export class KeptRecording {
  readonly #path: string;
  readonly #recorder: Recorder;
  readonly #onSignals = new Map<NodeJS.Signals, () => void>();
  readonly #releaseThread: () => void;
  #isSaved = false;

  /**
   * Record from now on.
   *
   * @param releaseThread - has the console's thread leave the signals to the system; returns when that is done
   * @throws {Error} when one records already
   */
  constructor(path: string, releaseThread: () => void) {
    this.#path = path;
    this.#releaseThread = releaseThread;
    this.#recorder = record();
    process.on("exit", this.#onExit);
    for (const signal of ENDING_SIGNALS) {
      const onSignal = (): void => this.#endBy(signal);
      this.#onSignals.set(signal, onSignal);
      process.on(signal, onSignal);
    }
  }

  /** Write it, and record no more. @returns how much it is, or why it could not be written */
  save(): string {
    this.#recorder.stop();
    const recording = this.#recorder.recording();
    try {
      if (!this.#isSaved) writeRecording(this.#path, recording);
      this.#isSaved = true;
    } catch (error) {
      return (error as Error).message;
    }
    return `${this.#path}: ${formatSummary(recording)}`;
  }

  /**
   * Nobody here takes `signal` any more, so that it ends the process; nothing of that where the program itself listens
   * to it, unless it is forced.
   */
  release(signal: NodeJS.Signals, force: boolean): Released {
    if (!force && process.listenerCount(signal) > 1) return { isReleased: false };
    for (const each of ENDING_SIGNALS) process.removeAllListeners(each);
    return { isReleased: true };
  }

  /** Write it now, and leave the process's end alone. */
  stop(): void {
    this.#onExit();
    process.off("exit", this.#onExit);
    for (const [signal, onSignal] of this.#onSignals) process.off(signal, onSignal);
  }

  readonly #onExit = (): void => {
    const said = this.save();
    if (!this.#isSaved) process.stderr.write(`gyre: ${said}\n`);
  };

  #endBy(signal: NodeJS.Signals): void {
    // The program deals with it itself.
    if (process.listenerCount(signal) > 1) return;
    this.stop();
    this.#releaseThread();
    process.kill(process.pid, signal);
  }
}
