/** Items from those who make them to those who use them. */

import { describe, QueueClosedError, QueueEmptyError, QueueFullError } from "../base/index.ts";
import { FAILED, type Future, RESOLVED } from "../future/index.ts";
import { touched } from "../loop/index.ts";
import { FifoStore, type ItemStore, LifoStore } from "./item-store.ts";
import { type NameOptions, nameOf } from "./name.ts";
import { type Compare, PriorityStore } from "./priority-store.ts";
import { type Getter, ItemGetter, Putter, StepGetter } from "./queue-waiters.ts";
import { checkTimeout, Waiter, WaitLine, type WaitOptions } from "./waiter.ts";

/** What is waited for at a queue; made once, as there is a wait for each item. */
interface QueueWords {
  readonly item: string;
  readonly place: string;
  readonly done: string;
}

/** @param name - such as "queue jobs" */
function queueWords(name: string): QueueWords {
  return { item: `an item of ${name}`, place: `a place in ${name}`, done: `${name}'s items to be done` };
}

const NAMELESS = queueWords("a queue");

export interface QueueOptions extends NameOptions {
  /** How many items may be inside before `put` waits; 0 means any number. Default 0. */
  readonly maxSize?: number;
}

/**
 * Hands items from coroutines that put them to those that get them; first in, first out.
 *
 * ```ts
 * import { coroutine, Queue, run } from "gyre";
 *
 * const queue = new Queue<string>({ maxSize: 1 });
 *
 * const print = coroutine(function* () {
 *   for (let step = yield* queue.next(); !step.done; step = yield* queue.next()) console.log(step.value);
 * });
 *
 * await run(function* () {
 *   const printing = print();
 *   for (const word of ["one", "two", "three"]) yield* queue.put(word);
 *   queue.close();
 *   yield* printing;
 *   // prints: one
 *   // prints: two
 *   // prints: three
 * });
 * ```
 *
 * Getters and putters that have to wait are served first come, first served. An
 * item goes from hand to hand when a getter waits for it. No item is lost by a
 * cancel or a limit: a put that was given up has put nothing, and an item whose
 * getter was cancelled before it could take it goes to the next getter, or stays
 * inside as the first to leave. The queue can hold more than `maxSize` by such items.
 *
 * Source: Tornado `queues.Queue`, and `close` by Python's `asyncio.Queue.shutdown`.
 */
export class Queue<T> {
  readonly maxSize: number;
  readonly #store: ItemStore<T>;
  /** Items whose getter was cancelled. Their turn had come, so they leave before all others. */
  readonly #returned = new FifoStore<T>();
  readonly #getters: WaitLine<Getter<T, unknown>>;
  readonly #putters: WaitLine<Putter<T>>;
  readonly #joiners: WaitLine<Waiter<void>>;
  readonly #words: QueueWords;
  #unfinished = 0;
  #closed = false;

  /**
   * @param store - where the items are; it decides in which order they leave
   * @throws {TypeError} when `maxSize` is there and no number, or the name is no string
   * @throws {RangeError} when it is negative or NaN
   */
  constructor(options: QueueOptions = {}, store: ItemStore<T> = new FifoStore<T>()) {
    const name = nameOf(options, "queue");
    checkOptions(options);
    this.maxSize = "maxSize" in options ? checkMaxSize(options.maxSize) : 0;
    this.#store = store;
    this.#getters = new WaitLine(name);
    this.#putters = new WaitLine(name);
    this.#joiners = new WaitLine(name);
    this.#words = name === undefined ? NAMELESS : queueWords(`queue ${name}`);
  }

  /** How many items are inside. */
  get size(): number {
    touched?.(this);
    return this.#returned.size + this.#store.size;
  }

  isEmpty(): boolean {
    return this.size === 0;
  }

  /** Would `put` wait? */
  isFull(): boolean {
    return !this.#hasPlaceFor(this.size);
  }

  /**
   * Put `item` into the queue.
   *
   * Suspends: while it is full.
   *
   * @returns a Future; fails with `TimeoutError` when the limit passes first, and with `QueueClosedError`
   *   when the queue is closed or gets closed meanwhile: then the item is not inside
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  put(item: T, { timeoutMs }: WaitOptions = {}): Future<void> {
    checkTimeout(timeoutMs, "put into a queue");
    const putter = new Putter(this.#words.place, item);
    if (this.#closed) putter.close();
    else if (this.#accept(item)) putter._settle(RESOLVED, undefined);
    else this.#putters.add(putter, timeoutMs);
    return putter;
  }

  /**
   * As `put`, but never waits.
   *
   * @throws {QueueFullError} when the queue is full
   * @throws {QueueClosedError} when it is closed
   */
  putNowait(item: T): void {
    if (this.#closed) throw new QueueClosedError("put into");
    if (!this.#accept(item)) throw new QueueFullError(this.size);
  }

  /**
   * Take an item out: `const item = yield* queue.get()`.
   *
   * Yield it by itself: in a list whose other member fails, nobody receives the item.
   *
   * Suspends: while it is empty.
   *
   * @returns a Future of the item; fails with `TimeoutError` when the limit passes first, and with
   *   `QueueClosedError` when the queue is closed and no item is left
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  get({ timeoutMs }: WaitOptions = {}): Future<T> {
    checkTimeout(timeoutMs, "get from a queue");
    return this.#serve(new ItemGetter<T>(this.#words.item, this), timeoutMs);
  }

  /**
   * As `get`, but never waits.
   *
   * @throws {QueueEmptyError} when the queue is empty
   * @throws {QueueClosedError} when it is closed and empty
   */
  getNowait(): T {
    if (!this.isEmpty()) return this.#take();
    throw this.#closed ? new QueueClosedError("get from") : new QueueEmptyError();
  }

  /**
   * One step of going through the queue until it is closed and empty, for coroutines:
   * `for (let step = yield* queue.next(); !step.done; step = yield* queue.next())`.
   *
   * Suspends: while it is empty.
   */
  next(): Future<IteratorResult<T, undefined>> {
    return this.#serve(new StepGetter<T>(this.#words.item, this), undefined);
  }

  /** `for await (const item of queue)`: ends when the queue is closed and empty. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next().then() };
  }

  /**
   * Say that one item that was taken out is dealt with; `join` waits for it.
   *
   * @throws {RangeError} when it is called more often than items were put
   */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new RangeError("Cannot call taskDone: no item is unfinished, one call for each item is wanted");
    }
    touched?.(this);
    this.#unfinished--;
    if (this.#unfinished === 0) this.#joiners.resolveAll(undefined);
  }

  /**
   * Wait until each item that was put is dealt with, by `taskDone`.
   *
   * Suspends: unless none is unfinished.
   *
   * @returns a Future; fails with `TimeoutError` when the limit passes first
   * @throws {RangeError} when `timeoutMs` is negative or not finite
   */
  join({ timeoutMs }: WaitOptions = {}): Future<void> {
    checkTimeout(timeoutMs, "join a queue");
    touched?.(this);
    const waiter = new Waiter<void>(this.#words.done);
    if (this.#unfinished === 0) waiter._settle(RESOLVED, undefined);
    else this.#joiners.add(waiter, timeoutMs);
    return waiter;
  }

  /**
   * Take no more items. Those inside can still be got; then `get` fails and iteration ends.
   *
   * Who waits to put or to get is told at once. Twice is harmless.
   */
  close(): void {
    touched?.(this);
    this.#closed = true;
    for (let putter = this.#putters.first; putter !== undefined; putter = this.#putters.first) putter.close();
    for (let getter = this.#getters.first; getter !== undefined; getter = this.#getters.first) getter.close();
  }

  statistics(): {
    size: number;
    /** Waiting to put, to get, and for the end of what is unfinished. */
    putters: number;
    getters: number;
    joiners: number;
    /** Items that were put, and for which `taskDone` was not called. */
    unfinished: number;
    closed: boolean;
  } {
    return {
      size: this.size,
      putters: this.#putters.size,
      getters: this.#getters.size,
      joiners: this.#joiners.size,
      unfinished: this.#unfinished,
      closed: this.#closed,
    };
  }

  /** @internal The getter of `item` was cancelled before it could take it. */
  _takeBack(item: T): void {
    touched?.(this);
    const getter = this.#getters.first;
    if (getter === undefined) this.#returned.push(item);
    else getter.receive(item);
  }

  #hasPlaceFor(size: number): boolean {
    return this.maxSize === 0 || size < this.maxSize;
  }

  /** Give `item` to who waits for it, or keep it; `false` when it is full. */
  #accept(item: T): boolean {
    touched?.(this);
    const getter = this.#getters.first;
    if (getter !== undefined) getter.receive(item);
    else if (this.isFull()) return false;
    else this.#store.push(item);
    this.#unfinished++;
    return true;
  }

  #serve<G extends Getter<T, unknown>>(getter: G, timeoutMs: number | undefined): G {
    if (!this.isEmpty()) getter.receive(this.#take());
    else if (this.#closed) getter.close();
    else this.#getters.add(getter, timeoutMs);
    return getter;
  }

  #take(): T {
    // One comes in for the one that leaves, and before it leaves: where order is by priority it may be that one.
    for (let putter = this.#putters.first; putter !== undefined; putter = this.#putters.first) {
      if (!this.#hasPlaceFor(this.size - 1)) break;
      this.#admit(putter);
    }
    return this.#returned.size > 0 ? this.#returned.take() : this.#store.take();
  }

  #admit(putter: Putter<T>): void {
    try {
      this.#store.push(putter.item);
    } catch (error) {
      // Its item cannot be compared: that is its affair, not that of who gets.
      putter._settle(FAILED, error);
      return;
    }
    this.#unfinished++;
    putter._settle(RESOLVED, undefined);
  }
}

export interface PriorityQueueOptions<T> extends QueueOptions {
  /** Which of two items leaves first; as for `Array.sort`, so that `(a, b) => a - b` lets the smallest leave first. */
  readonly compare: Compare<T>;
}

/**
 * A queue whose items leave by their priority; equals in the order in which they came.
 *
 * What `compare` throws is thrown by the put or get that needed it; no item is lost by it.
 *
 * Source: Tornado `queues.PriorityQueue`. Differs: a comparer, and equals are never compared further.
 */
export class PriorityQueue<T> extends Queue<T> {
  constructor(options: PriorityQueueOptions<T>) {
    super(options, new PriorityStore(options.compare));
  }
}

/**
 * A queue whose items leave last in, first out.
 *
 * Source: Tornado `queues.LifoQueue`.
 */
export class LifoQueue<T> extends Queue<T> {
  constructor(options: QueueOptions = {}) {
    super(options, new LifoStore<T>());
  }
}

const OPTIONS: readonly string[] = ["maxSize", "name", "compare"];

function checkOptions(options: QueueOptions): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot make a queue: there is no option "${unknown}", maxSize and name are (and compare, by priority)`,
    );
  }
}

function checkMaxSize(maxSize: number | undefined): number {
  if (typeof maxSize !== "number") {
    throw new TypeError(`Cannot make a queue: maxSize is ${describe(maxSize)}, a number of items is wanted`);
  }
  if (!(maxSize >= 0)) {
    throw new RangeError(`Cannot make a queue: maxSize is ${maxSize}, a number >= 0 is wanted`);
  }
  return maxSize;
}
