/**
 * How a function that a loop was given becomes a Future.
 *
 * Generators are coroutines only to the layer above; it puts its own way here
 * when it is loaded, as imports point downwards only.
 */
import { type ContextState, captureContexts, NullContext } from "../context/index.ts";
import { Future, fromThenable, isThenable } from "../future/index.ts";
import { type Outlet, quotedName } from "./outlet.ts";
import type { LoopFunction } from "./timers.ts";

/** For what is done on nobody's behalf. */
export const NO_CONTEXTS: ContextState = new NullContext().run(captureContexts);

/** Starts `fn` and gives the Future of its result; never throws. */
export type WorkStarter = (fn: () => unknown) => Future<unknown>;

function startPlain(fn: () => unknown): Future<unknown> {
  const future = new Future<unknown>();
  try {
    const result = fn();
    if (result instanceof Future) return result;
    if (isThenable(result)) return fromThenable(result);
    future.setResult(result);
  } catch (error) {
    future.setError(error);
  }
  return future;
}

/** Runs `fn` as code that no coroutine has called. */
export type OutsideRunner = (fn: () => void) => void;

let starter: WorkStarter = startPlain;
let outside: OutsideRunner = (fn) => fn();

/** For the coroutine layer, once. */
export function setWorkStarter(start: WorkStarter, runOutside: OutsideRunner): void {
  starter = start;
  outside = runOutside;
}

/** Start `fn`: plain, async or a generator function. */
export function startWork(fn: () => unknown): Future<unknown> {
  return starter(fn);
}

/** Run a loop inside whatever runs now: its coroutines are not those of the one on the stack. */
export function runOutside(fn: () => void): void {
  outside(fn);
}

/** Where callbacks of a loop are queued. */
export interface CallbackQueue {
  enqueue(fn: LoopFunction, args: unknown[], contexts: ContextState): void;
}

/** A failure of what a callback returned is one of the callback. @throws {TypeError} when nothing runs what it returned */
export function watchResult(
  queue: CallbackQueue,
  outlet: Outlet,
  result: unknown,
  callback: LoopFunction,
): void {
  if (result instanceof Future) {
    result._listen({
      settled: (source) => {
        const error = source.error();
        // In a callback of its own, because user code must not run inside the call that settles.
        if (error !== undefined && !source.cancelled())
          queue.enqueue(() => outlet.callbackError(error, callback), [], NO_CONTEXTS);
      },
    });
  } else if (isThenable(result)) {
    result.then(undefined, (error: unknown) => outlet.callbackError(error, callback));
  } else if (Object.prototype.toString.call(result) === "[object Generator]") {
    throw new TypeError(
      `Cannot use what callback${quotedName(callback)} returned: a generator, which nothing runs (was coroutine() or spawnCallback() forgotten?)`,
    );
  }
}
