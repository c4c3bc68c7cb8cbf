/** The numbers of what coroutines are called, found by their functions: a function computes its name at each look. */
import type { Coroutine } from "../gen/index.ts";
import type { Watched } from "../loop/index.ts";
import type { Texts } from "./texts.ts";

const RECENT = 8;

export class Names {
  readonly #texts: Texts;
  readonly #numbers = new WeakMap<object, number>();
  /** The functions that were asked for last, and their numbers: to compare a few is quicker than to look one up. */
  readonly #recent: (object | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #recentNumbers: number[] = new Array(RECENT).fill(0);
  #oldest = 0;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** The number of the name of `work`, which is a coroutine. */
  number(work: Watched): number {
    const { _body: body } = work as Coroutine<unknown>;
    const at = this.#recent.indexOf(body);
    if (at >= 0) return this.#recentNumbers[at] as number;
    const number = this.#numbers.get(body) ?? this.#numberOf(work, body);
    // Others are forgotten some time, and are to have a new one then.
    if (number < 0) return number;
    this.#recent[this.#oldest] = body;
    this.#recentNumbers[this.#oldest] = number;
    this.#oldest = (this.#oldest + 1) % RECENT;
    return number;
  }

  #numberOf(work: Watched, body: object): number {
    const number = this.#texts.number(work.name);
    if (number >= 0) this.#numbers.set(body, number);
    return number;
  }
}
