/**
 * Signals that the main thread does not take, because something blocks it: the
 * console's thread does then what they ask for.
 *
 * A signal that is for looking has the tree written. One that is to end the
 * process ends it, after what was recorded is written. Where the program
 * listens to that one itself, it is left to it, until the signal comes again.
 */
import type { Snapshot } from "../trace/index.ts";
import { formatBlocked, formatTree } from "./format.ts";
import type { MainThread } from "./main-thread.ts";
import { ENDING_SIGNALS, type FromConsole, type Released, WATCHING } from "./shared.ts";
import type { Blocked, Stack } from "./source.ts";
import { onThreadSignal } from "./thread-signals.ts";

/** How long the main thread has for a signal, before it counts as one that does not take it. */
const LOOK_MS = 500;
const END_MS = 1000;
/** Coroutines that the tree has at most. */
const MOST_DUMPED = 1000;

export interface UnheardOptions {
  readonly state: Int32Array;
  readonly main: MainThread;
  readonly say: (message: FromConsole) => void;
  /** Writes to standard error: the main thread, which does it otherwise, is busy. */
  readonly write: (text: string) => void;
  readonly blocked: () => Blocked | undefined;
}

export class UnheardSignals {
  readonly #options: UnheardOptions;
  readonly #closers: (() => void)[] = [];
  readonly #enders: (() => void)[] = [];
  /** What is to be done when the main thread has not said in time that it goes on. */
  readonly #waiting = new Map<number, NodeJS.Timeout>();
  #lastId = 0;
  /** A signal to end came, and the main thread has not gone on since. */
  #isEnding = false;

  constructor(options: UnheardOptions) {
    this.#options = options;
  }

  /** @param dump - the signal for looking @param isRecorded - is a recording to be written at the end? */
  open(dump: NodeJS.Signals | undefined, isRecorded: boolean): void {
    if (dump !== undefined) {
      const close = onThreadSignal(dump, () => this.#await(LOOK_MS, () => void this.#dump()));
      if (close !== undefined) this.#closers.push(close);
    }
    for (const signal of isRecorded ? ENDING_SIGNALS : []) {
      const close = onThreadSignal(signal, () => this.#hear(signal));
      if (close !== undefined) this.#enders.push(close);
    }
    if (this.#enders.length > 0) Atomics.store(this.#options.state, WATCHING, 1);
  }

  /** The main thread goes on: it has taken the signals that came before it was asked. */
  heard(id: number): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    this.#isEnding = false;
  }

  /** Leave the signals that end to the system, which ends the process by them. */
  release(): void {
    for (const close of this.#enders.splice(0)) close();
    const { state } = this.#options;
    Atomics.store(state, WATCHING, 0);
    Atomics.notify(state, WATCHING);
  }

  close(): void {
    this.release();
    for (const close of this.#closers.splice(0)) close();
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #hear(signal: NodeJS.Signals): void {
    if (this.#isEnding) {
      void this.#end(signal, true);
      return;
    }
    this.#isEnding = true;
    this.#await(END_MS, () => void this.#end(signal, false));
  }

  /** Ask the main thread whether it goes on; do `unheard` if it does not say so in time. */
  #await(limitMs: number, unheard: () => void): void {
    const id = ++this.#lastId;
    this.#options.say({ kind: "signal", id });
    const late = (): void => {
      this.#waiting.delete(id);
      unheard();
    };
    this.#waiting.set(id, setTimeout(late, limitMs));
  }

  async #dump(): Promise<void> {
    const { main, write } = this.#options;
    const banner = await this.#banner();
    try {
      const snapshot = await main.ask<Snapshot>("snapshot", { limit: MOST_DUMPED });
      write(`gyre: what runs now: ${banner}${formatTree(snapshot)}`);
    } catch (error) {
      write(`gyre: what runs now: ${banner}gyre: ${(error as Error).message}\n`);
    }
  }

  /** @param isAgain - it is not the first one: the program has had its time */
  async #end(signal: NodeJS.Signals, isAgain: boolean): Promise<void> {
    const { main, write } = this.#options;
    let released: Released;
    try {
      released = await main.ask<Released>("release", { signal, force: isAgain });
    } catch (error) {
      if (isAgain) process.kill(process.pid, "SIGKILL");
      else write(`gyre: ${signal} waits: ${(error as Error).message} (once more ends it at once)\n`);
      return;
    }
    if (!released.isReleased) {
      write(
        `gyre: ${signal} waits, for the program takes it itself: ${await this.#banner()}gyre: once more ends it at once\n`,
      );
      return;
    }
    // Whatever comes now, or takes too long: one more is the system's.
    this.release();
    write(`gyre: ${signal} ends the process: ${await this.#banner()}`);
    try {
      write(`gyre: ${await main.ask<string>("save")}\n`);
    } catch (error) {
      write(`gyre: ${(error as Error).message}\n`);
    }
    process.kill(process.pid, signal);
  }

  /** What blocks, and where. */
  async #banner(): Promise<string> {
    const forMs = this.#options.blocked()?.forMs ?? LOOK_MS;
    try {
      const { telling } = await this.#options.main.ask<Stack>("stack");
      return formatBlocked({ forMs, frames: telling });
    } catch (error) {
      return formatBlocked({ forMs, frames: [], unreadable: (error as Error).message });
    }
  }
}
