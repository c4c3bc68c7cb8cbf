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

/**
 * As above, for JavaScript's own promises, which are known to call back once, from a microtask with nothing below it.
 *
 * So what waits may go on right there: a turn of the ready queue is given, instead of asked for in one more microtask.
 */
function fromPromise<T>(promise: Promise<T>): Future<T> {
  const future = new Future<T>();
  const ready = currentReadyQueue();
  promise.then(
    (value) => settleInTurn(future, ready, RESOLVED, value),
    (error: unknown) => settleInTurn(future, ready, FAILED, error),
  );
  return future;
}

function settleInTurn(future: Future<unknown>, ready: ReadyQueue, state: number, value: unknown): void {
  if (future._state !== PENDING) return;
  const begun = ready.beginTurn();
  future._settle(state, value);
  if (begun) ready.endTurn();
}
