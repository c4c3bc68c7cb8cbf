/** Futures that are settled from the start, and the settling of those that somebody else has in hand. */
import { Future } from "../future/index.ts";

export function settledFuture(): Future<void> {
  const future = new Future<void>();
  future.setResult();
  return future;
}

/** Failed as by `failQuietly`. */
export function failedFuture(error: Error): Future<never> {
  const future = new Future<never>();
  failQuietly(future, error);
  return future;
}

/** Give `future` its result, if there is one that waits for it: whoever had it in hand may have cancelled it. */
export function settlePending<T>(future: Future<T> | undefined, value: T): void {
  if (future !== undefined && !future.done()) future.setResult(value);
}

/** As `settlePending`, with a failure. One that comes after a cancel is dropped. */
export function failPending(future: Future<unknown> | undefined, error: unknown): void {
  if (future !== undefined && !future.done()) future.setError(error);
}

/** As `failPending`, for what is news only to those who wait, such as a client that goes: it is no lost error. */
export function failQuietly(future: Future<unknown> | undefined, error: unknown): void {
  if (future === undefined || future.done()) return;
  future.setError(error);
  future.error();
}
