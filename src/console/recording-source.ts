/** A program that is over, of which there is a recording. */
import type { Recording } from "../trace/index.ts";
import type { Blocked, ConsoleSource } from "./source.ts";

export class RecordingSource implements ConsoleSource {
  readonly kind = "recording";
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  async recording(): Promise<Recording> {
    return this.#recording;
  }

  async blocked(): Promise<Blocked | undefined> {
    return undefined;
  }

  snapshot(): Promise<never> {
    return this.#refuse("take a snapshot");
  }

  overview(): Promise<never> {
    return this.#refuse("tell how the loop does");
  }

  stack(): Promise<never> {
    return this.#refuse("show the stack");
  }

  control(): Promise<never> {
    return this.#refuse("change the program");
  }

  async #refuse(action: string): Promise<never> {
    throw new Error(`Cannot ${action}: the program is over, this is a recording of it`);
  }
}
