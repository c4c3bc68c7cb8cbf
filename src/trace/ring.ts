/**
 * The newest events, in memory of a fixed size: when it is full, a new event
 * takes the place of the oldest one.
 *
 * Four words an event: kind and high bits of both ids, the one id, the other, a
 * text. Times stand between the events, where they change, as most events of a turn
 * have the same: each with how much it is later than the one before, so that the
 * oldest events have a time, too, when theirs is overwritten. It is shared memory,
 * so another thread may read it while this one is stuck.
 */

const WORDS = 4;
const BYTES = 4 * WORDS;
/** Ids beyond 32 bits: of each, 14 bits more. */
const HIGH = 2 ** 32;
/** Up to here an id needs no look at its high bits. */
const SMALL = 2 ** 30 - 1;
const KIND_BITS = 4;
const KIND_MASK = (1 << KIND_BITS) - 1;
const HIGH_BITS = 14;
const HIGH_MASK = (1 << HIGH_BITS) - 1;
/** The kind of what is no event but a time. */
const TIME = KIND_MASK;
/** The longest difference of two times that is kept, in microseconds. */
const LONGEST_US = 2 ** 31 - 1;

/** One event as it was written; its kind is below 15. */
export interface RawEvent {
  kind: number;
  id: number;
  other: number;
  text: number;
  atUs: number;
}

export class EventRing {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #end: number;
  #at = 0;
  #rounds = 0;
  #timesWritten = 0;
  #lastUs = 0;

  /** @param maxBytes - how much memory it takes at most; at least that of two events */
  constructor(maxBytes: number) {
    const capacity = Math.max(2, Math.floor(maxBytes / BYTES));
    this.buffer = new SharedArrayBuffer(capacity * BYTES);
    this.#words = new Int32Array(this.buffer);
    this.#times = new Float64Array(this.buffer);
    this.#end = capacity * WORDS;
  }

  /** How many events are in it, and how many had to make room. Looks at each. */
  count(): { size: number; dropped: number } {
    const words = this.#words;
    const used = this.#rounds > 0 ? this.#end : this.#at;
    let times = 0;
    for (let at = 0; at < used; at += WORDS) if (((words[at] as number) & KIND_MASK) === TIME) times++;
    const written = (this.#rounds * this.#end + this.#at) / WORDS - this.#timesWritten;
    const size = used / WORDS - times;
    return { size, dropped: written - size };
  }

  /** From now on events are of `atUs`, in microseconds; not before the last time. */
  setTime(atUs: number): void {
    if (atUs === this.#lastUs) return;
    const at = this.#at;
    this.#words[at] = TIME;
    this.#words[at + 1] = Math.min(atUs - this.#lastUs, LONGEST_US);
    this.#times[(at >> 1) + 1] = atUs;
    this.#lastUs = atUs;
    this.#timesWritten++;
    this.#advance(at + WORDS);
  }

  /** @param other - an id, or 0; both below 2^46 */
  write(kind: number, id: number, other: number, text: number): void {
    const words = this.#words;
    const at = this.#at;
    // Only a process that has run for long has ids that are larger.
    words[at] = id <= SMALL && other <= SMALL ? kind : kind | highBits(id, other);
    words[at + 1] = id;
    words[at + 2] = other;
    words[at + 3] = text;
    this.#advance(at + WORDS);
  }

  /** Each event, oldest first, in one object that is used again. */
  *events(): Generator<RawEvent, void, undefined> {
    const words = this.#words;
    const size = this.#rounds > 0 ? this.#end : this.#at;
    const raw: RawEvent = { kind: 0, id: 0, other: 0, text: 0, atUs: this.#firstUs() };
    let at = this.#rounds > 0 ? this.#at : 0;
    for (let read = 0; read < size; read += WORDS) {
      const head = words[at] as number;
      raw.kind = head & KIND_MASK;
      if (raw.kind === TIME) raw.atUs = this.#times[(at >> 1) + 1] as number;
      else {
        raw.id = ((words[at + 1] as number) >>> 0) + ((head >>> KIND_BITS) & HIGH_MASK) * HIGH;
        raw.other = ((words[at + 2] as number) >>> 0) + (head >>> (KIND_BITS + HIGH_BITS)) * HIGH;
        raw.text = words[at + 3] as number;
        yield raw;
      }
      at = at + WORDS < this.#end ? at + WORDS : 0;
    }
  }

  #advance(next: number): void {
    if (next < this.#end) this.#at = next;
    else {
      this.#at = 0;
      this.#rounds++;
    }
  }

  /** The time of the oldest event, before any time that is there. */
  #firstUs(): number {
    if (this.#rounds === 0) return 0;
    const words = this.#words;
    for (let read = 0, at = this.#at; read < this.#end; read += WORDS) {
      if (((words[at] as number) & KIND_MASK) === TIME)
        return (this.#times[(at >> 1) + 1] as number) - (words[at + 1] as number);
      at = at + WORDS < this.#end ? at + WORDS : 0;
    }
    return this.#lastUs;
  }
}

function highBits(id: number, other: number): number {
  const high = (number: number): number => Math.floor(number / HIGH) & HIGH_MASK;
  return (high(id) << KIND_BITS) | (high(other) << (KIND_BITS + HIGH_BITS));
}
