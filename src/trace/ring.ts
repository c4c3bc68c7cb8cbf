/**
 * The newest events, in memory of a fixed size: when it is full, a new event
 * takes the place of the oldest one.
 *
 * Two words a place: kind and id of the event, and what else it tells: another id,
 * or the number of a text. One that tells more, or of large ids, takes a second
 * place behind the first. Times stand between the events, where they change, as most
 * events of a turn have the same: each says how much later it is than the one before, so
 * that all of them follow from the last one, whatever was overwritten. It is shared
 * memory, so another thread may read it while this one is stuck.
 */

const WORDS = 2;
const BYTES = 4 * WORDS;
const KIND_BITS = 4;
const KIND_MASK = (1 << KIND_BITS) - 1;
/** Of a first word: the event takes two places. */
const WIDE = 1 << KIND_BITS;
/** Behind kind and flag there is place for an id of 27 bits. */
const ID_SHIFT = KIND_BITS + 1;
const LOW_ID = 2 ** (32 - ID_SHIFT);
const MOST_ID = LOW_ID - 1;
const MOST_VALUE = 2 ** 31 - 1;
const WORD = 2 ** 32;
/** In the second place: this many bits more for the id, and for what it tells. */
const HIGH_BITS = 14;
const HIGH_MASK = (1 << HIGH_BITS) - 1;
/** Kinds of what is no event: the second place of one, and a time. */
const REST = KIND_MASK - 1;
const TIME = KIND_MASK;

/** One event as it was written; its kind is below 14. */
export interface RawEvent {
  kind: number;
  id: number;
  /** An id, or the number of a text. */
  value: number;
  /** The number of a text; 0 where it has none besides. */
  text: number;
  atNs: number;
}

export class EventRing {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #end: number;
  #at = 0;
  #rounds = 0;
  /** Places taken by what is no event. */
  #others = 0;
  #lastNs = 0;

  /** @param maxBytes - how much memory it takes at most; at least that of two events */
  constructor(maxBytes: number) {
    this.#end = Math.max(2, Math.floor(maxBytes / BYTES)) * WORDS;
    this.buffer = new SharedArrayBuffer(4 * this.#end);
    this.#words = new Int32Array(this.buffer);
  }

  /** How many events are in it, and how many had to make room. Looks at each. */
  count(): { size: number; dropped: number } {
    const words = this.#words;
    const used = this.#rounds > 0 ? this.#end : this.#at;
    let size = 0;
    for (let at = 0; at < used; at += WORDS) if (((words[at] as number) & KIND_MASK) < REST) size++;
    const written = (this.#rounds * this.#end + this.#at) / WORDS - this.#others;
    return { size, dropped: written - size };
  }

  /** From now on events are of `atNs`, in whole nanoseconds. A time before the last one is taken for that. */
  setTime(atNs: number): void {
    const later = atNs - this.#lastNs;
    if (later <= 0) return;
    this.#lastNs = atNs;
    this.#others++;
    this.#put(TIME | (Math.floor(later / WORD) << KIND_BITS), later);
  }

  /**
   * @param id - below 2^41
   * @param value - an id, below 2^45, or the number of a text, of 32 bits
   */
  write(kind: number, id: number, value: number): void {
    // Only a process that has run for long has ids that are larger.
    if (id > MOST_ID || value > MOST_VALUE) {
      this.writeMore(kind, id, value, 0);
      return;
    }
    // As `#put` does, which V8 would not build into every caller.
    const words = this.#words;
    const at = this.#at;
    words[at] = kind | (id << ID_SHIFT);
    words[at + 1] = value;
    const next = at + WORDS;
    if (next < this.#end) this.#at = next;
    else this.#turnAround();
  }

  /** As `write`, with a text besides. */
  writeMore(kind: number, id: number, value: number, text: number): void {
    this.#put(kind | WIDE | (id << ID_SHIFT), value);
    const highId = Math.floor(id / LOW_ID) & HIGH_MASK;
    const highValue = Math.floor(value / WORD);
    this.#others++;
    this.#put(REST | (highId << KIND_BITS) | (highValue << (KIND_BITS + HIGH_BITS)), text);
  }

  /** Each event, oldest first, in one object that is used again. */
  *events(): Generator<RawEvent, void, undefined> {
    const words = this.#words;
    const size = this.#rounds > 0 ? this.#end : this.#at;
    const raw: RawEvent = { kind: 0, id: 0, value: 0, text: 0, atNs: this.#firstNs() };
    let at = this.#rounds > 0 ? this.#at : 0;
    for (let read = 0; read < size; read += WORDS) {
      const head = words[at] as number;
      const value = words[at + 1] as number;
      at = at + WORDS < this.#end ? at + WORDS : 0;
      const kind = head & KIND_MASK;
      if (kind === TIME) raw.atNs += laterBy(head, value);
      if (kind >= REST) continue;
      raw.kind = kind;
      raw.id = head >>> ID_SHIFT;
      raw.value = value;
      raw.text = 0;
      if ((head & WIDE) !== 0) {
        const rest = words[at] as number;
        raw.id += ((rest >>> KIND_BITS) & HIGH_MASK) * LOW_ID;
        raw.value = (value >>> 0) + (rest >> (KIND_BITS + HIGH_BITS)) * WORD;
        raw.text = words[at + 1] as number;
      }
      yield raw;
    }
  }

  #put(head: number, value: number): void {
    const words = this.#words;
    const at = this.#at;
    words[at] = head;
    words[at + 1] = value;
    const next = at + WORDS;
    if (next < this.#end) this.#at = next;
    else this.#turnAround();
  }

  #turnAround(): void {
    this.#at = 0;
    this.#rounds++;
  }

  /** The time of the oldest event, before any time that is there. */
  #firstNs(): number {
    const words = this.#words;
    const used = this.#rounds > 0 ? this.#end : this.#at;
    let firstNs = this.#lastNs;
    for (let at = 0; at < used; at += WORDS) {
      const head = words[at] as number;
      if ((head & KIND_MASK) === TIME) firstNs -= laterBy(head, words[at + 1] as number);
    }
    return firstNs;
  }
}

/** How much later the time is that these two words tell. */
function laterBy(head: number, value: number): number {
  return (head >>> KIND_BITS) * WORD + (value >>> 0);
}
