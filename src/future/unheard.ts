/**
 * Failures of plain Futures that nobody has taken charge of.
 *
 * Coroutines have owners, who are asked at their end; a Future made by hand has
 * none. So its failure is remembered until somebody takes it, and reported when
 * its loop is closed. A Future that is collected before is reported then: that
 * comes when the engine likes, and is only the net below the others.
 *
 * Source: Tornado 4.5 `concurrent._TracebackLogger`.
 */
import { currentReadyQueue, enterReadyQueue, type ReadyQueue } from "./ready.ts";

/** Holds the error and not the Future, so that this does not keep it alive. */
interface Unheard {
  readonly error: unknown;
  readonly queue: ReadyQueue;
}

/** What happens to the failures; the coroutines' layer makes reports of them. */
let onLost: (error: unknown) => void = () => {};

/** Tell this layer where failures that nobody took go. For the layer of coroutines, once. */
export function setLostErrorHandler(handler: (error: unknown) => void): void {
  onLost = handler;
}

const known = new WeakMap<object, Unheard>();
const expected = new WeakSet<object>();
const unheard = new Set<Unheard>();
const collected = new FinalizationRegistry(report);

/** Should `future` fail, that is no lost error. */
export function expectFailure(future: object): void {
  expected.add(future);
}

/** `future` has failed with `error`, and nobody listens. Again for the same one changes nothing. */
export function rememberFailure(future: object, error: unknown): void {
  if (known.has(future) || expected.has(future)) return;
  const failure: Unheard = { error, queue: currentReadyQueue() };
  known.set(future, failure);
  unheard.add(failure);
  collected.register(future, failure, failure);
}

/** Somebody has taken charge of the failure of `future`. */
export function forgetFailure(future: object): void {
  const failure = known.get(future);
  if (failure === undefined) return;
  known.delete(future);
  unheard.delete(failure);
  collected.unregister(failure);
}

/** The loop of `queue` is over: report what nobody has taken. */
export function reportFailures(queue: ReadyQueue): void {
  for (const failure of unheard) if (failure.queue === queue) report(failure);
}

function report(failure: Unheard): void {
  // Reported at the close of its loop before it was collected, it is gone already.
  if (!unheard.delete(failure)) return;
  // It would be kept until the next turn of the process, and a simulation makes many loops in one.
  collected.unregister(failure);
  const before = enterReadyQueue(failure.queue);
  try {
    onLost(failure.error);
  } finally {
    enterReadyQueue(before);
  }
}
