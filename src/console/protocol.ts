/**
 * What is said over a process's socket: one JSON object a line.
 *
 * The process begins with a `Hello`. Then the client asks, each question with a
 * number of its own, and is answered in whatever order the answers are there.
 */

/** Goes up when an older client would misunderstand what it is told. */
export const PROTOCOL = 1;

/** The longest question, in characters: a client that sends more is not one of ours. */
const MOST_QUESTION_CHARS = 1_000_000;

/** The first line from the process. */
export interface Hello {
  readonly gyre: number;
  readonly pid: number;
  readonly program: string;
  readonly node: string;
  /** When the process was started, as ISO 8601. */
  readonly startedAt: string;
}

/** What can be asked: the functions of `ConsoleSource`, and to record for a while. */
export const QUESTIONS: readonly string[] = [
  "snapshot",
  "overview",
  "blocked",
  "stack",
  "recording",
  "trace",
];

export interface Question {
  readonly id: number;
  readonly ask: string;
  readonly options?: unknown;
}

/** One of `ok` and `error` is there. */
export interface Answer {
  readonly id: number;
  readonly ok?: unknown;
  /** A sentence for the reader. */
  readonly error?: string;
}

/** Puts pieces of text together to lines. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #mostChars: number;
  #pieces: string[] = [];
  #size = 0;

  /** @param mostChars - of one line; more is an error */
  constructor(onLine: (line: string) => void, mostChars: number = MOST_QUESTION_CHARS) {
    this.#onLine = onLine;
    this.#mostChars = mostChars;
  }

  /** @throws {RangeError} when a line is longer than it may be */
  push(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      const line = this.#pieces.join("") + text.slice(from, at);
      this.#pieces = [];
      this.#size = 0;
      from = at + 1;
      if (line !== "") this.#onLine(line);
    }
    if (from === text.length) return;
    this.#pieces.push(text.slice(from));
    this.#size += text.length - from;
    if (this.#size > this.#mostChars)
      throw new RangeError(`Cannot read a line: it has more than ${this.#mostChars} characters`);
  }
}
