/** In which order a search tries its strategies: each has its blind spot, so they take turns. */

import type { SearchSettings } from "./options.ts";
import { Deviations } from "./strategies/deviations.ts";
import { Exhaustive } from "./strategies/exhaustive.ts";
import { Pct } from "./strategies/pct.ts";
import { RandomNumbers } from "./strategies/random-numbers.ts";
import { RandomWalk } from "./strategies/random-walk.ts";
import { Reduced } from "./strategies/reduced.ts";
import { Urw } from "./strategies/urw.ts";
import type { Strategy } from "./strategy.ts";
import { Share } from "./workers/share.ts";

/** More are not kept in mind, however long the search may be. */
const MOST_DEVIATIONS = 250_000;

/** What one of the strategies of a plan has run all of. */
export interface Covered {
  /** Every schedule there is. */
  readonly isDone: boolean;
  /** Every schedule with so many deviations from a plain order; -1 when not even that order, or none was looked for. */
  readonly deviations: number;
}

export class Plan {
  readonly #turns: Strategy[];
  readonly #isPart: boolean;
  #at = 0;

  constructor(
    { strategy, seed, schedules, reduce }: SearchSettings,
    { at, count }: { readonly at: number; readonly count: number },
  ) {
    this.#isPart = count > 1;
    const random = new RandomNumbers(seed);
    // A third of the runs, between the two rules.
    const mostDeviations = Math.min(MOST_DEVIATIONS, Math.ceil(schedules / 6));
    const share = (): Share => new Share(at, count);
    switch (strategy) {
      case "plain":
        // The search has run it before its plan begins.
        this.#turns = [];
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
        this.#turns = [reduce ? new Reduced(share()) : new Exhaustive(share())];
        break;
      case "deviations":
        this.#turns = [
          new Deviations("go on", random, schedules, share()),
          new Deviations("in turn", random, schedules, share()),
        ];
        break;
      default:
        this.#turns = [
          new Deviations("go on", random, mostDeviations, share()),
          new RandomWalk(random),
          new Pct(random),
          new Deviations("in turn", random, mostDeviations, share()),
          new Urw(random),
          new Pct(random),
        ];
    }
  }

  /** Has some strategy tried every schedule? */
  get isExhausted(): boolean {
    // Parts of several searches fit together under one and the same rule only.
    return (this.#isPart ? this.#turns.slice(0, 1) : this.#turns).some(isDone);
  }

  /** By strategy. */
  covered(): readonly Covered[] {
    return this.#turns.map((each) => ({
      isDone: isDone(each),
      deviations: each instanceof Deviations ? each.done : -1,
    }));
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

function isDone(strategy: Strategy): boolean {
  return "isDone" in strategy && strategy.isDone === true;
}
