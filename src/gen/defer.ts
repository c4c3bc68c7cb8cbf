/** Clean-up that is registered where it becomes necessary, and runs when the coroutine ends. */
import { checkFunction, GyreError } from "../base/index.ts";
import { type Coroutine, currentCoroutine } from "./coroutine.ts";
import { extrasOf } from "./extras.ts";

/** The running coroutine, for something that makes no sense without one. */
export function requireCoroutine(action: string): Coroutine<unknown> {
  const running = currentCoroutine();
  if (running !== undefined) return running;
  throw new GyreError("GYRE_NO_COROUTINE", `Cannot ${action}: no coroutine is running, one is wanted`);
}

/**
 * Run `fn` when the running coroutine ends, whichever way: it returns, fails or is cancelled.
 *
 * `fn` may be a plain, async or generator function, or one that returns a Future; what it gives is waited
 * for, and the coroutine is settled after that. Clean-ups run last in first out, one after the other, after
 * the body's own `finally` blocks, and all of them whatever the others do. A cancel does not cut them: one
 * that comes meanwhile takes effect when they are over. In a `finally` block it would cut: so what must be
 * completed, and waits, is registered here, or stands in `shield`.
 *
 * What clean-ups throw fails a coroutine that had succeeded; beside a failure or a cancel it is kept on
 * that error's `suppressed`. A `CancelledError` is no failure of a clean-up.
 *
 * Never suspends. Source: Go's `defer`, Python's `AsyncExitStack.push_async_callback`.
 *
 * @returns a function that takes it back, without running it
 * @throws {GyreError} `GYRE_NO_COROUTINE` outside of a coroutine
 * @throws {TypeError} when `fn` is no function
 */
export function defer(fn: () => unknown): () => void {
  checkFunction(fn, "defer a clean-up");
  const { cleanUps } = extrasOf(requireCoroutine("defer a clean-up"));
  const key = {};
  cleanUps.set(key, fn);
  return () => {
    cleanUps.delete(key);
  };
}
