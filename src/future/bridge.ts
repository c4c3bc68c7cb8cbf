/**
 * The one way in for Promises and other thenables.
 *
 * A promise calls back in a microtask of its own; the Future made here is
 * settled in it, and who waits for the Future goes on from the ready queue.
 */
import { FAILED, Future, PENDING, RESOLVED } from "./future.ts";
import { currentReadyQueue, enterReadyQueue, type ReadyQueue } from "./ready.ts";

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
  const future = new ThenableFuture<T>();
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
  const future = new PromiseFuture<T>();
  promise.then(
    (value) => settleInTurn(future, RESOLVED, value),
    (error: unknown) => settleInTurn(future, FAILED, error),
  );
  return future;
}

/** The outcome of what has a `then` of its own. */
class ThenableFuture<T> extends Future<T> {
  override _describe(): string {
    return "a thenable";
  }
}

/** The outcome of one of JavaScript's own promises. */
export class PromiseFuture<T> extends Future<T> {
  /** @internal */ readonly _ready: ReadyQueue = currentReadyQueue();

  override _describe(): string {
    return "a promise";
  }
}

/**
 * Promises call back once, from a microtask with nothing below it: so what waits may go on right there, in a
 * turn of the ready queue, instead of one microtask later.
 */
function settleInTurn(future: PromiseFuture<unknown>, state: number, value: unknown): void {
  if (future._state !== PENDING) return;
  const { _ready: ready } = future;
  if (ready.beginTurn()) {
    future._settle(state, value);
    ready.endTurn();
    return;
  }
  // Of another loop's affairs nothing may be logged to the process's own.
  const before = enterReadyQueue(ready);
  future._settle(state, value);
  enterReadyQueue(before);
}
