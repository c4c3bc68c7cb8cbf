/** What a search has seen so far, in numbers. */
import { Distinct } from "./distinct.ts";
import type { Progress } from "./options.ts";
import type { ShareResult } from "./workers/workers.ts";
import type { Records } from "./world.ts";

export class Tally {
  readonly #distinct = new Distinct();
  /** On the clock of `performance`. */
  readonly startedMs: number = performance.now();
  schedules = 0;
  steps = 0;
  mostDecisions = 0;

  get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  /** Different runs, 100,000 at most. */
  get distinct(): number {
    return this.#distinct.count;
  }

  /** The same for people. */
  get distinctInWords(): string {
    return `${this.#distinct.isExact ? "" : "more than "}${this.#distinct.count}`;
  }

  /** Hashes of the different runs. */
  hashes(): Float64Array {
    return this.#distinct.values();
  }

  /** One run more. */
  count({ choices, steps }: Records, isCut: boolean): void {
    this.schedules++;
    this.steps += steps.length;
    this.mostDecisions = Math.max(this.mostDecisions, choices.length);
    if (!isCut) this.#distinct.add(steps.hash);
  }

  /** What a thread has run. */
  add({ schedules, steps, mostDecisions, distinct }: ShareResult): void {
    this.schedules += schedules;
    this.steps += steps;
    this.mostDecisions = Math.max(this.mostDecisions, mostDecisions);
    for (const hash of distinct) this.#distinct.add(hash);
  }

  /** @param trying - the name of the strategy whose turn it is */
  progress(trying: string, schedules: number, budgetMs: number): Progress {
    const { elapsedMs } = this;
    return {
      schedules: this.schedules,
      distinct: this.distinct,
      perSecond: (this.schedules / elapsedMs) * 1000,
      trying,
      share: Math.max(
        schedules === Number.POSITIVE_INFINITY ? 0 : this.schedules / schedules,
        budgetMs === Number.POSITIVE_INFINITY ? 0 : elapsedMs / budgetMs,
      ),
    };
  }
}
