/** Guards for numbers that carry a unit; each names what came and what was wanted. */
import { describe } from "./errors.ts";

/**
 * A duration in milliseconds that may be waited for.
 *
 * @throws {TypeError} for anything that is not a number
 * @throws {RangeError} when `ms` is NaN, negative or infinite
 */
export function checkDurationMs(ms: number, action: string): number {
  if (typeof ms !== "number") {
    throw new TypeError(
      `Cannot ${action}: the duration is ${describe(ms)}, a number of milliseconds is wanted`,
    );
  }
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot ${action}: the duration is ${ms} ms, a finite number >= 0 is wanted`);
  }
  return ms;
}

/**
 * An instant on a loop's own clock, in milliseconds; the past is allowed.
 *
 * @throws {TypeError} for anything that is not a number
 * @throws {RangeError} when `atMs` is NaN or infinite
 */
export function checkInstantMs(atMs: number, action: string): number {
  if (typeof atMs !== "number") {
    throw new TypeError(
      `Cannot ${action}: the time is ${describe(atMs)}, a number of milliseconds is wanted`,
    );
  }
  if (!Number.isFinite(atMs))
    throw new RangeError(`Cannot ${action}: the time is ${atMs}, a finite number is wanted`);
  return atMs;
}

/**
 * A function, where one is needed.
 *
 * @throws {TypeError} for anything else
 */
export function checkFunction(value: unknown, action: string): void {
  if (typeof value !== "function")
    throw new TypeError(`Cannot ${action}: came ${describe(value)}, a function is wanted`);
}
