/** One at a time. */
import { GyreError } from "../base/index.ts";
import { type Future, RESOLVED } from "../future/index.ts";
import type { Coroutine, CoroutineGenerator, ResultOf } from "../gen/index.ts";
import { touched } from "../loop/index.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { holding, PermitWaiter, type Release, releaseOnce } from "./permit.ts";
import { checkTimeout, WaitLine, type WaitOptions } from "./waiter.ts";

export interface LockOptions extends NameOptions {}

const runHolding = holding("Lock.run");

/**
 * Held by one at a time; the others wait in line, first come, first served.
 *
 * ```ts
 * import { coroutine, Lock, run, sleep } from "gyre";
 *
 * const lock = new Lock();
 * let balance = 10;
 *
 * const withdraw = coroutine(function* (amount: number) {
 *   return yield* lock.run(function* () {
 *     if (balance < amount) return "refused";
 *     yield* sleep(1);
 *     balance -= amount;
 *     return "done";
 *   });
 * });
 *
 * await run(function* () {
 *   console.log(yield [withdraw(7), withdraw(7)]);
 *   // prints: [ 'done', 'refused' ]
 * });
 * ```
 *
 * A release hands the lock to the one that has waited longest, so nobody gets
 * in between. Not reentrant: who asks again while holding it waits for himself.
 *
 * Source: Tornado `locks.Lock`.
 */
export class Lock {
  /** The release of who holds it. */
  #held: Release | undefined = undefined;
  readonly #line: WaitLine<PermitWaiter>;
  readonly #what: string;

  /** @throws {TypeError} when the name is no string */
  constructor(options: LockOptions = {}) {
    const name = nameOf(options, "lock");
    this.#line = new WaitLine(name);
    this.#what = name === undefined ? "a lock" : `lock ${name}`;
  }

  /**
   * Wait until the lock is free, and hold it: `using permit = yield* lock.acquire()`.
   *
   * Yield it by itself: in a list whose other member fails, nobody receives the permit.
   *
   * Suspends: while somebody holds it. A coroutine that is cancelled meanwhile does not get it,
   * also when it has just been handed over: it goes to the next one.
   *
   * @returns a Future of the function that releases it; fails with `TimeoutError` when the limit passes first
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  acquire({ timeoutMs }: WaitOptions = {}): Future<Release> {
    checkTimeout(timeoutMs, "acquire a lock");
    touched?.(this);
    const waiter = new PermitWaiter(this.#what);
    if (this.#held === undefined) this.#grant(waiter);
    else this.#line.add(waiter, timeoutMs);
    return waiter;
  }

  /**
   * Release the lock, whoever holds it; for code that does not have the function that `acquire` gave.
   *
   * @throws {GyreError} `GYRE_NOT_LOCKED` when nobody holds it
   */
  release(): void {
    if (this.#held === undefined) {
      throw new GyreError(
        "GYRE_NOT_LOCKED",
        "Cannot release the lock: nobody holds it, an acquire() before is wanted",
      );
    }
    this.#held();
  }

  /**
   * Run `fn` (a generator function, an async or a plain one) while holding the lock.
   *
   * Released when `fn` has ended, however it ends. Fails as `acquire` does, and then `fn` was not called.
   */
  run<T>(fn: () => CoroutineGenerator<T>, options?: WaitOptions): Coroutine<Awaited<T>>;
  run<R>(fn: () => R, options?: WaitOptions): Coroutine<ResultOf<R>>;
  run(fn: () => unknown, options: WaitOptions = {}): Coroutine<unknown> {
    return runHolding(this, fn, options);
  }

  /** Who holds it, how many wait. `holder` is the coroutine that acquired it, such as "transfer #4". */
  statistics(): { locked: boolean; waiting: number; holder: string | undefined } {
    touched?.(this);
    const { holder, size } = this.#line;
    return { locked: this.#held !== undefined, waiting: size, holder: holder?.toString() };
  }

  #grant(waiter: PermitWaiter): void {
    this.#held = releaseOnce(() => this.#handOn());
    // Who asked for it, also when another one releases it.
    this.#line.holder = waiter._owner;
    waiter._settle(RESOLVED, this.#held);
  }

  #handOn(): void {
    touched?.(this);
    const next = this.#line.first;
    if (next !== undefined) this.#grant(next);
    else {
      this.#held = undefined;
      this.#line.holder = undefined;
    }
  }
}
