/** How many steps a run has taken, and whether that is too many. */
import { READY_BUDGET_STEPS } from "../future/index.ts";
import { LivelockError } from "./errors.ts";

/** How much a step counts to the bound in which time has passed: an hour of heartbeats does end. */
const TIMED_EFFORT = 0.1;

export class StepCount {
  /** Steps so far; a pass that used up its budget counts as many. */
  total = 0;
  readonly #mostSteps: number;
  #effort = 0;
  #atMs = 0;
  /** Since which step it goes in fair order, to see whether it ends then. */
  #fairSince: number | undefined = undefined;

  constructor(mostSteps: number) {
    this.#mostSteps = mostSteps;
  }

  /** Is everything to have its turn, as there were too many steps? */
  get isFair(): boolean {
    return this.#fairSince !== undefined;
  }

  /**
   * One step more.
   *
   * @param isSpent - is there work that is ready without end, so that its budget cuts it into passes?
   * @returns whether they are within the bound
   */
  add(isSpent: boolean, nowMs: number): boolean {
    this.total += isSpent ? READY_BUDGET_STEPS : 1;
    this.#effort += isSpent ? READY_BUDGET_STEPS : nowMs > this.#atMs ? TIMED_EFFORT : 1;
    this.#atMs = nowMs;
    return this.#effort <= this.#mostSteps;
  }

  /** Another process has used up a budget. */
  addSpent(): void {
    this.#effort += READY_BUDGET_STEPS;
  }

  /** Too many: go on in fair order. @returns the error when it did not end there either */
  overrun(): LivelockError | undefined {
    this.#fairSince ??= this.total;
    if (this.#effort <= 2 * this.#mostSteps) return undefined;
    return new LivelockError(this.total, this.total - this.#fairSince);
  }
}
