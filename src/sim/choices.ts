/**
 * The free decisions of one run: one sequence of integers, each below its bound.
 *
 * 0 means what the production loop would do. Replay, shrinking, tokens and
 * exhaustive search know a run by this sequence and by nothing else. A point
 * with one alternative only is no decision and is not kept.
 */

/** Which of the things that could happen next does: the end of an operation, or the next timer. */
export const NEXT = 0;
/** Which of those that are ready goes on; only where more may be reordered than a real run could. */
export const READY = 1;
/** Does a fault happen? */
export const FAULT = 2;
/** How long does an operation take? */
export const LATENCY = 3;
/** What the program asked for by `choose` or `chance`. */
export const ASKED = 4;

/** Which sort of decision it is. */
export type ChoiceKind = 0 | 1 | 2 | 3 | 4;

const FIRST_CAPACITY = 64;

/** Written by each run anew, so that a million runs need no new memory. */
export class Choices {
  #values = new Int32Array(FIRST_CAPACITY);
  #counts = new Int32Array(FIRST_CAPACITY);
  #kinds = new Uint8Array(FIRST_CAPACITY);
  /** How many there are. */
  length = 0;

  /** Forget all. */
  clear(): void {
    this.length = 0;
  }

  add(kind: ChoiceKind, count: number, value: number): void {
    const at = this.length++;
    if (at === this.#values.length) this.#grow();
    this.#values[at] = value;
    this.#counts[at] = count;
    this.#kinds[at] = kind;
  }

  /** What was chosen at `at`. */
  value(at: number): number {
    return this.#values[at] as number;
  }

  /** How many alternatives there were. */
  count(at: number): number {
    return this.#counts[at] as number;
  }

  kind(at: number): ChoiceKind {
    return this.#kinds[at] as ChoiceKind;
  }

  /** What was chosen, up to the last that is not 0: what follows is 0 anyway. */
  toArray(): number[] {
    let end = this.length;
    while (end > 0 && this.#values[end - 1] === 0) end--;
    return Array.from(this.#values.subarray(0, end));
  }

  #grow(): void {
    const capacity = 2 * this.#values.length;
    const [values, counts, kinds] = [this.#values, this.#counts, this.#kinds];
    this.#values = new Int32Array(capacity);
    this.#counts = new Int32Array(capacity);
    this.#kinds = new Uint8Array(capacity);
    this.#values.set(values);
    this.#counts.set(counts);
    this.#kinds.set(kinds);
  }
}
