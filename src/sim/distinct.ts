/** How many different ones have come, of numbers that stand for whole runs; in memory of a bounded size. */

/** Up to so many are counted; a search that finds more has seen enough to say so. */
const MOST = 100_000;
const FIRST_PLACES = 1 << 11;

export class Distinct {
  /** Open addressing; NaN is free. At least half of them are, and their number is a power of two. */
  #places = emptyPlaces(FIRST_PLACES);
  #count = 0;

  /** How many different ones, 100,000 at most. */
  get count(): number {
    return this.#count;
  }

  /** Is `count` all of them? */
  get isExact(): boolean {
    return this.#count < MOST;
  }

  /** Those that are counted. */
  values(): Float64Array {
    return this.#places.filter((value) => !Number.isNaN(value));
  }

  add(value: number): void {
    if (this.#count >= MOST || !put(this.#places, value)) return;
    this.#count++;
    if (2 * this.#count < this.#places.length) return;
    const before = this.#places;
    this.#places = emptyPlaces(8 * before.length);
    for (const each of before) if (!Number.isNaN(each)) put(this.#places, each);
  }
}

function emptyPlaces(count: number): Float64Array {
  return new Float64Array(count).fill(Number.NaN);
}

/** @returns false when it is there already */
function put(places: Float64Array, value: number): boolean {
  const last = places.length - 1;
  let at = (value ^ (value / 0x4_0000)) & last;
  for (; !Number.isNaN(places[at]); at = (at + 1) & last) if (places[at] === value) return false;
  places[at] = value;
  return true;
}
