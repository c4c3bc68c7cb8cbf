/**
 * Uniform random walk: each task as probable as it has steps left, so that whole
 * schedules, and not single turns, are about equally probable.
 *
 * How many steps a task takes is learned from the runs before, all of them counted.
 *
 * Source: Zhao and others, "Selectively uniform concurrency testing", 2025.
 */
import { type ChoiceKind, type Choices, NEXT, READY } from "../choices.ts";
import type { Steps } from "../steps.ts";
import type { Alternatives, Strategy } from "../strategy.ts";
import type { RandomNumbers } from "./random-numbers.ts";

export class Urw implements Strategy {
  readonly name = "urw";
  readonly #random: RandomNumbers;
  /** Steps of each task, in the run before. */
  #totals: number[] = [];
  #left: number[] = [];

  constructor(random: RandomNumbers) {
    this.#random = random;
  }

  begin(): boolean {
    this.#left = this.#totals.slice();
    return true;
  }

  choose(kind: ChoiceKind, count: number, weight: number, of: Alternatives): number {
    if (kind !== NEXT && kind !== READY) return this.#random.weighted(count, weight);
    let sum = 0;
    for (let at = 0; at < count; at++) sum += this.#leftOf(of.taskOf(at));
    let drawn = this.#random.next() * sum;
    for (let at = 0; at < count; at++) {
      const task = of.taskOf(at);
      const left = this.#leftOf(task);
      drawn -= left;
      if (drawn >= 0 && at < count - 1) continue;
      this.#left[task] = left - 1;
      return at;
    }
    return 0;
  }

  end(_choices: Choices, steps: Steps): void {
    const totals: number[] = [];
    for (let at = 0; at < steps.length; at++) {
      const task = steps.task(at);
      totals[task] = (totals[task] ?? 0) + 1;
    }
    this.#totals = totals;
  }

  #leftOf(task: number): number {
    return Math.max(this.#left[task] ?? 1, 1);
  }
}
