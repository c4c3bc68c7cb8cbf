/**
 * The newest events, in memory of a fixed size: when it is full, a new event
 * takes the place of the oldest one.
 *
 * Six words an event: kind and high bits of both ids, the one id, the other (or
 * a text), a second text, and the time in two. It is shared memory, so another
 * thread may read it while this one is stuck.
 */

export const WORDS = 6;
const BYTES = 4 * WORDS;
/** Ids beyond 32 bits: of each, 14 bits more. */
const HIGH = 2 ** 32;
const KIND_BITS = 4;
const HIGH_BITS = 14;
const HIGH_MASK = (1 << HIGH_BITS) - 1;

/** One event as it was written. */
export interface RawEvent {
  kind: number;
  id: number;
  /** An id or a text's number, as the kind says. */
  other: number;
  text: number;
  atUs: number;
}

export class EventRing {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #end: number;
  #at = 0;
  #rounds = 0;

  /** @param maxBytes - how much memory it takes at most; at least one event's */
  constructor(maxBytes: number) {
    this.capacity = Math.max(1, Math.floor(maxBytes / BYTES));
    this.buffer = new SharedArrayBuffer(this.capacity * BYTES);
    this.#words = new Int32Array(this.buffer);
    this.#times = new Float64Array(this.buffer);
    this.#end = this.capacity * WORDS;
  }

  /** How many events are in it. */
  get size(): number {
    return this.#rounds > 0 ? this.capacity : this.#at / WORDS;
  }

  /** How many events had to make room. */
  get dropped(): number {
    return this.#rounds > 0 ? (this.#rounds - 1) * this.capacity + this.#at / WORDS : 0;
  }

  /** @param other - an id, or the number of a text */
  write(kind: number, id: number, other: number, text: number, atUs: number): void {
    const words = this.#words;
    const at = this.#at;
    // Only a process that has run for long has ids that are larger.
    words[at] = id < HIGH && other < HIGH ? kind : kind | highBits(id, other);
    words[at + 1] = id | 0;
    words[at + 2] = other | 0;
    words[at + 3] = text;
    this.#times[(at >> 1) + 2] = atUs;
    const next = at + WORDS;
    if (next < this.#end) this.#at = next;
    else {
      this.#at = 0;
      this.#rounds++;
    }
  }

  /** Each event, oldest first, in one object that is used again. */
  *events(): Generator<RawEvent, void, undefined> {
    const words = this.#words;
    const raw: RawEvent = { kind: 0, id: 0, other: 0, text: 0, atUs: 0 };
    const size = this.size;
    let at = this.#rounds > 0 ? this.#at : 0;
    for (let i = 0; i < size; i++) {
      const head = words[at] as number;
      raw.kind = head & ((1 << KIND_BITS) - 1);
      raw.id = ((words[at + 1] as number) >>> 0) + ((head >>> KIND_BITS) & HIGH_MASK) * HIGH;
      raw.other = ((words[at + 2] as number) >>> 0) + (head >>> (KIND_BITS + HIGH_BITS)) * HIGH;
      raw.text = words[at + 3] as number;
      raw.atUs = this.#times[(at >> 1) + 2] as number;
      yield raw;
      at = at + WORDS < this.#end ? at + WORDS : 0;
    }
  }
}

function highBits(id: number, other: number): number {
  const high = (number: number): number => Math.max(0, Math.floor(number / HIGH)) & HIGH_MASK;
  return (high(id) << KIND_BITS) | (high(other) << (KIND_BITS + HIGH_BITS));
}
