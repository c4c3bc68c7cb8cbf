/** The timers of a loop: one heap of deadlines. When they run is the loop's affair. */
import type { ContextState } from "../context/index.ts";

/** Marked timers that a heap must hold before it is swept as a whole; below that, the top sweeps them. */
const SWEEP_AT = 512;

/** A user's function, whose arguments are kept beside it. */
export type LoopFunction = (...args: never[]) => unknown;

const NO_ARGS: unknown[] = [];
const NONE: readonly Timeout[] = [];

/** A call that is due at an instant of the loop's clock. What `callLater` and `callAt` return, to give to `removeTimeout`. */
export class Timeout {
  /** Milliseconds on the clock of the loop that made it. */
  readonly deadlineMs: number;
  /** @internal Order of entry: breaks ties. */ readonly _order: number;
  /** @internal Gone once it ran or was removed, as are its arguments. */ _callback: LoopFunction | undefined;
  /** @internal */ _args: unknown[];
  /** @internal */ readonly _contexts: ContextState;
  /** @internal The heap that it was made for. */ readonly _heap: TimerHeap;
  /** @internal Is it in that heap still? */ _held: boolean = true;

  /** @internal */
  constructor(
    heap: TimerHeap,
    deadlineMs: number,
    order: number,
    callback: LoopFunction,
    args: unknown[],
    contexts: ContextState,
  ) {
    this.deadlineMs = deadlineMs;
    this._order = order;
    this._callback = callback;
    this._args = args;
    this._contexts = contexts;
    this._heap = heap;
  }

  /** @internal Let go of what it would have called. */
  _clear(): void {
    this._callback = undefined;
    this._args = NO_ARGS;
  }
}

/**
 * Timers not yet due, earliest first.
 *
 * Removing only marks a timer. Marks are swept when they reach the top, or when
 * there are more than 512 and they fill half of the heap: to take one out at
 * once would cost a search, and a server removes nearly every timeout it sets.
 *
 * Invariant: equal deadlines leave in the order they entered, so two runs of
 * one program make the same choices.
 */
export class TimerHeap {
  #heap: Timeout[] = [];
  #entered = 0;
  #removed = 0;

  /** How many have ever been added. */
  get entered(): number {
    return this.#entered;
  }

  /** Timers that will still run. */
  get size(): number {
    return this.#heap.length - this.#removed;
  }

  /** Marked timers that are not swept yet. */
  get removed(): number {
    return this.#removed;
  }

  /** Add a call at `deadlineMs`. */
  add(deadlineMs: number, callback: LoopFunction, args: unknown[], contexts: ContextState): Timeout {
    const timeout = new Timeout(this, deadlineMs, this.#entered++, callback, args, contexts);
    this.#heap.push(timeout);
    this.#up(this.#heap.length - 1);
    return timeout;
  }

  /** Mark `timeout`, which is of this heap; harmless when it ran or was removed before. */
  remove(timeout: Timeout): void {
    if (timeout._callback === undefined) return;
    timeout._clear();
    if (!timeout._held) return;
    this.#removed++;
    if (this.#removed > SWEEP_AT && this.#removed > this.#heap.length >> 1) this.#sweepAll();
  }

  /** Drop all. */
  clear(): void {
    for (const timeout of this.#heap) {
      timeout._clear();
      timeout._held = false;
    }
    this.#heap = [];
    this.#removed = 0;
  }

  /** What no timer's deadline is before: the earliest one, of a removed timer too; `undefined` when there is none. */
  get lowerBoundMs(): number | undefined {
    return this.#heap[0]?.deadlineMs;
  }

  /** The earliest deadline, or `undefined` when no timer is left. */
  firstDeadlineMs(): number | undefined {
    return this.first()?.deadlineMs;
  }

  /** The timer that will run next. */
  first(): Timeout | undefined {
    this.#sweepTop();
    return this.#heap[0];
  }

  /** Those that will still run, in no order. */
  left(): Timeout[] {
    return this.#heap.filter(({ _callback: callback }) => callback !== undefined);
  }

  /** Take out every timer whose deadline is not after `nowMs`, in order. */
  takeDue(nowMs: number): readonly Timeout[] {
    if (this.#heap.length === 0) return NONE;
    const due: Timeout[] = [];
    for (;;) {
      this.#sweepTop();
      const first = this.#heap[0];
      if (first === undefined || first.deadlineMs > nowMs) break;
      due.push(this.#pop());
    }
    return due;
  }

  #sweepTop(): void {
    while (this.#heap.length > 0 && (this.#heap[0] as Timeout)._callback === undefined) {
      this.#pop();
      this.#removed--;
    }
  }

  #sweepAll(): void {
    this.#heap = this.#heap.filter((timeout) => {
      timeout._held = timeout._callback !== undefined;
      return timeout._held;
    });
    this.#removed = 0;
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#down(at);
  }

  #pop(): Timeout {
    const first = this.#heap[0] as Timeout;
    const last = this.#heap.pop() as Timeout;
    if (last !== first) {
      this.#heap[0] = last;
      this.#down(0);
    }
    first._held = false;
    return first;
  }

  #up(start: number): void {
    const heap = this.#heap;
    const moving = heap[start] as Timeout;
    let at = start;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = heap[above] as Timeout;
      if (!isBefore(moving, other)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = moving;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const moving = heap[start] as Timeout;
    let at = start;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Timeout, heap[below] as Timeout)) below++;
      const other = heap[below] as Timeout;
      if (!isBefore(other, moving)) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = moving;
  }
}

function isBefore(a: Timeout, b: Timeout): boolean {
  return a.deadlineMs < b.deadlineMs || (a.deadlineMs === b.deadlineMs && a._order < b._order);
}
