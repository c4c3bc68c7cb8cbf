/** What the tests of cancelling share. */
import { CancelledError } from "../../../src/base/index.ts";
import type { Future } from "../../../src/future/index.ts";
import { type Coroutine, coroutine, sleep } from "../../../src/gen/index.ts";
import { errorOf } from "../outcomes.ts";

/** The cancel that `work` ends with. @throws {Error} when it ends otherwise */
export function* cancelOf(work: Future<unknown>): Generator<unknown, CancelledError> {
  const error = yield* errorOf(work);
  if (error instanceof CancelledError && work.cancelled()) return error;
  throw new Error(`Cannot give the cancel: it ended with ${error}, a CancelledError is wanted`);
}

/** The messages of what clean-ups threw beside `error`. */
export function messagesBeside(error: CancelledError): string[] {
  return error.suppressed.map((each) => (each as Error).message);
}

/** Works for `workMs`; when that is cut, cleans up for `cleanUpMs`. Notes `name` and how it went. */
export const worker: (
  events: unknown[],
  name: string,
  workMs?: number,
  cleanUpMs?: number,
) => Coroutine<string> = coroutine(function* worker(
  events: unknown[],
  name: string,
  workMs = 1000,
  cleanUpMs = 0,
) {
  try {
    yield* sleep(workMs);
    events.push(`${name} done`);
    return name;
  } finally {
    events.push(`${name} cleans up`);
    if (cleanUpMs > 0) yield* sleep(cleanUpMs);
    events.push(`${name} over`);
  }
});
