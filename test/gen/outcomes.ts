/** Futures that have ended, and what others end with. */
import { Future } from "../../src/future/index.ts";
import { type Coroutine, coroutine, sleep } from "../../src/gen/index.ts";

/** What waiting for `source` throws; `undefined` when it throws nothing. */
export function* errorOf(source: unknown): Generator<unknown, unknown> {
  try {
    yield source;
  } catch (error) {
    return error;
  }
  return undefined;
}

export function settledWith<T>(value: T): Future<T> {
  const future = new Future<T>();
  future.setResult(value);
  return future;
}

export function failedWith(error: unknown): Future<never> {
  const future = new Future<never>();
  future.setError(error);
  return future;
}

/** Gives `outcome` after `ms`, or throws it, if it is an error. */
export const later: (ms: number, outcome: unknown) => Coroutine<unknown> = coroutine(function* later(
  ms: number,
  outcome: unknown,
) {
  yield sleep(ms);
  if (outcome instanceof Error) throw outcome;
  return outcome;
});
