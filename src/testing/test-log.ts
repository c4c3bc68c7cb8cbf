/** The log of a test: whatever is written to it, and was not expected, fails the test. */
import { errorText } from "../base/index.ts";
import type { Log } from "../loop/index.ts";

interface Expectation {
  readonly pattern: RegExp;
  met: boolean;
}

/** Keeps what was logged and nobody expected. */
export class TestLog implements Log {
  readonly #unexpected: string[] = [];
  readonly #expectations: Expectation[] = [];

  warn(message: string): void {
    this.#take(message);
  }

  error(message: string, error?: unknown): void {
    this.#take(error === undefined ? message : `${message}\n${errorText(error)}`);
  }

  /** Lines that no expectation matched, oldest first. */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** Swallow what matches `pattern` from now on. @returns a function that ends it and says whether there was any */
  expect(pattern: RegExp): () => boolean {
    const expectation: Expectation = { pattern, met: false };
    this.#expectations.unshift(expectation);
    return () => {
      const at = this.#expectations.indexOf(expectation);
      if (at >= 0) this.#expectations.splice(at, 1);
      return expectation.met;
    };
  }

  #take(text: string): void {
    const expectation = this.#expectations.find(({ pattern }) => pattern.test(text));
    if (expectation === undefined) this.#unexpected.push(text);
    else expectation.met = true;
  }
}
