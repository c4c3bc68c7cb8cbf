/**
 * All schedules with one deviation from a plain rule, then all with two, and so on.
 *
 * Most races need one or two turns at the right place. The rule is either that of
 * the production loop, in turn, or that the one that ran goes on until it cannot.
 */
import { type ChoiceKind, type Choices, NEXT, READY } from "../choices.ts";
import type { Steps } from "../steps.ts";
import type { Alternatives, Strategy } from "../strategy.ts";
import { Share } from "../workers/share.ts";
import type { RandomNumbers } from "./random-numbers.ts";

export type Rule = "in turn" | "go on";

/** Another alternative than the rule's at one point. */
interface Deviation {
  readonly at: number;
  readonly value: number;
  readonly before: Deviation | undefined;
}

export class Deviations implements Strategy {
  readonly name: string;
  /** Has every schedule been run? */
  isDone = false;
  /** Every schedule with at most so many deviations has been run; -1 before the first. */
  done = -1;
  readonly #goesOn: boolean;
  readonly #random: RandomNumbers;
  readonly #mostRuns: number;
  readonly #share: Share;
  /** Of the level that is being tried, and of the next one. */
  #level: (Deviation | undefined)[] = [undefined];
  #next: Deviation[] = [];
  #tried: Deviation | undefined;
  /** The deviations of this run, by the point. */
  readonly #values = new Map<number, number>();
  /** What the rule said in this run, by the point. */
  readonly #ruled: number[] = [];
  #lastTask = 0;
  #runs = 0;
  #isCut = false;

  /** @param mostRuns - a level that does not fit is not begun */
  constructor(rule: Rule, random: RandomNumbers, mostRuns: number, share: Share = new Share()) {
    this.name = `deviations from "${rule}"`;
    this.#goesOn = rule === "go on";
    this.#random = random;
    this.#mostRuns = mostRuns;
    this.#share = share;
  }

  begin(): boolean {
    if (this.#level.length === 0 && !this.#beginLevel()) return false;
    this.#tried = this.#level.pop();
    this.#values.clear();
    for (let each = this.#tried; each !== undefined; each = each.before)
      this.#values.set(each.at, each.value);
    this.#ruled.length = 0;
    this.#lastTask = 0;
    this.#runs++;
    return true;
  }

  choose(kind: ChoiceKind, count: number, _weight: number, of: Alternatives): number {
    const isOrder = kind === NEXT || kind === READY;
    const ruled = this.#goesOn && isOrder ? this.#goingOn(count, of) : 0;
    const deviating = this.#values.get(this.#ruled.length);
    this.#ruled.push(ruled);
    const value = deviating === undefined || deviating >= count ? ruled : deviating;
    if (this.#goesOn && isOrder) this.#lastTask = of.taskOf(value);
    return value;
  }

  end(choices: Choices, _steps: Steps): void {
    if (this.#level.length === 0) this.done++;
    if (this.#isCut) return;
    for (let at = (this.#tried?.at ?? -1) + 1; at < choices.length; at++) {
      for (let value = 0; value < choices.count(at); value++) {
        if (value !== this.#ruled[at]) this.#next.push({ at, value, before: this.#tried });
      }
      if (this.#next.length > this.#mostRuns) {
        this.#isCut = true;
        this.#next = [];
        return;
      }
    }
  }

  #beginLevel(): boolean {
    // Who has its share of the first deviations has all that follow from them.
    if (this.#runs === 1) this.#next = this.#next.filter((_, at) => this.#share.isMine(at));
    if (this.#isCut || this.#runs + this.#next.length > this.#mostRuns) return false;
    this.isDone = this.#next.length === 0;
    this.#level = this.#next;
    this.#next = [];
    // In no particular order, so that another seed finds another bug first.
    for (let at = this.#level.length - 1; at > 0; at--) {
      const other = this.#random.below(at + 1);
      [this.#level[at], this.#level[other]] = [this.#level[other], this.#level[at]];
    }
    return !this.isDone;
  }

  #goingOn(count: number, of: Alternatives): number {
    for (let at = 0; at < count; at++) if (of.taskOf(at) === this.#lastTask) return at;
    return 0;
  }
}
