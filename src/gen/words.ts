/** What a coroutine waits for, in words: for reports, for those who look, and for recordings. */
import type { Future } from "../future/index.ts";

/**
 * What `source` is. Of one that cannot say it, as of thousands of limits around each other, no more than that it is.
 *
 * @param isNow - told of this moment, and not of the whole wait: also who holds it now
 */
export function inWords(source: Future<unknown>, isNow?: boolean): string {
  try {
    return source._describe(isNow);
  } catch {
    return "a Future";
  }
}
