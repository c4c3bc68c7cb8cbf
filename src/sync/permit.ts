/** The right to go on that a lock or a semaphore gives, and how it is given back. */
import { checkFunction } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { type Coroutine, call, coroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { Waiter, type WaitOptions } from "./waiter.ts";

/**
 * Gives a permit back: call it, or let `using permit = yield* lock.acquire()` do so at the end of the block.
 *
 * Once: a second call does nothing.
 */
export interface Release extends Disposable {
  (): void;
}

/** A release that calls `giveBack` the first time. */
export function releaseOnce(giveBack: () => void): Release {
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    giveBack();
  };
  return Object.assign(release, { [Symbol.dispose]: release });
}

/** A wait for a permit. One whose waiter is cancelled before it can use it is released. */
export class PermitWaiter extends Waiter<Release> {
  override handBack(release: Release): void {
    try {
      release();
    } catch (error) {
      // A bounded semaphore was released too often by hand; whoever did that is gone.
      IOLoop.current()._onCallbackError(error, release);
    }
  }
}

/** What permits are acquired from. */
interface Permits {
  acquire(options: WaitOptions): Future<Release>;
}

/**
 * What runs a function as a coroutine while holding a permit.
 *
 * @param name - what its coroutines are called where one reads who holds what: what the user has called
 */
export function holding(
  name: string,
): (permits: Permits, fn: () => unknown, options: WaitOptions) => Coroutine<unknown> {
  const hold = function* (permits: Permits, fn: () => unknown, options: WaitOptions) {
    const release = yield* permits.acquire(options);
    try {
      return (yield call(fn)) as unknown;
    } finally {
      release();
    }
  };
  const start = coroutine(Object.defineProperty(hold, "name", { value: name }));
  return (permits, fn, options) => {
    checkFunction(fn, "run with a permit");
    return start(permits, fn, options);
  };
}
