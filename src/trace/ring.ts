/**
 * The newest events, in memory of a fixed size: when it is full, the oldest ones
 * make room for new ones, a block at a time.
 *
 * Two words a place: kind and id of the event, and what else it tells: another id,
 * or the number of a text. One that tells more, or of large ids, takes a second
 * place behind the first. Times stand between the events, where they change, as most
 * events of a turn have the same: each says how much later it is than the one before, so
 * that all of them follow from the last one, whatever was overwritten.
 *
 * What is written goes into a block that is one and the same for the whole process, and
 * from there into the ring when it is full: V8 knows where that block is and how
 * long, and an event takes half as long to write as into memory that it must look up.
 */

const WORDS = 2;
/** Words of a block. */
const BLOCK = 2048;
export const BLOCK_BYTES: number = 4 * BLOCK;
const LAST = BLOCK - WORDS;
const KIND_BITS = 4;
const KIND_MASK = (1 << KIND_BITS) - 1;
/** Of a first word: the event takes two places. */
const WIDE = 1 << KIND_BITS;
/** Of a time's first word: all that was ready before had run. */
const OVER = 1 << KIND_BITS;
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
  /** How often all that was ready had run, since the oldest event that is there. */
  turnsOver: number;
}

/** The block that is written, and behind it, at `CURSOR`, where: a place whose address is known, too. */
const block = new Int32Array(BLOCK + 1);
const CURSOR = BLOCK;
const blockWords = block.subarray(0, BLOCK);
/** Places of the ring that were taken by what is no event. */
let others = 0;
/** Whose block it is. */
let writing: EventRing | undefined;

/**
 * Write an event into the ring that was made last and is not closed.
 *
 * A constant, so that V8 need not look whether it is this function still.
 *
 * @param id - below 2^41
 * @param value - an id, below 2^45, or the number of a text, of 32 bits
 */
export const writeEvent = (kind: number, id: number, value: number): void => {
  // Only a process that has run for long has ids that are larger.
  if (id > MOST_ID || value > MOST_VALUE) {
    writeLongEvent(kind, id, value, 0);
    return;
  }
  const here = block[CURSOR] as number;
  block[here] = kind | (id << ID_SHIFT);
  block[here + 1] = value;
  block[CURSOR] = here + WORDS;
  if (here === LAST) passBlock();
};

/** As `writeEvent`, with a text besides. */
export function writeLongEvent(kind: number, id: number, value: number, text: number): void {
  others++;
  // Both places in one block: a time may come between two of them.
  if (block[CURSOR] === LAST) fillUp();
  put(kind | WIDE | (id << ID_SHIFT), value);
  put(id > MOST_ID || value > MOST_VALUE || value < 0 ? REST | highBits(id, value) : REST, text);
}

/** Leave the last place of the block empty. */
function fillUp(): void {
  others++;
  put(REST, 0);
}

function highBits(id: number, value: number): number {
  const highId = Math.floor(id / LOW_ID) & HIGH_MASK;
  return (highId << KIND_BITS) | (Math.floor(value / WORD) << (KIND_BITS + HIGH_BITS));
}

function put(head: number, value: number): void {
  const here = block[CURSOR] as number;
  block[here] = head;
  block[here + 1] = value;
  block[CURSOR] = here + WORDS;
  if (here === LAST) passBlock();
}

function passBlock(): void {
  block[CURSOR] = 0;
  writing?._add(blockWords);
}

export class EventRing {
  readonly #words: Int32Array;
  readonly #onBlock: () => void;
  #at = 0;
  #rounds = 0;
  #lastNs = 0;
  /** Of one that is closed: what is behind its blocks, and `others`. */
  #end: { readonly tail: Int32Array; readonly others: number } | undefined;

  /**
   * Events are written into this one from now on, and into the one before no longer.
   *
   * @param maxBytes - how much memory it takes at most, in whole blocks; at least that of two
   * @param onBlock - called when a block is full, which is a time to set the time
   */
  constructor(maxBytes: number, onBlock: () => void = () => {}) {
    // One of them is the one that is written.
    this.#words = new Int32Array(BLOCK * Math.max(1, Math.floor(maxBytes / BLOCK_BYTES) - 1));
    this.#onBlock = onBlock;
    writing?.close();
    writing = this;
    block[CURSOR] = 0;
    others = 0;
  }

  /** Nothing more is written into it. Twice is harmless. */
  close(): void {
    if (writing !== this) return;
    this.#end = { tail: block.slice(0, block[CURSOR]), others };
    writing = undefined;
  }

  /** How many events are in it, and how many had to make room. Looks at each. */
  count(): { size: number; dropped: number } {
    const all = this.#all();
    let size = 0;
    for (let read = 0; read < all.length; read += WORDS)
      if (((all[read] as number) & KIND_MASK) < REST) size++;
    const tail = this.#end?.tail.length ?? (block[CURSOR] as number);
    const places = (this.#rounds * this.#words.length + this.#at + tail) / WORDS;
    return { size, dropped: places - (this.#end?.others ?? others) - size };
  }

  /**
   * From now on events are of `atNs`, in whole nanoseconds. A time before the last one is taken for that.
   *
   * @param isOver - has all that was ready run since the last event?
   */
  setTime(atNs: number, isOver: boolean): void {
    const later = Math.max(0, atNs - this.#lastNs);
    if (later === 0 && !isOver) return;
    this.#lastNs += later;
    others++;
    put(TIME | (isOver ? OVER : 0) | (Math.floor(later / WORD) << ID_SHIFT), later);
  }

  /** Each event, oldest first, in one object that is used again. */
  *events(): Generator<RawEvent, void, undefined> {
    const words = this.#all();
    const raw: RawEvent = { kind: 0, id: 0, value: 0, text: 0, atNs: this.#firstNs(words), turnsOver: 0 };
    for (let read = 0; read < words.length; read += WORDS) {
      const head = words[read] as number;
      const value = words[read + 1] as number;
      const kind = head & KIND_MASK;
      if (kind === TIME) {
        raw.atNs += laterBy(head, value);
        if ((head & OVER) !== 0) raw.turnsOver++;
      }
      if (kind >= REST) continue;
      raw.kind = kind;
      raw.id = head >>> ID_SHIFT;
      raw.value = value;
      raw.text = 0;
      if ((head & WIDE) !== 0) {
        const rest = words[read + WORDS] as number;
        raw.id += ((rest >>> KIND_BITS) & HIGH_MASK) * LOW_ID;
        raw.value = (value >>> 0) + (rest >> (KIND_BITS + HIGH_BITS)) * WORD;
        raw.text = words[read + WORDS + 1] as number;
      }
      yield raw;
    }
  }

  /** @internal Keep what is in `full`. */
  _add(full: Int32Array): void {
    this.#words.set(full, this.#at);
    this.#at += BLOCK;
    if (this.#at === this.#words.length) {
      this.#at = 0;
      this.#rounds++;
    }
    this.#onBlock();
  }

  /** All that it has, oldest first. */
  #all(): Int32Array {
    const tail = this.#end?.tail ?? block.subarray(0, block[CURSOR]);
    const words = this.#words;
    const used = this.#rounds > 0 ? words.length : this.#at;
    const oldest = this.#rounds > 0 ? this.#at : 0;
    const all = new Int32Array(used + tail.length);
    all.set(words.subarray(oldest, used));
    all.set(words.subarray(0, oldest), used - oldest);
    all.set(tail, used);
    return all;
  }

  /** The time of the oldest event, before any time that is there. */
  #firstNs(words: Int32Array): number {
    let firstNs = this.#lastNs;
    for (let read = 0; read < words.length; read += WORDS) {
      const head = words[read] as number;
      if ((head & KIND_MASK) === TIME) firstNs -= laterBy(head, words[read + 1] as number);
    }
    return firstNs;
  }
}

/** How much later the time is that these two words tell. */
function laterBy(head: number, value: number): number {
  return (head >>> ID_SHIFT) * WORD + (value >>> 0);
}
