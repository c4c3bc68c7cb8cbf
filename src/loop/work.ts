/**
 * How a function that a loop was given becomes a Future.
 *
 * Generators are coroutines only to the layer above; it puts its own way here
 * when it is loaded, as imports point downwards only.
 */
import { Future, fromThenable, isThenable } from "../future/index.ts";
import type { IOLoop } from "./ioloop.ts";

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

/** Ends the work of a loop that is being closed; must not throw. */
export type WorkEnder = (loop: IOLoop) => void;

let starter: WorkStarter = startPlain;
let outside: OutsideRunner = (fn) => fn();
let ender: WorkEnder = () => {};
let onDry: (loop: IOLoop) => void = () => {};

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

/** For the coroutine layer, once. */
export function setWorkEnder(end: WorkEnder): void {
  ender = end;
}

/** `loop` is being closed: end what still runs on it. */
export function endWork(loop: IOLoop): void {
  ender(loop);
}

/** For the coroutine layer, once: `report` is told of a loop on which nothing can ever happen again. */
export function setDryReporter(report: (loop: IOLoop) => void): void {
  onDry = report;
}

/** Nothing can ever happen on `loop` again by itself: say so if work is left that waits. */
export function reportDry(loop: IOLoop): void {
  onDry(loop);
}
