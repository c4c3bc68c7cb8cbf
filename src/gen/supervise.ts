/** Work that is started again when it ends badly. */
import { CancelledError, checkDurationMs } from "../base/index.ts";
import { IOLoop } from "../loop/index.ts";
import { type Coroutine, startCoroutine } from "./coroutine.ts";
import { coroutine } from "./decorators.ts";
import { sleep } from "./time.ts";
import type { CoroutineGenerator } from "./types.ts";

export interface SuperviseOptions {
  /** Start it again when it ends without an error too? Default false: a good end is the end. */
  readonly restartAlways?: boolean;
  /** Restarts that are allowed within `withinMs`; one more failure is the supervisor's. Default 10. */
  readonly maxRestarts?: number;
  /** The stretch of time in which restarts are counted, in milliseconds. Default 60,000. */
  readonly withinMs?: number;
  /** The wait before the first restart, in milliseconds; each further one doubles it. Default 100. */
  readonly delayMs?: number;
  /** The longest wait before a restart, in milliseconds. Default 10,000. */
  readonly maxDelayMs?: number;
  /** Told of each failure, before the wait for the restart. */
  readonly onFailure?: (error: unknown, restarts: number) => void;
}

/**
 * Keep `fn` running: when it fails, it is started again, after a wait that
 * doubles each time. Work that ran for longer than `withinMs` begins anew with
 * the shortest wait. A cancel is passed on, and ends it.
 *
 * Suspends: until `fn` ends well, or fails too often.
 * Source: Erlang's supervisors, one for one.
 *
 * @returns the result of the run that ended well
 * @throws the error of the last run, when restarts are used up
 * @throws {RangeError} for negative or infinite durations and counts
 */
export function supervise<T>(
  fn: () => CoroutineGenerator<T> | Coroutine<T>,
  options: SuperviseOptions = {},
): Coroutine<Awaited<T>> {
  checkDurationMs(options.delayMs ?? 0, "supervise");
  checkDurationMs(options.maxDelayMs ?? 0, "supervise");
  checkDurationMs(options.withinMs ?? 0, "supervise");
  const { maxRestarts = 10 } = options;
  if (!(maxRestarts >= 0)) {
    throw new RangeError(`Cannot supervise: maxRestarts is ${maxRestarts}, a number >= 0 is wanted`);
  }
  return runSupervisor(fn, options) as Coroutine<Awaited<T>>;
}

const runSupervisor = coroutine(function* supervisor(
  fn: () => CoroutineGenerator<unknown> | Coroutine<unknown>,
  options: SuperviseOptions,
) {
  const {
    restartAlways = false,
    maxRestarts = 10,
    withinMs = 60_000,
    delayMs = 100,
    maxDelayMs = 10_000,
  } = options;
  const loop = IOLoop.current();
  let restartsAtMs: number[] = [];
  const countRecent = (): number => {
    restartsAtMs = restartsAtMs.filter((atMs) => loop.time() - atMs < withinMs);
    return restartsAtMs.length;
  };
  for (;;) {
    try {
      const result: unknown = yield startCoroutine(fn, undefined, []);
      if (!restartAlways) return result;
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      options.onFailure?.(error, restartsAtMs.length);
      if (countRecent() >= maxRestarts) throw error;
    }
    yield* sleep(Math.min(delayMs * 2 ** countRecent(), maxDelayMs));
    restartsAtMs.push(loop.time());
  }
});
