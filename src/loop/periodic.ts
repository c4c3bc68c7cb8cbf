/** A function called again and again, in step with the clock. */
import { checkFunction } from "../base/index.ts";
import { IOLoop } from "./ioloop.ts";
import type { Timeout } from "./timers.ts";
import { startWork } from "./work.ts";

export interface PeriodicCallbackOptions {
  /** How far each period may be off, as a fraction of it: 0.1 spreads calls over 10 %. Default 0. */
  readonly jitter?: number;
  /** Gives the numbers in [0, 1) that jitter draws; the loop's own (`IOLoop#random`) if absent. */
  readonly random?: () => number;
}

/**
 * Calls `callback` each `periodMs` milliseconds, first one period after `start()`.
 *
 * Calls stay on the grid start + k * period. One that takes longer than the
 * period (also a coroutine: its end is waited for) makes the series skip what it
 * missed; nothing piles up. An error is logged and the series goes on. Each call
 * runs in the stack contexts in which the series was started.
 *
 * Source: Tornado `PeriodicCallback`. Differs: never two calls at once; a second `start()` does nothing.
 */
export class PeriodicCallback {
  readonly #callback: () => unknown;
  readonly #periodMs: number;
  readonly #jitter: number;
  readonly #random: (() => number) | undefined;
  #loop: IOLoop | undefined = undefined;
  #timeout: Timeout | undefined = undefined;
  #nextMs = 0;
  #skipped = 0;

  /** @throws {RangeError} when `periodMs` is not a finite number > 0, or `jitter` is not in [0, 1] */
  constructor(callback: () => unknown, periodMs: number, options: PeriodicCallbackOptions = {}) {
    checkFunction(callback, "make a periodic callback");
    if (!(periodMs > 0 && Number.isFinite(periodMs))) {
      throw new RangeError(
        `Cannot make a periodic callback: the period is ${periodMs} ms, a finite number > 0 is wanted`,
      );
    }
    const jitter = options.jitter ?? 0;
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new RangeError(
        `Cannot make a periodic callback: the jitter is ${jitter}, a fraction from 0 to 1 is wanted`,
      );
    }
    this.#callback = callback;
    this.#periodMs = periodMs;
    this.#jitter = jitter;
    this.#random = options.random;
  }

  /** Begin a series on the current loop; does nothing while one is on. */
  start(): void {
    if (this.#loop !== undefined) return;
    this.#loop = IOLoop.current();
    this.#nextMs = this.#loop.time();
    this.#schedule(this.#loop);
  }

  /** End the series; also from inside the callback. */
  stop(): void {
    if (this.#timeout !== undefined) this.#loop?.removeTimeout(this.#timeout);
    this.#timeout = undefined;
    this.#loop = undefined;
  }

  isRunning(): boolean {
    return this.#loop !== undefined;
  }

  /** How many periods passed without a call, because one took too long. */
  statistics(): { skippedPeriods: number } {
    return { skippedPeriods: this.#skipped };
  }

  #schedule(loop: IOLoop): void {
    this.#advance(loop.time());
    const timeout = loop.callAt(this.#nextMs, () => {
      const work = startWork(this.#callback);
      const ended = (): void => {
        const error = work.error();
        if (error !== undefined && !work.cancelled()) loop._onCallbackError(error, this.#callback);
        // Stopped meanwhile, or stopped and started anew: that series is not this one.
        if (this.#loop === loop && this.#timeout === timeout) this.#schedule(loop);
      };
      // Both ways the next timer is made in the contexts of this one, which are those of start().
      if (work.done()) ended();
      else loop.addFuture(work, ended);
    });
    this.#timeout = timeout;
  }

  /** The next point of the grid after `nowMs`; a clock that went back still moves on by one. */
  #advance(nowMs: number): void {
    const periodMs = this.#jitter === 0 ? this.#periodMs : this.#jittered();
    const behind = Math.max(Math.floor((nowMs - this.#nextMs) / periodMs), 0);
    this.#skipped += behind;
    this.#nextMs += (behind + 1) * periodMs;
  }

  #jittered(): number {
    const drawn = this.#random === undefined ? (this.#loop ?? IOLoop.current()).random() : this.#random();
    return this.#periodMs * (1 + this.#jitter * (drawn - 0.5));
  }
}
