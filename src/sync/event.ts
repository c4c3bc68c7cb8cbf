/** A flag to wait for. */
import { type Future, RESOLVED } from "../future/index.ts";
import { touched } from "../loop/index.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { checkTimeout, Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/**
 * A flag; coroutines wait until it is set.
 *
 * Source: Tornado `locks.Event`.
 */
export class Event {
  #set = false;
  readonly #line: WaitLine<Waiter<void>>;
  readonly #what: string;

  /** @throws {TypeError} when the name is no string */
  constructor(options: NameOptions = {}) {
    const name = nameOf(options, "event");
    this.#line = new WaitLine(name);
    this.#what = name === undefined ? "an event" : `event ${name}`;
  }

  /** Set the flag: all that wait go on after this call, also if it is cleared at once. */
  set(): void {
    touched?.(this);
    this.#set = true;
    this.#line.resolveAll(undefined);
  }

  /** Reset the flag: `wait` waits again. */
  clear(): void {
    touched?.(this);
    this.#set = false;
  }

  isSet(): boolean {
    touched?.(this);
    return this.#set;
  }

  /**
   * Wait until the flag is set.
   *
   * Suspends: unless it is set.
   *
   * @returns a Future; fails with `TimeoutError` when the limit passes first
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  wait({ timeoutMs }: WaitOptions = {}): Future<void> {
    checkTimeout(timeoutMs, "wait for an event");
    touched?.(this);
    const waiter = new Waiter<void>(this.#what);
    if (this.#set) waiter._settle(RESOLVED, undefined);
    else this.#line.add(waiter, timeoutMs);
    return waiter;
  }

  statistics(): { set: boolean; waiting: number } {
    touched?.(this);
    return { set: this.#set, waiting: this.#line.size };
  }
}
