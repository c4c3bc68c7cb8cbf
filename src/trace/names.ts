/** The numbers of what coroutines are called, found by their functions: a function computes its name at each look. */
import type { Coroutine } from "../gen/index.ts";
import type { Watched } from "../loop/index.ts";
import type { Texts } from "./texts.ts";

export class Names {
  readonly #texts: Texts;
  readonly #numbers = new WeakMap<object, number>();
  #last: object | undefined;
  #lastNumber = 0;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** The number of the name of `work`, which is a coroutine. */
  number(work: Watched): number {
    const { _body: body } = work as Coroutine<unknown>;
    // Mostly one of many that run the same function.
    if (body === this.#last) return this.#lastNumber;
    const number = this.#numbers.get(body) ?? this.#numberOf(work, body);
    // Others are forgotten some time, and are to have a new one then.
    if (number < 0) return number;
    this.#last = body;
    this.#lastNumber = number;
    return number;
  }

  #numberOf(work: Watched, body: object): number {
    const number = this.#texts.number(work.name);
    if (number >= 0) this.#numbers.set(body, number);
    return number;
  }
}
