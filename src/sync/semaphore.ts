/** So many at a time. */
import { describe } from "../base/index.ts";
import { type Future, RESOLVED } from "../future/index.ts";
import type { Coroutine, CoroutineGenerator, ResultOf } from "../gen/index.ts";
import { touched } from "../loop/index.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { holding, PermitWaiter, type Release, releaseOnce } from "./permit.ts";
import { checkTimeout, WaitLine, type WaitOptions } from "./waiter.ts";

const runHolding = holding("Semaphore.run");

/**
 * A number of permits; who finds none waits in line, first come, first served.
 *
 * `release()` without an `acquire()` adds a permit; where that is a mistake, use `BoundedSemaphore`.
 *
 * Source: Tornado `locks.Semaphore`.
 */
export class Semaphore {
  #free: number;
  readonly #line: WaitLine<PermitWaiter>;
  readonly #what: string;

  /**
   * @param value - how many permits there are at first; 0 makes the first one wait for a `release()`
   * @throws {RangeError} when it is negative or not whole
   * @throws {TypeError} when the name is no string
   */
  constructor(value: number = 1, options: NameOptions = {}) {
    this.#free = checkPermits(value);
    const name = nameOf(options, "semaphore");
    this.#line = new WaitLine(name);
    this.#what = name === undefined ? "a semaphore's permit" : `a permit of semaphore ${name}`;
  }

  /**
   * Wait for a permit: `using permit = yield* semaphore.acquire()`.
   *
   * Yield it by itself: in a list whose other member fails, nobody receives the permit.
   *
   * Suspends: while none is free. A coroutine that is cancelled meanwhile does not get one,
   * also when it has just been handed over: it goes to the next one.
   *
   * @returns a Future of the function that gives it back; fails with `TimeoutError` when the limit passes first
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  acquire({ timeoutMs }: WaitOptions = {}): Future<Release> {
    checkTimeout(timeoutMs, "acquire a permit");
    touched?.(this);
    const waiter = new PermitWaiter(this.#what);
    if (this.#free > 0) {
      this.#free--;
      this.#grant(waiter);
    } else this.#line.add(waiter, timeoutMs);
    return waiter;
  }

  /** Give a permit back: to the one that has waited longest, or for whoever comes. */
  release(): void {
    touched?.(this);
    const next = this.#line.first;
    if (next === undefined) this.#free++;
    else this.#grant(next);
  }

  /**
   * Run `fn` (a generator function, an async or a plain one) while holding a permit.
   *
   * Given back when `fn` has ended, however it ends. Fails as `acquire` does, and then `fn` was not called.
   */
  run<T>(fn: () => CoroutineGenerator<T>, options?: WaitOptions): Coroutine<Awaited<T>>;
  run<R>(fn: () => R, options?: WaitOptions): Coroutine<ResultOf<R>>;
  run(fn: () => unknown, options: WaitOptions = {}): Coroutine<unknown> {
    return runHolding(this, fn, options);
  }

  statistics(): { free: number; waiting: number } {
    touched?.(this);
    return { free: this.#free, waiting: this.#line.size };
  }

  #grant(waiter: PermitWaiter): void {
    waiter._settle(
      RESOLVED,
      releaseOnce(() => this.release()),
    );
  }
}

/**
 * A semaphore that refuses to have more permits than it began with.
 *
 * Source: Tornado `locks.BoundedSemaphore`.
 */
export class BoundedSemaphore extends Semaphore {
  readonly #value: number;

  constructor(value: number = 1, options: NameOptions = {}) {
    super(value, options);
    this.#value = value;
  }

  /** @throws {RangeError} when all permits are free: somebody released twice */
  override release(): void {
    if (this.statistics().free >= this.#value) {
      throw new RangeError(
        `Cannot release the semaphore: all of its ${this.#value} permits are free, an acquire() before is wanted`,
      );
    }
    super.release();
  }
}

function checkPermits(value: number): number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot make a semaphore: the value is ${describe(value)}, a number of permits is wanted`,
    );
  }
  if (!Number.isInteger(value) || value < 0) {
    throw new RangeError(`Cannot make a semaphore: the value is ${value}, a whole number >= 0 is wanted`);
  }
  return value;
}
