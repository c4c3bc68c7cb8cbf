/** Waiting to be told. */
import { describe } from "../base/index.ts";
import { type Future, RESOLVED } from "../future/index.ts";
import { touched } from "../loop/index.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { checkTimeout, Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/** A wait for a notification. */
class NotificationWaiter extends Waiter<boolean> {
  readonly #condition: Condition;
  /** Was it chosen, as one of few? Then another one can have the notification in its place. */
  #chosen = false;

  constructor(what: string, condition: Condition) {
    super(what);
    this.#condition = condition;
  }

  choose(): void {
    this.#chosen = true;
    this._settle(RESOLVED, true);
  }

  override expire(): void {
    this._settle(RESOLVED, false);
  }

  override handBack(): void {
    if (this.#chosen) this.#condition.notify();
  }
}

/**
 * Lets coroutines wait until another one notifies them.
 *
 * A notification is for those who wait now; who comes later waits for the next one.
 *
 * Source: Tornado `locks.Condition`.
 */
export class Condition {
  readonly #line: WaitLine<NotificationWaiter>;
  readonly #what: string;

  /** @throws {TypeError} when the name is no string */
  constructor(options: NameOptions = {}) {
    const name = nameOf(options, "condition");
    this.#line = new WaitLine(name);
    this.#what = name === undefined ? "a condition" : `condition ${name}`;
  }

  /**
   * Wait for a notification.
   *
   * Suspends: always, but for a limit of 0. A coroutine that is cancelled when it has just been
   * notified passes the notification on to the next one.
   *
   * @returns a Future of `true`, or of `false` when the limit passes first
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  wait({ timeoutMs }: WaitOptions = {}): Future<boolean> {
    checkTimeout(timeoutMs, "wait for a condition");
    touched?.(this);
    const waiter = new NotificationWaiter(this.#what, this);
    this.#line.add(waiter, timeoutMs);
    return waiter;
  }

  /**
   * Wake the `count` that have waited longest, or all if there are fewer. They go on after this call.
   *
   * @throws {RangeError} when `count` is negative or not whole
   */
  notify(count: number = 1): void {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(
        `Cannot notify a condition: the count is ${describe(count)}, a whole number >= 0 is wanted`,
      );
    }
    touched?.(this);
    for (let left = Math.min(count, this.#line.size); left > 0; left--) this.#line.first?.choose();
  }

  /** Wake all that wait. They go on after this call. */
  notifyAll(): void {
    touched?.(this);
    this.#line.resolveAll(true);
  }

  statistics(): { waiting: number } {
    touched?.(this);
    return { waiting: this.#line.size };
  }
}
