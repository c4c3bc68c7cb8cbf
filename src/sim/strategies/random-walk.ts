/** Each alternative as probable as any other, at each point anew. */
import type { ChoiceKind } from "../choices.ts";
import type { Strategy } from "../strategy.ts";
import type { RandomNumbers } from "./random-numbers.ts";

export class RandomWalk implements Strategy {
  readonly name = "random";
  readonly #random: RandomNumbers;

  constructor(random: RandomNumbers) {
    this.#random = random;
  }

  begin(): boolean {
    return true;
  }

  choose(_kind: ChoiceKind, count: number, weight: number): number {
    return this.#random.weighted(count, weight);
  }

  end(): void {}
}
