/** Doing it again when it failed. */
import { CancelledError, checkDurationMs, checkFunction, suppress } from "../base/index.ts";
import { IOLoop } from "../loop/index.ts";
import { type Coroutine, startCoroutine } from "./coroutine.ts";
import { coroutine } from "./decorators.ts";
import { sleep, withTimeout } from "./time.ts";
import type { CoroutineGenerator, ResultOf } from "./types.ts";

/** Earlier errors that the last one carries at most; attempts may go on for ever. */
const KEPT_ERRORS = 20;

export interface RetryOptions {
  /** Calls at most, the first one included; `Infinity` is allowed. Default 3. */
  readonly attempts?: number;
  /** The wait before the second attempt, in milliseconds. Default 100. */
  readonly delayMs?: number;
  /** What each further wait is multiplied by; >= 1. Default 2. */
  readonly factor?: number;
  /** The longest wait, in milliseconds, before jitter. Default 30,000. */
  readonly maxDelayMs?: number;
  /** How far each wait may be off, as a fraction of it: 0.1 spreads it over 10 %. Default 0. */
  readonly jitter?: number;
  /** Gives the numbers in [0, 1) that jitter draws; the loop's own (`IOLoop#random`) if absent. */
  readonly random?: () => number;
  /** Is this error worth another attempt? Default: every one. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
  /** Told before each wait: the error, the attempt that failed, from 1, and the wait to come in milliseconds. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** A limit in milliseconds for each attempt, which is then cancelled and counts as failed. Default: none. */
  readonly timeoutMs?: number;
}

/**
 * Call `fn(attempt)` until it succeeds: `const page = yield* retry(() => load(url), { attempts: 5 })`.
 *
 * `fn` may be a generator, async or plain function, or one that returns a Future; `attempt` counts from 1.
 * Between two attempts it waits `delayMs * factor ** n`, at most `maxDelayMs`, shifted by jitter. A cancel
 * stops the attempt or the wait. A `CancelledError` is never a reason for another attempt: somebody wanted it
 * to stop. A limit for all attempts together: `withTimeout(limitMs, retry(fn))`.
 *
 * Suspends: unless the first attempt ends without a wait.
 *
 * @throws the last error, at the yield; the earlier ones, 20 at most, are on its `suppressed` if it is an Error
 * @throws {TypeError} when `fn` is no function
 * @throws {RangeError} for options out of their range
 */
export function retry<T>(
  fn: (attempt: number) => CoroutineGenerator<T>,
  options?: RetryOptions,
): Coroutine<Awaited<T>>;
export function retry<R>(fn: (attempt: number) => R, options?: RetryOptions): Coroutine<ResultOf<R>>;
export function retry(fn: (attempt: number) => unknown, options: RetryOptions = {}): Coroutine<unknown> {
  checkFunction(fn, "retry");
  checkOptions(options);
  return runRetry(fn, options);
}

const runRetry = coroutine(function* retry(
  fn: (attempt: number) => unknown,
  options: RetryOptions,
): Generator<unknown, unknown, unknown> {
  const { attempts = 3, timeoutMs, retryIf = () => true, onRetry } = options;
  const errors: unknown[] = [];
  for (let attempt = 1; ; attempt++) {
    let failure: unknown;
    try {
      const work = startCoroutine(fn, undefined, [attempt]);
      return yield timeoutMs === undefined ? work : withTimeout(timeoutMs, work);
    } catch (error) {
      failure = error;
    }
    if (failure instanceof CancelledError) throw failure;
    if (attempt >= attempts || !retryIf(failure, attempt)) throw withEarlier(failure, errors);
    errors.push(failure);
    if (errors.length > KEPT_ERRORS) errors.shift();
    const delayMs = delayAfter(attempt, options);
    onRetry?.(failure, attempt, delayMs);
    yield* sleep(delayMs);
  }
});

function delayAfter(attempt: number, options: RetryOptions): number {
  const { delayMs = 100, factor = 2, maxDelayMs = 30_000, jitter = 0 } = options;
  // An infinite power times a delay of 0 is no number.
  const plainMs = delayMs === 0 ? 0 : Math.min(delayMs * factor ** (attempt - 1), maxDelayMs);
  if (jitter === 0) return plainMs;
  const drawn = options.random === undefined ? IOLoop.current().random() : options.random();
  return plainMs * (1 + jitter * (drawn - 0.5));
}

/** The last error, which carries the others; an error that was thrown again and again carries itself not. */
function withEarlier(last: unknown, earlier: readonly unknown[]): unknown {
  for (const error of new Set(earlier)) if (error !== last) suppress(last, error);
  return last;
}

function checkOptions(options: RetryOptions): void {
  const { attempts = 3, factor = 2, jitter = 0 } = options;
  if (!(attempts >= 1 && (Number.isInteger(attempts) || attempts === Number.POSITIVE_INFINITY)))
    throw new RangeError(`Cannot retry: attempts is ${attempts}, an integer >= 1 or Infinity is wanted`);
  if (!(factor >= 1 && Number.isFinite(factor)))
    throw new RangeError(`Cannot retry: factor is ${factor}, a finite number >= 1 is wanted`);
  if (!(jitter >= 0 && jitter <= 1))
    throw new RangeError(`Cannot retry: jitter is ${jitter}, a fraction from 0 to 1 is wanted`);
  checkDurationMs(options.delayMs ?? 0, "retry");
  checkDurationMs(options.maxDelayMs ?? 0, "retry");
  if (options.timeoutMs !== undefined) checkDurationMs(options.timeoutMs, "limit each attempt");
}
