/**
 * Texts by number, so that an event of fixed size can name one.
 *
 * Most texts come again and again: names, "a promise". They are kept for good,
 * in a table that has a bound. What finds no place there, and what is said once
 * (notes, labels), passes through: the oldest ones go when there are too many,
 * as the oldest events do.
 */

/** Entries of the table; and characters of one of them. */
const MOST_KEPT = 8192;
const LONGEST_KEPT = 512;
/** What a passing text takes besides its characters, in characters: its place in the table, and what is around it. */
const CHARS_BESIDE = 32;
/** Negative numbers of passing texts, before they begin anew. */
const NUMBERS = 2 ** 31 - 1;

export class Texts {
  readonly #kept: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #passing = new Map<number, string>();
  readonly #mostChars: number;
  #passingChars = 0;
  #oldest = 0;
  #next = 0;
  #last = "";
  #lastNumber: number;

  /**
   * @param mostChars - characters of passing texts that are kept at most, 32 for each text besides its own; one text
   *   has half of them at most
   */
  constructor(mostChars: number) {
    this.#mostChars = mostChars;
    this.#lastNumber = this.#keep("");
  }

  /** The number of `text`, which comes again. */
  number(text: string): number {
    // Mostly the very same string as the last time.
    if (text === this.#last) return this.#lastNumber;
    const known = this.#numbers.get(text);
    if (known === undefined && (this.#kept.length >= MOST_KEPT || text.length > LONGEST_KEPT))
      return this.pass(text);
    this.#last = text;
    this.#lastNumber = known ?? this.#keep(text);
    return this.#lastNumber;
  }

  /** A number for `text`, which is said once; it is forgotten some time. */
  pass(text: string): number {
    const most = this.#mostChars >> 1;
    const short = text.length > most ? `${text.slice(0, most - 1)}…` : text;
    this.#passing.set(this.#next, short);
    const number = -1 - this.#next;
    this.#next = (this.#next + 1) % NUMBERS;
    for (this.#passingChars += short.length + CHARS_BESIDE; this.#passingChars > this.#mostChars; ) {
      this.#passingChars -= (this.#passing.get(this.#oldest)?.length ?? 0) + CHARS_BESIDE;
      this.#passing.delete(this.#oldest);
      this.#oldest = (this.#oldest + 1) % NUMBERS;
    }
    return number;
  }

  /** The text of `number`; `undefined` when it has been forgotten. */
  text(number: number): string | undefined {
    return number >= 0 ? this.#kept[number] : this.#passing.get(-1 - number);
  }

  #keep(text: string): number {
    const number = this.#kept.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}
