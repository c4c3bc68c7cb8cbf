/**
 * Whether the main thread does nothing but one thing, told from a counter that
 * it moves on, and what it was that took long.
 *
 * No clock and no thread of its own: whoever looks says when it is.
 */
import type { Blocked, SlowTurn } from "./source.ts";

/** How many slow turns are kept. */
const MOST_SLOW_TURNS = 10;

export class BlockWatch {
  readonly #thresholdMs: number;
  readonly #tickMs: number;
  #beat: number;
  #lookedAtMs: number;
  #lastsMs = 0;
  #captured: { readonly frames: readonly string[]; readonly unreadable?: string } | undefined = undefined;
  #slowTurns: readonly SlowTurn[] = [];

  /** @param tickMs - how often one means to look, at least */
  constructor(thresholdMs: number, tickMs: number, beat: number, nowMs: number) {
    this.#thresholdMs = thresholdMs;
    this.#tickMs = tickMs;
    this.#beat = beat;
    this.#lookedAtMs = nowMs;
  }

  /**
   * The counter stands at `beat` now.
   *
   * @param at - the time of day, for the list of slow turns
   * @returns whether the stack is wanted: it blocks, and was not captured yet
   */
  look(beat: number, nowMs: number, at: Date): boolean {
    // A look that comes late itself says that the whole process got no processor, and nothing about the thread, unless
    // that is known to block.
    const most = this.#captured === undefined ? this.#tickMs : 2 * this.#tickMs;
    const passedMs = Math.min(nowMs - this.#lookedAtMs, most);
    this.#lookedAtMs = nowMs;
    if (beat !== this.#beat) {
      this.#end(at);
      this.#beat = beat;
      return false;
    }
    this.#lastsMs += passedMs;
    return this.#lastsMs >= this.#thresholdMs && this.#captured === undefined;
  }

  /** When to look again: not a whole tick later than it can be said that it blocks. */
  get nextLookMs(): number {
    const leftMs = this.#thresholdMs - this.#lastsMs;
    return leftMs <= 0 ? this.#tickMs : Math.max(1, Math.min(this.#tickMs, leftMs));
  }

  /** The stack that blocks, or why it cannot be read. Of a beat that is over it is dropped. */
  capture(beat: number, frames: readonly string[], unreadable?: string): void {
    if (beat !== this.#beat) return;
    this.#captured = unreadable === undefined ? { frames } : { frames, unreadable };
  }

  /** `undefined` while it does not block. */
  blocked(): Blocked | undefined {
    if (this.#lastsMs < this.#thresholdMs) return undefined;
    return { forMs: Math.round(this.#lastsMs), ...(this.#captured ?? { frames: [] }) };
  }

  /** The slowest first. */
  slowTurns(): readonly SlowTurn[] {
    return this.#slowTurns;
  }

  #end(at: Date): void {
    const tookMs = Math.round(this.#lastsMs);
    if (tookMs >= this.#thresholdMs) {
      const turn = { at: at.toISOString(), tookMs, frames: this.#captured?.frames ?? [] };
      this.#slowTurns = [...this.#slowTurns, turn]
        .sort((one, other) => other.tookMs - one.tookMs)
        .slice(0, MOST_SLOW_TURNS);
    }
    this.#lastsMs = 0;
    this.#captured = undefined;
  }
}
