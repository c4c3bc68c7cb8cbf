/**
 * Probabilistic concurrency testing: each task gets a random priority, the
 * highest goes on, and at a few random points the one that leads falls behind all.
 *
 * It finds what needs one task to be delayed for long, and few turns besides,
 * which a random walk hardly ever does. How many points there are is learned from
 * the runs before.
 *
 * Source: Burckhardt and others, "A randomized scheduler with probabilistic guarantees of finding bugs", 2010.
 */
import { type ChoiceKind, type Choices, NEXT, READY } from "../choices.ts";
import type { Alternatives, Strategy } from "../strategy.ts";
import type { RandomNumbers } from "./random-numbers.ts";

/** A bug that needs more turns than this is found by others. */
const MOST_TURNS = 3;

export class Pct implements Strategy {
  readonly name = "pct";
  readonly #random: RandomNumbers;
  /** By task; 0 is none yet, what fell behind is below 0. */
  #priorities: number[] = [];
  #lowest = 0;
  /** Points at which the leader falls behind. */
  readonly #turns: number[] = [];
  #at = 0;
  #expected = 0;

  constructor(random: RandomNumbers) {
    this.#random = random;
  }

  begin(): boolean {
    this.#priorities = [];
    this.#lowest = 0;
    this.#at = 0;
    this.#turns.length = 0;
    const depth = 1 + this.#random.below(MOST_TURNS);
    for (let turn = 1; turn < depth; turn++)
      this.#turns.push(this.#random.below(Math.max(this.#expected, 1)));
    return true;
  }

  choose(kind: ChoiceKind, count: number, weight: number, of: Alternatives): number {
    if (kind !== NEXT && kind !== READY) return this.#random.weighted(count, weight);
    let leader = this.#leader(count, of);
    if (this.#turns.includes(this.#at++)) {
      this.#priorities[of.taskOf(leader)] = --this.#lowest;
      leader = this.#leader(count, of);
    }
    return leader;
  }

  end(choices: Choices): void {
    this.#expected = Math.max(this.#expected, choices.length);
  }

  #leader(count: number, of: Alternatives): number {
    let leader = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      const task = of.taskOf(at);
      let priority = this.#priorities[task];
      if (priority === undefined) {
        priority = 1 + this.#random.next();
        this.#priorities[task] = priority;
      }
      if (priority <= highest) continue;
      highest = priority;
      leader = at;
    }
    return leader;
  }
}
