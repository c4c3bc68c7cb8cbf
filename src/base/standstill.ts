/**
 * For how long a counter has stood still that another thread moves on, told by looking at it now and then.
 *
 * No clock and no thread of its own: whoever looks says when it is.
 */

/** The longest time between two looks: each wakes a processor, which takes 0.2 to 0.3 ms of its time. */
const LONGEST_TICK_MS = 150;

export class Standstill {
  readonly #thresholdMs: number;
  readonly #tickMs: number;
  #count: number;
  #lookedAtMs: number;
  #lastsMs = 0;

  /** @param tickMs - how often one means to look, at least */
  constructor(thresholdMs: number, count: number, nowMs: number, tickMs: number = tickFor(thresholdMs)) {
    this.#thresholdMs = thresholdMs;
    this.#tickMs = tickMs;
    this.#count = count;
    this.#lookedAtMs = nowMs;
  }

  get lastsMs(): number {
    return this.#lastsMs;
  }

  /** Does it last as long as is to be told of? */
  get isLong(): boolean {
    return this.#lastsMs >= this.#thresholdMs;
  }

  /** When to look again: not a whole tick later than it can be said that it is long. */
  get nextLookMs(): number {
    const leftMs = this.#thresholdMs - this.#lastsMs;
    return leftMs <= 0 ? this.#tickMs : Math.max(1, Math.min(this.#tickMs, leftMs));
  }

  /** Is it still the standstill at `count`? */
  isAt(count: number): boolean {
    return count === this.#count;
  }

  /**
   * The counter stands at `count` now.
   *
   * @param isSure - it is known to stand still for the reason that is looked for
   */
  look(count: number, nowMs: number, isSure = false): void {
    // A look that comes late itself says that the whole process got no processor, and nothing about the thread.
    const passedMs = Math.min(nowMs - this.#lookedAtMs, isSure ? 2 * this.#tickMs : this.#tickMs);
    this.#lookedAtMs = nowMs;
    this.#lastsMs = count === this.#count ? this.#lastsMs + passedMs : 0;
    this.#count = count;
  }

  /** There was no standstill up to now. */
  reset(): void {
    this.#lastsMs = 0;
  }
}

function tickFor(thresholdMs: number): number {
  return Math.max(1, Math.min(LONGEST_TICK_MS, (thresholdMs * 3) / 4));
}
