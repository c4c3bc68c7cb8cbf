/** AbortSignals, both ways: of the running coroutine for others, and of others for a coroutine. */
import { type CancelledError, describe, toCancelledError } from "../base/index.ts";
import { FAILED, Future, type Listener } from "../future/index.ts";
import { requireCoroutine } from "./defer.ts";
import { extrasOf } from "./extras.ts";

/**
 * An AbortSignal that is aborted when the running coroutine is cancelled, for APIs that take one:
 * `yield fetch(url, { signal: signal() })`.
 *
 * Made when first asked for; the same one for the whole coroutine. Its reason is the `CancelledError`. It is
 * aborted inside the `cancel()` call, before the coroutine is told, and stays aborted in its clean-up, where
 * what still needs a signal takes another one. An end without a cancel does not abort it: work that was
 * handed on may be still in use.
 *
 * Never suspends. Source: Effection `useAbortSignal`. Differs: not aborted by an ordinary end.
 *
 * @throws {GyreError} `GYRE_NO_COROUTINE` outside of a coroutine
 */
export function signal(): AbortSignal {
  const running = requireCoroutine("make a signal");
  const extras = extrasOf(running);
  if (extras.controller === undefined) {
    extras.controller = new AbortController();
    if (running._cancel !== undefined) extras.controller.abort(running._cancel);
  }
  return extras.controller.signal;
}

/** Takes the listener off when the work has ended; it waits for nobody's result. */
class Unlistener implements Listener {
  readonly #off: () => void;

  constructor(off: () => void) {
    this.#off = off;
  }

  settled(source: Future<unknown>): void {
    this.#off();
    if (source._state === FAILED && !source._taken) source._unheard();
  }

  isWaitedFor(): boolean {
    return false;
  }
}

/**
 * Cancel `future` when `signal` is aborted, with the signal's reason; at once when it is aborted already.
 *
 * The listener is gone as soon as `future` is settled, so a signal that lives long keeps nothing.
 * It does not count as waiting for the work: an orphan is still reported.
 *
 * @returns the same future
 * @throws {TypeError} for anything that is not an AbortSignal or a Future
 */
export function cancelOn<F extends Future<unknown>>(signal: AbortSignal, future: F): F {
  checkSignal(signal, "cancel on a signal");
  if (!(future instanceof Future)) {
    throw new TypeError(`Cannot cancel on a signal: came ${describe(future)}, a Future is wanted`);
  }
  if (future.done()) return future;
  if (signal.aborted) {
    future.cancel(signal.reason);
    return future;
  }
  const onAbort = (): void => {
    future.cancel(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  future._listen(new Unlistener(() => signal.removeEventListener("abort", onAbort)));
  return future;
}

/** @throws {TypeError} for anything that is not an AbortSignal */
export function checkSignal(signal: AbortSignal, action: string): void {
  if (!(signal instanceof AbortSignal))
    throw new TypeError(`Cannot ${action}: came ${describe(signal)}, an AbortSignal is wanted`);
}

/** The error of work that is not begun, because `signal` is aborted already. */
export function abortedError(signal: AbortSignal): CancelledError {
  return toCancelledError(signal.reason);
}
