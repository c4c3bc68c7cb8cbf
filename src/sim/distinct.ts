/** How many different ones have come, of numbers that stand for whole runs; in memory of a fixed size. */

/** Up to so many are counted; a search that finds more has seen enough to say so. */
const MOST = 100_000;
const PLACES = 1 << 18;

export class Distinct {
  /** Open addressing; NaN is free. */
  #places: Float64Array | undefined;
  readonly #first = new Set<number>();
  #count = 0;

  /** How many different ones, 100,000 at most. */
  get count(): number {
    return this.#places === undefined ? this.#first.size : this.#count;
  }

  /** Is `count` all of them? */
  get isExact(): boolean {
    return this.count < MOST;
  }

  /** Those that are counted. */
  values(): Float64Array {
    return this.#places?.filter((value) => !Number.isNaN(value)) ?? Float64Array.from(this.#first);
  }

  add(value: number): void {
    if (this.#places !== undefined) this.#put(this.#places, value);
    else if (this.#first.add(value).size > 1000) {
      this.#places = new Float64Array(PLACES).fill(Number.NaN);
      for (const each of this.#first) this.#put(this.#places, each);
      this.#first.clear();
    }
  }

  #put(places: Float64Array, value: number): void {
    if (this.#count >= MOST) return;
    let at = (value ^ (value / 0x4_0000)) & (PLACES - 1);
    for (; !Number.isNaN(places[at]); at = (at + 1) & (PLACES - 1)) if (places[at] === value) return;
    places[at] = value;
    this.#count++;
  }
}
