/** Items that come one after the other, pulled by a coroutine: of iterables, async iterables and streams. */
import { type CancelledError, checkFunction, describe, InvalidStateError } from "../base/index.ts";
import { FAILED, Future, isThenable, type Listener, PENDING, RESOLVED } from "../future/index.ts";
import { convertYielded } from "./convert.ts";
import { type Coroutine, currentCoroutine, startCoroutine } from "./coroutine.ts";
import { coroutine } from "./decorators.ts";
import { defer } from "./defer.ts";
import { type EachSource, type Origin, originOf } from "./origins.ts";
import type { CoroutineGenerator } from "./types.ts";

/** The next item, or the end. */
export type EachResult<T> = IteratorResult<T, undefined>;

const END: EachResult<never> = { done: true, value: undefined };

/** One pull on its way. */
class Pull<T> extends Future<EachResult<T>> implements Listener {
  readonly #items: Items<T>;
  #source: Future<unknown> | undefined = undefined;
  /** The item itself is waited for: it came from a plain iterable. */
  #waitsForItem = false;
  /** A cancel was handed on to the source. */
  #cancelled = false;

  constructor(items: Items<T>) {
    super();
    this.#items = items;
  }

  override _awaits(): readonly Future<unknown>[] {
    return this.#source === undefined ? [] : [this.#source];
  }

  override _describe(): string {
    return "the next item";
  }

  /** Go on with what the origin gave. */
  follow(pulled: unknown): void {
    if (!isThenable(pulled)) {
      this.#arrived(pulled as IteratorResult<unknown>);
      return;
    }
    this.#source = convertYielded(pulled, undefined);
    this.#source._listen(this);
  }

  fail(error: unknown): void {
    // An iterator that fails has ended; not so one that was stopped, or that gives a promise that fails.
    if (!this.#waitsForItem && !this.#cancelled) this.#items._end();
    this._settle(FAILED, error);
  }

  settled(source: Future<unknown>): void {
    if (this._state !== PENDING) return;
    if (source._state !== RESOLVED) this.fail(source.error());
    else if (this.#waitsForItem) this._settle(RESOLVED, { done: false, value: source._value });
    else this.#arrived(source._value as IteratorResult<unknown>);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    this.#cancelled = true;
    return this.#source?._cancelOwned(owner, reason) ?? false;
  }

  override _abandon(owner: object): void {
    if (this._taken) return;
    this._taken = true;
    const source = this.#source;
    if (source !== undefined && !source._taken) {
      source._abandon(owner);
      // A queue has it back, and may give it to somebody else.
      if (source._taken) return;
    }
    this.#items._putBack(this._value as EachResult<T>);
  }

  #arrived(result: IteratorResult<unknown>): void {
    if (typeof result !== "object" || result === null) {
      this.fail(
        new TypeError(
          `Cannot pull the next item: the iterator gave ${describe(result)}, an object is wanted`,
        ),
      );
    } else if (result.done === true) {
      this.#items._end();
      this._settle(RESOLVED, END);
    } else if (isThenable(result.value)) {
      this.#waitsForItem = true;
      this.follow(result.value);
    } else this._settle(RESOLVED, { done: false, value: result.value });
  }
}

/** The items of one source, pulled one at a time. Made by `each`. */
export class Items<T> {
  readonly #origin: Origin;
  #pull: Pull<T> | undefined = undefined;
  #back: EachResult<T> | undefined = undefined;
  #over = false;
  #closed: Future<unknown> | undefined = undefined;
  #forget: (() => void) | undefined = undefined;

  /** @internal */
  constructor(origin: Origin) {
    this.#origin = origin;
    if (currentCoroutine() !== undefined) this.#forget = defer(() => this.close());
  }

  /**
   * The next item as `{ done: false, value }`; at the end, and ever after, `{ done: true }`.
   *
   * An item whose waiter was cancelled, or stopped waiting in a race, is not lost: the next call gives it.
   * What the source throws is thrown at the yield.
   *
   * Suspends: unless the source has the item at hand.
   *
   * @throws {InvalidStateError} while somebody waits for the item before
   */
  next(): Future<EachResult<T>> {
    const before = this.#pull;
    const pull = new Pull<T>(this);
    if (this.#back !== undefined || this.#over) {
      pull._settle(RESOLVED, this.#back ?? END);
      this.#back = undefined;
    } else if (before?._state !== PENDING) {
      this.#pull = pull;
      try {
        pull.follow(this.#origin.pull());
      } catch (error) {
        pull.fail(error);
      }
    } else if (before._isAwaited()) {
      throw new InvalidStateError(
        "Cannot pull the next item: somebody waits for the one before, one at a time is wanted",
      );
    } else return before;
    return pull;
  }

  /**
   * No more items are wanted: calls the iterator's `return()`, destroys a stream, and waits for that.
   *
   * The coroutine that called `each` does this at its end, however it ends. After the end of the items, and a
   * second time, nothing is left to do. A generator in the midst of an item is told, and not waited for.
   */
  close(): Future<unknown> {
    if (this.#closed !== undefined) return this.#closed;
    const stop = (): unknown => {
      if (this.#over) return undefined;
      this._end();
      const pull = this.#pull;
      if (pull?._state !== PENDING) return this.#origin.stop(false);
      // Whoever waits for an item sees the end.
      pull._settle(RESOLVED, END);
      return this.#origin.stop(true);
    };
    this.#closed = startCoroutine(stop, undefined, []);
    return this.#closed;
  }

  /** @internal Nothing comes any more, and nothing has to be closed. */
  _end(): void {
    this.#over = true;
    this.#forget?.();
    this.#forget = undefined;
  }

  /** @internal Nobody has received `result`. */
  _putBack(result: EachResult<T>): void {
    this.#back = result;
  }
}

/**
 * The items of an iterable, an async iterable or a stream, for a loop in a coroutine:
 *
 *     const lines = each(stream);
 *     for (let line = yield* lines.next(); !line.done; line = yield* lines.next()) use(line.value);
 *
 * Pulled one at a time, each when it is asked for. Promises and Futures that a plain iterable gives are waited
 * for, as by `for await`. However the running coroutine ends, the source is closed then, and that is waited
 * for; to close it earlier, `yield* lines.close()`, or use `forEach`.
 *
 * Never suspends itself.
 *
 * @throws {TypeError} when `source` gives no items, or is a web stream that somebody reads already
 */
export function each<T>(source: EachSource<T>): Items<Awaited<T>> {
  return new Items(originOf(source));
}

/**
 * Run `fn(item, index)` for one item after the other: `yield* forEach(stream, function* (chunk) { ... })`.
 *
 * `fn` may be a generator, async or plain function; the next item is pulled when it has ended. One that
 * gives `false` ends the loop. However that ends, by the last item, by `false`, by an error of `fn` or of the
 * source, or by a cancel, the source is closed before this settles.
 *
 * Suspends: unless all items are at hand and `fn` does not wait.
 *
 * @throws {TypeError} when `source` gives no items, or `fn` is no function
 */
export function forEach<T>(
  source: EachSource<T>,
  fn: (item: Awaited<T>, index: number) => CoroutineGenerator<unknown>,
): Coroutine<void>;
export function forEach<T>(
  source: EachSource<T>,
  fn: (item: Awaited<T>, index: number) => unknown,
): Coroutine<void>;
export function forEach(
  source: EachSource<unknown>,
  fn: (item: never, index: number) => unknown,
): Coroutine<void> {
  checkFunction(fn, "run for each item");
  return runForEach(originOf(source), fn as (item: unknown, index: number) => unknown);
}

const runForEach = coroutine(function* forEach(
  origin: Origin,
  fn: (item: unknown, index: number) => unknown,
): Generator<unknown, void, unknown> {
  const items = new Items(origin);
  for (let index = 0; ; index++) {
    const item = yield* items.next();
    if (item.done || (yield startCoroutine(fn, undefined, [item.value, index])) === false) return;
  }
});
