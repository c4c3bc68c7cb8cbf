/** How long operations take: windows of virtual time, and distributions. */
import { checkDurationMs, describe } from "../base/index.ts";

/**
 * A number of milliseconds; anything between two bounds; or a distribution, cut into equally probable parts, of
 * which the search chooses one.
 */
export type Latency = number | { readonly minMs: number; readonly maxMs: number } | Distribution;

/** A distribution of durations, by `uniform`, `exponential` or `logNormal`. */
export class Distribution {
  readonly name: string;
  /** A duration in the midst of each part, the usual one first. */
  readonly partsMs: readonly number[];

  /** @param quantile - the duration that a share of `p` of all is below */
  constructor(name: string, quantile: (p: number) => number) {
    this.name = name;
    const shares = [0.5, ...SHARES];
    this.partsMs = shares.map((share) => checkDurationMs(quantile(share), `make the distribution "${name}"`));
  }
}

/** What is tried beside the middle: short ones, long ones, and one that hardly ever is. */
const SHARES = [0.02, 0.25, 0.75, 0.98, 0.999];

/** All durations between two bounds are equally probable. */
export function uniform(minMs: number, maxMs: number): Distribution {
  checkBounds(minMs, maxMs);
  return new Distribution(`uniform ${minMs} to ${maxMs} ms`, (p) => minMs + p * (maxMs - minMs));
}

/** Short ones are the most probable, long ones come; `meanMs` on average. */
export function exponential(meanMs: number): Distribution {
  checkDurationMs(meanMs, "make a distribution");
  return new Distribution(`exponential, ${meanMs} ms`, (p) => -meanMs * Math.log(1 - p));
}

/** As of most services: half are below `medianMs`, one of a hundred above `p99Ms`. */
export function logNormal(medianMs: number, p99Ms: number): Distribution {
  checkBounds(medianMs, p99Ms);
  if (medianMs === 0) throw new RangeError("Cannot make a distribution: the median is 0 ms, more is wanted");
  const sigma = Math.log(p99Ms / medianMs) / normalQuantile(0.99);
  return new Distribution(`log-normal, ${medianMs} ms, p99 ${p99Ms} ms`, (p) => {
    return medianMs * Math.exp(sigma * normalQuantile(p));
  });
}

/** @throws {RangeError} when `latency` is none */
export function checkLatency(latency: Latency): void {
  if (latency instanceof Distribution) return;
  if (typeof latency === "number") checkDurationMs(latency, "simulate an operation");
  else if (typeof latency === "object" && latency !== null) checkBounds(latency.minMs, latency.maxMs);
  else {
    throw new TypeError(
      `Cannot simulate an operation: its latency is ${describe(latency)}, milliseconds, { minMs, maxMs } or a distribution is wanted`,
    );
  }
}

function checkBounds(minMs: number, maxMs: number): void {
  checkDurationMs(minMs, "take a latency");
  checkDurationMs(maxMs, "take a latency");
  if (minMs > maxMs) {
    throw new RangeError(
      `Cannot take a latency: it is ${minMs} to ${maxMs} ms, the smaller one first is wanted`,
    );
  }
}

/** The value that a share of `p` of a normal distribution is below; exact to 5e-4. Source: Abramowitz and Stegun 26.2.23. */
function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  const tail = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const above = 2.515517 + 0.802853 * tail + 0.010328 * tail * tail;
  const below = 1 + 1.432788 * tail + 0.189269 * tail * tail + 0.001308 * tail * tail * tail;
  const value = tail - above / below;
  return p < 0.5 ? -value : value;
}
