/** Futures that are settled from the start. */
import { Future } from "../future/index.ts";

export function settledFuture(): Future<void> {
  const future = new Future<void>();
  future.setResult();
  return future;
}

export function failedFuture(error: Error): Future<never> {
  const future = new Future<never>();
  future.setError(error);
  return future;
}
