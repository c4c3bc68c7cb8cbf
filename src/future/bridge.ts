/**
 * The one way in for Promises and other thenables.
 *
 * A promise calls back in a microtask of its own; the Future made here is
 * settled in it, and who waits for the Future goes on from the ready queue.
 */
import { FAILED, Future, PENDING, RESOLVED } from "./future.ts";
import { currentReadyQueue, type ReadyQueue } from "./ready.ts";

/** Does `value` have a `then` method, as promises do? */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/**
 * A Future with the outcome that `thenable` will have.
 *
 * A failure is the Future's from then on, never an unhandled rejection. A
 * `then` that throws fails the Future; one that calls back twice is heard once.
 */
export function fromThenable<T>(thenable: PromiseLike<T>): Future<T> {
  if (thenable instanceof Promise) return fromPromise(thenable as Promise<T>);
  const future = new Future<T>();
  try {
    thenable.then(
      (value) => {
        if (future._state === PENDING) future._settle(RESOLVED, value);
      },
      (error: unknown) => {
        if (future._state === PENDING) future._settle(FAILED, error);
      },
    );
  } catch (error) {
    if (future._state === PENDING) future._settle(FAILED, error);
  }
  return future;
}

function fromPromise<T>(promise: Promise<T>): Future<T> {
  const wait = new PromiseWait<T>();
  wait.listenTo(promise);
  return wait;
}

/**
 * The outcome of one of JavaScript's own promises. They are known to call back
 * once, from a microtask with nothing below it: so what waits may go on right
 * there, in a turn of the ready queue, instead of one microtask later.
 *
 * A coroutine keeps one for all promises that it yields, one after the other:
 * two functions and a Future less for each.
 */
export class PromiseWait<T> extends Future<T> {
  /** @internal */ readonly _ready: ReadyQueue = currentReadyQueue();
  /** @internal */ readonly _onValue: (value: T) => void = (value) => settleInTurn(this, RESOLVED, value);
  /** @internal */ readonly _onError: (error: unknown) => void = (error) => settleInTurn(this, FAILED, error);

  override _describe(): string {
    return "a promise";
  }

  /** Become pending, until `promise` is settled. Only for one that is new, or settled and known to nobody else. */
  listenTo(promise: Promise<T>): void {
    this._state = PENDING;
    this._value = undefined;
    this._taken = false;
    promise.then(this._onValue, this._onError);
  }
}

function settleInTurn<T>(wait: PromiseWait<T>, state: number, value: unknown): void {
  if (wait._state !== PENDING) return;
  const begun = wait._ready.beginTurn();
  wait._settle(state, value);
  if (begun) wait._ready.endTurn();
}
