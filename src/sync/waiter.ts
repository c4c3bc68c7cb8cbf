/**
 * Waiting in line: what locks, semaphores, conditions, events and queues share.
 *
 * A `Waiter` is the Future that the user waits for and its place in the line in
 * one object, so leaving the line, at the end of a limit or by a cancel, is O(1)
 * and leaves nothing behind. Who is served next is for each primitive to say.
 */
import { type CancelledError, checkDurationMs, TimeoutError } from "../base/index.ts";
import { FAILED, Future } from "../future/index.ts";
import { type Coroutine, currentCoroutine } from "../gen/index.ts";
import { IOLoop, type Timeout } from "../loop/index.ts";

export interface WaitOptions {
  /**
   * The longest wait in milliseconds of loop time; 0 does not wait at all. Without it, as long as it takes.
   */
  readonly timeoutMs?: number | undefined;
}

/** @throws {TypeError} {RangeError} for a limit that is no duration; `undefined` is none */
export function checkTimeout(timeoutMs: number | undefined, action: string): void {
  if (timeoutMs !== undefined) checkDurationMs(timeoutMs, action);
}

/**
 * One wait in a line. It belongs to the coroutine that asked for it, and ends with that one's cancel.
 *
 * However it is settled, it has left its line and its timer is gone.
 */
export class Waiter<T> extends Future<T> {
  /** What is waited for, in words. */
  readonly what: string;
  /** @internal */ readonly _owner: Coroutine<unknown> | undefined = currentCoroutine();
  /** @internal */ _line: WaitLine<Waiter<unknown>> | undefined = undefined;
  /** @internal */ _previous: Waiter<unknown> | undefined = undefined;
  /** @internal */ _next: Waiter<unknown> | undefined = undefined;
  #loop: IOLoop | undefined = undefined;
  #timer: Timeout | undefined = undefined;

  constructor(what: string) {
    super();
    this.what = what;
  }

  override _describe(isNow?: boolean): string {
    const holder = isNow ? this._line?.holder : undefined;
    if (holder === undefined) return this.what;
    // The usual mistake: nobody will give it back.
    return `${this.what}, held by ${holder}${holder.done() ? ", which has ended" : ""}`;
  }

  /** @internal Who has what is waited for, where only one can; not of a wait that ends by itself. */
  _holder(): object | undefined {
    return this.#timer === undefined ? this._line?.holder : undefined;
  }

  override _settle(state: number, value: unknown): void {
    this._line?._remove(this);
    if (this.#timer !== undefined) this.#loop?.removeTimeout(this.#timer);
    super._settle(state, value);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this._owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }

  override _abandon(owner: object): void {
    if (this._taken || owner !== this._owner) return;
    this._taken = true;
    this.handBack(this._value as T);
  }

  /** Give up after `limitMs`. */
  limit(limitMs: number): void {
    this.#loop = IOLoop.current();
    this.#timer = this.#loop.callLater(limitMs, () => this.expire(limitMs));
  }

  /** The limit has passed. */
  expire(limitMs: number): void {
    const message = `Cannot wait longer for ${this.what}: the limit of ${limitMs} ms passed`;
    this._settle(FAILED, new TimeoutError(message, limitMs));
  }

  /**
   * Nobody will receive `value`: let the next one have it. Called once at most; must not throw.
   *
   * Does nothing here, where all who wait get the same.
   */
  handBack(_value: T): void {}
}

/** Those who wait, longest first. A doubly linked list through the waiters themselves. */
export class WaitLine<W extends Waiter<unknown>> {
  /** The coroutine that has what they wait for, where only one can have it, and it was a coroutine. */
  holder: Coroutine<unknown> | undefined = undefined;
  /** What the thing is called, if it has a name: that is then part of what each of them waits for. */
  readonly name: string | undefined;
  #first: Waiter<unknown> | undefined = undefined;
  #last: Waiter<unknown> | undefined = undefined;
  #size = 0;

  constructor(name?: string) {
    this.name = name;
  }

  get size(): number {
    return this.#size;
  }

  /** The one that has waited longest. It leaves the line by being settled. */
  get first(): W | undefined {
    return this.#first as W | undefined;
  }

  /** Put `waiter` behind the others, for at most `timeoutMs`; with 0 it has waited long enough already. */
  add(waiter: W, timeoutMs: number | undefined): void {
    if (timeoutMs === 0) {
      waiter.expire(0);
      return;
    }
    waiter._line = this as unknown as WaitLine<Waiter<unknown>>;
    waiter._previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last._next = waiter;
    this.#last = waiter;
    this.#size++;
    if (timeoutMs !== undefined) waiter.limit(timeoutMs);
  }

  /** Settle all with one result, in the order of the line. */
  resolveAll(value: unknown): void {
    for (let waiter = this.#first; waiter !== undefined; waiter = this.#first) waiter.setResult(value);
  }

  /** @internal For a waiter that is being settled. */
  _remove(waiter: Waiter<unknown>): void {
    const { _previous: previous, _next: next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous._next = next;
    if (next === undefined) this.#last = previous;
    else next._previous = previous;
    waiter._previous = undefined;
    waiter._next = undefined;
    waiter._line = undefined;
    this.#size--;
  }
}
