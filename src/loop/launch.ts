/** One function that a loop is started for, and that stops it: what `run` and `runSync` have in common. */
import { CancelledError, LoopStateError, TimeoutError } from "../base/index.ts";
import type { Future, Listener } from "../future/index.ts";
import type { Timeout } from "./timers.ts";
import { startWork } from "./work.ts";

/** What it needs of its loop. */
export interface LaunchHost {
  addCallback(fn: () => void): void;
  callLater(delayMs: number, fn: () => void): Timeout;
  removeTimeout(timeout: Timeout): void;
  stop(): void;
}

/**
 * Calls `fn` in the loop's next pass and stops the loop when its work is done.
 *
 * Only until `end`: a loop that was stopped by somebody else must neither begin
 * `fn` in its next life, nor be stopped by it then.
 */
export class Launch implements Listener {
  readonly #loop: LaunchHost;
  readonly #limitMs: number | undefined;
  readonly #limit: Timeout | undefined;
  #work: Future<unknown> | undefined = undefined;
  #timedOut = false;
  #ended = false;

  constructor(loop: LaunchHost, fn: () => unknown, limitMs: number | undefined) {
    this.#loop = loop;
    this.#limitMs = limitMs;
    this.#limit = limitMs === undefined ? undefined : loop.callLater(limitMs, () => this.#expire());
    loop.addCallback(() => {
      if (this.#ended) return;
      this.#work = startWork(fn);
      this.#work._listen(this);
    });
  }

  settled(): void {
    if (this.#limit !== undefined) this.#loop.removeTimeout(this.#limit);
    this.#loop.stop();
  }

  /**
   * What the work came to, once the loop has ended.
   *
   * @throws what it failed with; {TimeoutError}; {LoopStateError} when it is not done
   */
  result(): unknown {
    const work = this.#work;
    if (this.#timedOut) {
      const timeout = new TimeoutError(
        `Cannot finish the function that the loop runs: ${this.#limitMs} ms passed`,
        this.#limitMs as number,
      );
      // An error of its clean-up has no other way out.
      const error = work?.done() ? work.error() : undefined;
      if (error !== undefined && !(error instanceof CancelledError && error.suppressed.length === 0))
        timeout.cause = error;
      throw timeout;
    }
    if (work?.done()) return work.result();
    throw new LoopStateError("Cannot give the result of the function: the loop ended before it was done");
  }

  /** Let go: what is still going on goes on without an effect on the loop. */
  end(): void {
    this.#ended = true;
    if (this.#limit !== undefined) this.#loop.removeTimeout(this.#limit);
    this.#work?._unlisten(this);
  }

  #expire(): void {
    this.#timedOut = true;
    // What is cancelled may clean up; its end stops the loop.
    this.#work?.cancel(`the limit of ${this.#limitMs} ms passed`);
  }
}
