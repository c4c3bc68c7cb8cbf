/**
 * A value that will be there later: settled once, read by anybody.
 *
 * Two kinds of reader stand behind one mechanism. A `Listener` is told inside
 * the settling call and only counts, forwards, or puts something into a ready
 * queue; everything a user wrote (done callbacks, coroutines, `then`) runs from
 * the ready queue, never inside `setResult`.
 *
 * Source: Tornado `concurrent.Future`, asyncio `Future`.
 */
import {
  type CancelledError,
  describe,
  InvalidStateError,
  suppressedBy,
  toCancelledError,
} from "../base/index.ts";
import { type ContextState, captureContexts, isWrapped, runInContexts } from "../context/index.ts";
import { ManyListeners } from "./listeners.ts";
import { currentReadyQueue, type Ready } from "./ready.ts";
import { expectFailure, forgetFailure, rememberFailure } from "./unheard.ts";

/** Where a Future is in its life; it leaves PENDING once and for good. */
export const PENDING = 0;
export const RESOLVED = 1;
export const FAILED = 2;
export const CANCELLED = 3;

/** Told inside the settling call. Must be short, must not throw, must not run user code. */
export interface Listener {
  settled(source: Future<unknown>): void;
  /**
   * For a combinator, which waits on behalf of others: does anybody wait for it? A Future says: whoever waits
   * for that one. Absent for all who wait themselves.
   */
  isWaitedFor?(): boolean | Future<unknown>;
}

const NONE: readonly Future<unknown>[] = [];
/** Listeners that an array is searched for one that leaves, at most: most never leave, so an array is made first. */
const MOST_SEARCHED = 64;

/** What happens to an error that a done callback throws; the loop logs it. */
let onCallbackError: (error: unknown, callback: unknown) => void = (error) => {
  throw error;
};

/** Tell this layer where errors of done callbacks go. For the loop, once. */
export function setCallbackErrorHandler(handler: (error: unknown, callback: unknown) => void): void {
  onCallbackError = handler;
}

/**
 * A value that will be there later.
 *
 * `await future` works everywhere, `yield* future` in a coroutine is typed `T`,
 * and `yield future` is Tornado's untyped form of the same.
 */
export class Future<T> implements PromiseLike<T> {
  /** @internal */ _state: number = PENDING;
  /** @internal The result, or what it failed with. */ _value: unknown = undefined;
  /** @internal One listener, or several: most Futures have one. */ _listeners:
    | Listener
    | Listener[]
    | ManyListeners<Future<unknown>, Listener>
    | undefined = undefined;
  /** @internal Has somebody received the result, or taken charge of the failure? */ _taken: boolean = false;

  /** Settled, in whichever way? */
  done(): boolean {
    if (this._state === PENDING) this._wake();
    return this._state !== PENDING;
  }

  /** Settled by a cancel? */
  cancelled(): boolean {
    if (this._state === PENDING) this._wake();
    return this._state === CANCELLED;
  }

  /**
   * The result.
   *
   * @throws what the Future failed with; `CancelledError` when it was cancelled
   * @throws {InvalidStateError} while it is pending
   */
  result(): T {
    if (this._state === PENDING) this._wake();
    if (this._state === RESOLVED) {
      this._taken = true;
      return this._value as T;
    }
    if (this._state === PENDING) {
      throw new InvalidStateError(
        "Cannot read the result of a Future: it is pending, a settled one is wanted",
      );
    }
    this._take();
    throw this._value;
  }

  /**
   * What the Future failed with (a `CancelledError` when cancelled), or `undefined` when it has a result.
   *
   * Reading it takes charge of the failure: it is then no lost error.
   *
   * @throws {InvalidStateError} while it is pending
   */
  error(): unknown {
    if (this._state === PENDING) this._wake();
    if (this._state === PENDING) {
      throw new InvalidStateError(
        "Cannot read the error of a Future: it is pending, a settled one is wanted",
      );
    }
    if (this._state === RESOLVED) return undefined;
    this._take();
    return this._value;
  }

  /** @throws {InvalidStateError} when it is settled already; the first value is kept */
  setResult(value: T): void {
    if (this._state !== PENDING) throw settledAlready(this, "set the result of");
    this._settle(RESOLVED, value);
  }

  /** @throws {InvalidStateError} when it is settled already; the first value is kept */
  setError(error: unknown): void {
    if (this._state !== PENDING) throw settledAlready(this, "set the error of");
    this._settle(FAILED, error);
  }

  /** As `setResult`, but does nothing when the Future was cancelled meanwhile. */
  setResultUnlessCancelled(value: T): void {
    if (this._state !== CANCELLED) this.setResult(value);
  }

  /** As `setError`; when the Future was cancelled meanwhile, the error is logged, because nobody is left to receive it. */
  setErrorUnlessCancelled(error: unknown): void {
    if (this._state === CANCELLED) onCallbackError(error, undefined);
    else this.setError(error);
  }

  /**
   * Settle as cancelled; whoever waits gets a `CancelledError` with `reason`.
   *
   * @returns whether it was pending, so that the cancel took effect
   */
  cancel(reason?: unknown): boolean {
    if (this._state !== PENDING) return false;
    this._settle(CANCELLED, toCancelledError(reason));
    return true;
  }

  /**
   * Call `callback(this)` once settled, from the ready queue: never inside this
   * call, nor inside the one that settles. Order is that of registration.
   *
   * The callback runs in the stack contexts in force now. What it throws is
   * logged and hinders nobody else. It does not take charge of a failure.
   */
  addDoneCallback(callback: (future: this) => void): void {
    this._listen(new DoneCallback(callback as (future: Future<unknown>) => void));
  }

  /**
   * For `await` and promise chains.
   *
   * Takes charge of a failure: from here on the promise's own rules hold.
   */
  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable by design
  then<R = T, E = never>(
    onResult?: ((value: T) => R | PromiseLike<R>) | null,
    onError?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return new Promise<T>((resolve, reject) => {
      this._listen(new PromiseSettler(resolve as (value: unknown) => void, reject));
    }).then(onResult, onError);
  }

  /** The typed form of waiting: `const value = yield* future`. */
  [Symbol.iterator](): Iterator<Future<T>, T, unknown> {
    return this._state === RESOLVED ? handOver(this) : new FutureIterator(this);
  }

  /** @internal Tell `listener` when settled; at once when it is. */
  _listen(listener: Listener): void {
    if (this._state !== PENDING) {
      listener.settled(this);
      return;
    }
    const listeners = this._listeners;
    if (listeners === undefined) this._listeners = listener;
    else if (Array.isArray(listeners)) listeners.push(listener);
    else if (listeners instanceof ManyListeners) listeners.add(listener);
    else this._listeners = [listeners, listener];
  }

  /** @internal Forget `listener`, whose waiter was cancelled: a failure that comes afterwards is missed by nobody. */
  _unlisten(listener: Listener): void {
    this._drop(listener);
    if (this._listeners === undefined) expectFailure(this);
  }

  /** @internal Forget `listener`, which has stopped waiting. */
  _drop(listener: Listener): void {
    const listeners = this._listeners;
    if (listeners === listener) this._listeners = undefined;
    else if (Array.isArray(listeners)) {
      if (listeners.length > MOST_SEARCHED) this._listeners = new ManyListeners(listeners).delete(listener);
      else {
        const at = listeners.indexOf(listener);
        if (at >= 0) listeners.splice(at, 1);
        if (listeners.length === 0) this._listeners = undefined;
      }
    } else if (listeners instanceof ManyListeners) {
      listeners.delete(listener);
      if (listeners.size === 0) this._listeners = undefined;
    }
    if (this._listeners === undefined && this._state === PENDING) this._rest();
  }

  /** @internal The last listener has left: for a combinator, to let go of what it listens to itself. */
  _rest(): void {}

  /** @internal Somebody wants to know about it: for a combinator that rests, to catch up. */
  _wake(): void {}

  /** @internal Does anybody wait? A combinator that nobody waits for does not count. */
  _isAwaited(): boolean {
    if (this._listeners === undefined) return false;
    // A list of what is left, no recursion: combinators of combinators may be many.
    const left: Future<unknown>[] = [this];
    for (let future = left.pop(); future !== undefined; future = left.pop()) {
      for (const listener of listenersOf(future)) {
        const waits = listener.isWaitedFor === undefined || listener.isWaitedFor();
        if (waits === true) return true;
        if (waits !== false) left.push(waits);
      }
    }
    return false;
  }

  /** @internal Do several wait? */
  _isShared(): boolean {
    return listenersOf(this).length > 1;
  }

  /** @internal What this waits for itself, and cannot settle without. */
  _awaits(): readonly Future<unknown>[] {
    return NONE;
  }

  /** @internal The Future whose outcome this one will have, if there is such: else this one itself. */
  _origin(): Future<unknown> {
    return this;
  }

  /** @internal Nobody will wait for it, and that is meant. */
  _detach(): void {}

  /**
   * @internal What it is, for whoever reads on what a coroutine waits.
   *
   * @param _isNow - told of this moment, and not of the whole wait: also who holds it now
   */
  _describe(_isNow?: boolean): string {
    return "a Future";
  }

  /** @internal Somebody takes charge of the failure: it is then no lost error. */
  _take(): void {
    this._taken = true;
    forgetFailure(this);
  }

  /** @internal It has failed, and so far nobody has taken charge of that. */
  _unheard(): void {
    if (!this._taken) rememberFailure(this, this._value);
  }

  /**
   * @internal `owner`, which waited for this, is cancelled.
   *
   * What belongs to the owner stops too, whoever else waits for it; what does not is left alone.
   *
   * @returns whether this is still pending and will settle soon, so that the owner goes on waiting for its clean-up
   */
  _cancelOwned(_owner: object, _reason: CancelledError): boolean {
    return false;
  }

  /**
   * @internal This has a result, but `owner`, which waited for it, was cancelled before it could receive it.
   *
   * A result that only one can have, such as a permit or an item, goes to the next one then,
   * if it belonged to the owner and nobody has received it (`_taken`).
   */
  _abandon(_owner: object): void {}

  /** @internal The one place where a Future is settled. */
  _settle(state: number, value: unknown): void {
    this._state = state;
    this._value = value;
    const listeners = this._listeners;
    if (listeners === undefined) {
      if (state === FAILED) this._unheard();
      return;
    }
    this._listeners = undefined;
    if (!Array.isArray(listeners)) listeners.settled(this);
    else for (let i = 0; i < listeners.length; i++) (listeners[i] as Listener).settled(this);
  }
}

function listenersOf({ _listeners: listeners }: Future<unknown>): readonly Listener[] {
  if (listeners === undefined) return [];
  if (Array.isArray(listeners)) return listeners;
  return listeners instanceof ManyListeners ? listeners.all() : [listeners];
}

// A function, not a private method: that would cost every Future a brand.
function settledAlready(future: Future<unknown>, action: string): InvalidStateError {
  const value = describe(future._value);
  const how =
    future._state === RESOLVED
      ? `it has the result ${value}`
      : future._state === FAILED
        ? `it failed with ${value}`
        : "it was cancelled";
  return new InvalidStateError(`Cannot ${action} a Future: ${how}, a pending one is wanted`);
}

/**
 * What `yield*` gets of a Future that has its result: the iterator and its one
 * result in one object. Not one for all: who drives two iterators side by side
 * reads each result when it likes.
 */
class Given<T> implements Iterator<never, T, unknown>, IteratorReturnResult<T> {
  readonly done = true as const;
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }

  next(): IteratorReturnResult<T> {
    return this;
  }
}

function handOver<T>(future: Future<T>): Iterator<never, T, unknown> {
  future._taken = true;
  return new Given(future._value as T);
}

/**
 * Without state of its own: what it does follows from the Future, so two
 * coroutines may wait by one iterator. `throw` is needed, or each failure that
 * is thrown in at `yield*` would turn into a TypeError.
 */
class FutureIterator<T> implements Iterator<Future<T>, T, unknown> {
  readonly future: Future<T>;

  constructor(future: Future<T>) {
    this.future = future;
  }

  next(): IteratorResult<Future<T>, T> {
    const future = this.future;
    if (future._state === PENDING) return { done: false, value: future };
    return { done: true, value: future.result() };
  }

  throw(error: unknown): IteratorResult<Future<T>, T> {
    throw error;
  }

  return(value?: unknown): IteratorResult<Future<T>, T> {
    return { done: true, value: value as T };
  }
}

/** A user's done callback: waits for the Future, then for its turn in the ready queue. */
class DoneCallback implements Listener, Ready {
  readonly #callback: (future: Future<unknown>) => void;
  readonly #contexts: ContextState = captureContexts();
  readonly #ready = currentReadyQueue();
  #source: Future<unknown> | undefined = undefined;

  constructor(callback: (future: Future<unknown>) => void) {
    this.#callback = callback;
  }

  settled(source: Future<unknown>): void {
    this.#source = source;
    this.#ready.push(this);
  }

  step(): void {
    const source = this.#source as Future<unknown>;
    try {
      if (isWrapped(this.#callback)) this.#callback(source);
      else runInContexts(this.#contexts, this.#callback, source);
    } catch (error) {
      onCallbackError(error, this.#callback);
    }
    if (!source._taken && isFailure(source)) source._unheard();
  }
}

/** Does it carry an error that somebody should see? A cancel does when a clean-up failed on its way. */
export function isFailure({ _state: state, _value: error }: Future<unknown>): boolean {
  return state === FAILED || (state === CANCELLED && suppressedBy(error).length > 0);
}

/** Hands a Future's outcome to a promise, whose reactions run in microtasks of their own. */
class PromiseSettler implements Listener {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  settled(source: Future<unknown>): void {
    if (source._state === RESOLVED) this.#resolve(source.result());
    else this.#reject(source.error());
  }
}
