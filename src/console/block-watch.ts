/**
 * Whether the main thread does nothing but one thing, told from a counter that
 * it moves on, and what it was that took long.
 *
 * No clock and no thread of its own: whoever looks says when it is.
 */
import type { Standstill } from "../base/index.ts";
import type { Blocked, SlowTurn } from "./source.ts";

/** How many slow turns are kept. */
const MOST_SLOW_TURNS = 10;

export class BlockWatch {
  readonly #standstill: Standstill;
  #captured: { readonly frames: readonly string[]; readonly unreadable?: string } | undefined = undefined;
  /** Those that are over. */
  #slowTurns: readonly SlowTurn[] = [];
  #lookedAt = new Date(0);

  constructor(standstill: Standstill) {
    this.#standstill = standstill;
  }

  /**
   * The counter stands at `beat` now.
   *
   * @param at - the time of day, for the list of slow turns
   * @returns whether the stack is wanted: it blocks, and was not captured yet
   */
  look(beat: number, nowMs: number, at: Date): boolean {
    if (!this.#standstill.isAt(beat)) this.#end(at);
    this.#lookedAt = at;
    this.#standstill.look(beat, nowMs, this.#captured !== undefined);
    return this.#standstill.isLong && this.#captured === undefined;
  }

  get nextLookMs(): number {
    return this.#standstill.nextLookMs;
  }

  /** The stack that blocks, or why it cannot be read. Of a beat that is over it is dropped. */
  capture(beat: number, frames: readonly string[], unreadable?: string): void {
    if (!this.#standstill.isAt(beat)) return;
    this.#captured = unreadable === undefined ? { frames } : { frames, unreadable };
  }

  /** `undefined` while it does not block. */
  blocked(): Blocked | undefined {
    if (!this.#standstill.isLong) return undefined;
    return { forMs: Math.round(this.#standstill.lastsMs), ...(this.#captured ?? { frames: [] }) };
  }

  /** The slowest first; with the one that blocks now, however slow the others were. */
  slowTurns(): readonly SlowTurn[] {
    if (!this.#standstill.isLong) return this.#slowTurns;
    const others = this.#slowTurns.slice(0, MOST_SLOW_TURNS - 1);
    return bySlowness([...others, { ...this.#turn(this.#lookedAt), goesOn: true }]);
  }

  #end(at: Date): void {
    if (this.#standstill.isLong)
      this.#slowTurns = bySlowness([...this.#slowTurns, this.#turn(at)]).slice(0, MOST_SLOW_TURNS);
    this.#captured = undefined;
  }

  #turn(at: Date): SlowTurn {
    const tookMs = Math.round(this.#standstill.lastsMs);
    return { at: at.toISOString(), tookMs, frames: this.#captured?.frames ?? [] };
  }
}

function bySlowness(turns: SlowTurn[]): SlowTurn[] {
  return turns.sort((one, other) => other.tookMs - one.tookMs);
}
