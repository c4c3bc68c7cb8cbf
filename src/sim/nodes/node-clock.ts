/** The clock of a simulated node: off by some time, and too fast or too slow. */
import { checkInstantMs, describe } from "../../base/index.ts";

export class NodeClock {
  readonly #worldMs: () => number;
  /** Milliseconds that it shows while one of the world's passes. */
  readonly #rate: number;
  /** The last time that it was set, by the world's clock and by its own. */
  #setAtMs: number;
  #setToMs: number;
  /** What it has shown, or must show for a timer that is due: rounding takes it no further back. */
  #leastMs: number;

  /** @param driftPpm - millionths of a second that it gains in each second of the world's; negative when it loses */
  constructor(worldMs: () => number, skewMs: number, driftPpm: number) {
    if (!(driftPpm > -1e6 && driftPpm < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `Cannot make a node's clock: driftPpm is ${describe(driftPpm)}, a number above -1,000,000 is wanted`,
      );
    }
    this.#worldMs = worldMs;
    this.#rate = 1 + driftPpm / 1e6;
    this.#setAtMs = worldMs();
    this.#setToMs = this.#setAtMs + checkInstantMs(skewMs, "make a node's clock");
    this.#leastMs = this.#setToMs;
  }

  /** What it shows now. */
  now(): number {
    const shownMs = this.#setToMs + (this.#worldMs() - this.#setAtMs) * this.#rate;
    return Math.max(shownMs, this.#leastMs);
  }

  /** Set it forward, or back. */
  skew(ms: number): void {
    const toMs = this.now() + checkInstantMs(ms, "skew a node's clock");
    this.#setAtMs = this.#worldMs();
    this.#setToMs = toMs;
    this.#leastMs = toMs;
  }

  /** When it will show `atMs`, by the world's clock. */
  worldMsAt(atMs: number): number {
    return this.#setAtMs + (atMs - this.#setToMs) / this.#rate;
  }

  /** The world says that `atMs` is now, whatever rounding says. */
  reach(atMs: number): void {
    if (atMs > this.#leastMs) this.#leastMs = atMs;
  }
}
