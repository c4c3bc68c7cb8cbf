/** Numbers that look random and follow from a seed. Source: Tommy Ettinger's Mulberry32. */
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number in [0, `count`). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** What a decision that is no matter of order comes to: see `Strategy.choose` for `weight`. */
  weighted(count: number, weight: number): number {
    if (weight < 0) return this.below(count);
    return this.next() < weight ? 1 + this.below(count - 1) : 0;
  }
}
