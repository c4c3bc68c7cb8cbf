/** A long text that is written from its beginning to its end, but for gaps that are filled later. */
export class OpenText {
  /** What is ready, in long pieces. */
  readonly #done: string[] = [];
  /** Each up to a gap. */
  #pieces: string[] = [];
  #last: string;

  constructor(first: string) {
    this.#last = first;
  }

  /** How many pieces of text there are with gaps between them. */
  get pieces(): number {
    return this.#pieces.length;
  }

  add(text: string): void {
    this.#last += text;
  }

  /** Leave a gap here. @returns what to fill it by, until `close` */
  leaveGap(): number {
    this.#pieces.push(this.#last);
    this.#last = "";
    return this.#pieces.length - 1;
  }

  /** Put `text` into a gap: behind what is there already. */
  fill(gap: number, text: string): void {
    this.#pieces[gap] += text;
  }

  /** No gap that there is now will be filled any more. */
  close(): void {
    this.#pieces.push(this.#last);
    this.#done.push(this.#pieces.join(""));
    this.#pieces = [];
    this.#last = "";
  }

  /** Write `last`. @returns all of it */
  finish(last: string): string {
    this.#last += last;
    this.close();
    return this.#done.join("");
  }
}
