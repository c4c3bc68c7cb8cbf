/** Waiting for something that has to be given back, such as an open file. */
import type { CoroutineGenerator, Future } from "gyre";

/**
 * Wait for what `opening` brings.
 *
 * When the wait is cancelled, what it brings all the same is nobody's: it is given to `dispose`.
 */
export function* acquire<T>(
  opening: Future<T>,
  dispose: (late: T) => Future<unknown>,
): CoroutineGenerator<T> {
  try {
    return yield* opening;
  } catch (error) {
    if (!opening.done()) {
      opening.addDoneCallback((late) => {
        if (late.error() === undefined) dispose(late.result());
      });
    } else if (opening.error() === undefined) {
      // A cancel may come between the end of the opening and our turn.
      yield* dispose(opening.result());
    }
    throw error;
  }
}
