/** So many in a time. */
import { describe } from "../base/index.ts";
import { type Future, RESOLVED } from "../future/index.ts";
import { IOLoop, type Timeout, touched } from "../loop/index.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { checkTimeout, Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

export interface RateLimiterOptions extends NameOptions {
  /** Permits that come back each second; > 0. */
  readonly ratePerSecond: number;
  /** Permits that may be taken at once after a rest, and that there are at first; >= 1. Default 1. */
  readonly burst?: number;
}

/** Somebody who waits for `permits` permits. */
class PermitsWaiter extends Waiter<void> {
  readonly permits: number;
  readonly #limiter: RateLimiter;

  constructor(what: string, permits: number, limiter: RateLimiter) {
    super(what);
    this.permits = permits;
    this.#limiter = limiter;
  }

  override _settle(state: number, value: unknown): void {
    super._settle(state, value);
    this.#limiter._left();
  }

  override handBack(): void {
    this.#limiter._giveBack(this.permits);
  }
}

/**
 * Permits that come back at a steady rate, taken by who asks first: `yield* limiter.acquire()` before each call.
 *
 * A bucket of `burst` permits: full at first, and filled by `ratePerSecond`. Who finds too few waits in line,
 * first come, first served, also when somebody behind wants less. Nothing runs while nobody waits, and one
 * timer while somebody does. Its clock is that of the loop on which it is first used.
 *
 * Source: the token bucket, by its instants (GCRA), so that no permit is lost to rounding.
 */
export class RateLimiter {
  readonly #burst: number;
  /** Milliseconds in which one permit comes back. */
  readonly #permitMs: number;
  readonly #line: WaitLine<PermitsWaiter>;
  readonly #name: string | undefined;
  #loop: IOLoop | undefined = undefined;
  #timer: Timeout | undefined = undefined;
  /** For whom the timer is set. */
  #timerFor: PermitsWaiter | undefined = undefined;
  /** When the bucket will be full again; in the past when it is. */
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #acquired = 0;
  #granting = false;

  /**
   * @throws {RangeError} when the rate is not a finite number > 0, or the burst none >= 1
   * @throws {TypeError} when the name is no string
   */
  constructor(options: RateLimiterOptions) {
    this.#name = nameOf(options, "rate limiter");
    this.#line = new WaitLine(this.#name);
    const { ratePerSecond, burst = 1 } = options;
    if (!(ratePerSecond > 0 && Number.isFinite(ratePerSecond))) {
      throw new RangeError(
        `Cannot make a rate limiter: ratePerSecond is ${describe(ratePerSecond)}, a finite number > 0 is wanted`,
      );
    }
    if (!(burst >= 1 && Number.isFinite(burst))) {
      throw new RangeError(
        `Cannot make a rate limiter: burst is ${describe(burst)}, a finite number >= 1 is wanted`,
      );
    }
    this.#burst = burst;
    this.#permitMs = 1000 / ratePerSecond;
  }

  /**
   * Wait for `permits` permits, which are spent then: there is nothing to give back.
   *
   * Suspends: while there are too few, or somebody waits already. A coroutine that is cancelled meanwhile
   * leaves the line and spends none.
   *
   * @returns a Future; fails with `TimeoutError` when the limit passes first
   * @throws {RangeError} when `permits` is not > 0, or more than the burst, which would never be there at once
   */
  acquire(permits: number = 1, { timeoutMs }: WaitOptions = {}): Future<void> {
    this.#check(permits);
    checkTimeout(timeoutMs, "acquire permits");
    const waiter = new PermitsWaiter(this.#inWords(permits), permits, this);
    if (this.acquireNowait(permits)) waiter._settle(RESOLVED, undefined);
    else {
      this.#line.add(waiter, timeoutMs);
      this.#serve();
    }
    return waiter;
  }

  /**
   * Take `permits` permits if they are there and nobody waits for any. Never waits.
   *
   * @returns whether they were taken
   * @throws {RangeError} as `acquire`
   */
  acquireNowait(permits: number = 1): boolean {
    this.#check(permits);
    if (this.#line.size > 0) return false;
    const nowMs = this.#clock().time();
    if (this.#readyAtMs(permits, nowMs) > nowMs) return false;
    this.#spend(permits, nowMs);
    return true;
  }

  /** What there is now, who waits, and how many permits were spent since the beginning. */
  statistics(): { available: number; waiting: number; acquired: number } {
    const nowMs = this.#clock().time();
    const missing = Math.max(this.#fullAtMs - nowMs, 0) / this.#permitMs;
    return { available: this.#burst - missing, waiting: this.#line.size, acquired: this.#acquired };
  }

  /** @internal A waiter was settled: served, too late, or cancelled. The next one may have its turn. */
  _left(): void {
    if (!this.#granting) this.#serve();
  }

  /** @internal Permits that nobody received. */
  _giveBack(permits: number): void {
    this.#fullAtMs -= permits * this.#permitMs;
    this.#acquired -= permits;
    this.#serve();
  }

  #inWords(permits: number): string {
    if (permits === 1 && this.#name === undefined) return "a rate limiter's permit";
    const whose = this.#name === undefined ? "a rate limiter" : `rate limiter ${this.#name}`;
    return `${permits === 1 ? "a permit" : `${permits} permits`} of ${whose}`;
  }

  #check(permits: number): void {
    if (!(permits > 0 && permits <= this.#burst)) {
      throw new RangeError(
        `Cannot acquire ${describe(permits)} permits: a number > 0 and at most the burst of ${this.#burst} is wanted`,
      );
    }
  }

  #clock(): IOLoop {
    touched?.(this);
    this.#loop ??= IOLoop.current();
    return this.#loop;
  }

  /** When `permits` permits will be there, if nobody takes any before; not after now when they are. */
  #readyAtMs(permits: number, nowMs: number): number {
    return Math.max(this.#fullAtMs, nowMs) + (permits - this.#burst) * this.#permitMs;
  }

  #spend(permits: number, nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + permits * this.#permitMs;
    this.#acquired += permits;
  }

  /** Serve the line as far as it goes now, and set the timer for the one that is first then. */
  #serve(): void {
    const loop = this.#clock();
    const nowMs = loop.time();
    this.#granting = true;
    let first = this.#line.first;
    let readyAtMs = 0;
    for (; first !== undefined; first = this.#line.first) {
      readyAtMs = this.#readyAtMs(first.permits, nowMs);
      if (readyAtMs > nowMs) break;
      this.#spend(first.permits, nowMs);
      first._settle(RESOLVED, undefined);
    }
    this.#granting = false;
    this.#setTimer(loop, first, readyAtMs);
  }

  #setTimer(loop: IOLoop, first: PermitsWaiter | undefined, atMs: number): void {
    if (first !== undefined && first === this.#timerFor && this.#timer?.deadlineMs === atMs) return;
    if (this.#timer !== undefined) loop.removeTimeout(this.#timer);
    this.#timerFor = first;
    this.#timer =
      first === undefined
        ? undefined
        : loop.callAt(atMs, () => {
            this.#timer = undefined;
            this.#timerFor = undefined;
            this.#serve();
          });
  }
}
