/** In which order a search tries its strategies: each has its blind spot, so they take turns. */

import type { SearchSettings } from "./options.ts";
import { Deviations } from "./strategies/deviations.ts";
import { Exhaustive } from "./strategies/exhaustive.ts";
import { Pct } from "./strategies/pct.ts";
import { Plain } from "./strategies/plain.ts";
import { RandomNumbers } from "./strategies/random-numbers.ts";
import { RandomWalk } from "./strategies/random-walk.ts";
import { Reduced } from "./strategies/reduced.ts";
import { Urw } from "./strategies/urw.ts";
import type { Strategy } from "./strategy.ts";

export class Plan {
  readonly #turns: Strategy[];
  #at = 0;

  constructor({ strategy, seed, schedules, reduce }: SearchSettings) {
    const random = new RandomNumbers(seed);
    // A third of the runs, between the two rules.
    const mostDeviations = Math.ceil(schedules / 6);
    switch (strategy) {
      case "plain":
        this.#turns = [new Plain()];
        break;
      case "random":
        this.#turns = [new RandomWalk(random)];
        break;
      case "pct":
        this.#turns = [new Pct(random)];
        break;
      case "urw":
        this.#turns = [new Urw(random)];
        break;
      case "exhaustive":
        this.#turns = [reduce ? new Reduced() : new Exhaustive()];
        break;
      case "deviations":
        this.#turns = [
          new Deviations("go on", random, schedules),
          new Deviations("in turn", random, schedules),
        ];
        break;
      default:
        this.#turns = [
          new Deviations("go on", random, mostDeviations),
          new RandomWalk(random),
          new Pct(random),
          new Deviations("in turn", random, mostDeviations),
          new Urw(random),
          new Pct(random),
        ];
    }
  }

  /** Has some strategy tried every schedule? */
  get isExhausted(): boolean {
    return this.#turns.some((each) => "isDone" in each && each.isDone === true);
  }

  /** Every schedule with at most so many deviations from a plain order has been run; -1 when not even that order has. */
  get deviations(): number {
    return Math.max(-1, ...this.#turns.map((each) => (each instanceof Deviations ? each.done : -1)));
  }

  /** Whose turn it is, ready to decide; `undefined` when nothing is left to try. */
  next(): Strategy | undefined {
    for (let tried = 0; tried < this.#turns.length && !this.isExhausted; tried++) {
      const strategy = this.#turns[this.#at % this.#turns.length] as Strategy;
      this.#at++;
      if (strategy.begin()) return strategy;
    }
    return undefined;
  }
}
