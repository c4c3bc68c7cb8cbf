/** What is to come true, and what is to stay true: looked at after each step of a run. */
import { describe } from "../base/index.ts";
import { InvariantError, LivenessError } from "./errors.ts";

export interface Within {
  /** After so many steps of the run at the latest. */
  readonly steps?: number;
  /** After so many milliseconds of virtual time at the latest. */
  readonly ms?: number;
}

interface Goal {
  readonly name: string;
  readonly isMet: () => boolean;
  readonly lastStep: number;
  readonly latestMs: number;
  readonly limit: string;
}

export class Conditions {
  readonly #invariants: { readonly name: string; readonly holds: () => boolean }[] = [];
  #goals: Goal[] = [];

  keep(name: string, holds: () => boolean): void {
    this.#invariants.push({ name, holds });
  }

  expect(name: string, isMet: () => boolean, step: number, nowMs: number, within: Within): void {
    const { steps = Number.POSITIVE_INFINITY, ms = Number.POSITIVE_INFINITY } = within;
    if (!(steps >= 0 && ms >= 0)) {
      throw new RangeError(
        `Cannot expect "${name}": within ${describe(steps)} steps and ${describe(ms)} ms, 0 or more of both is wanted`,
      );
    }
    const limits = [
      ...(steps === Number.POSITIVE_INFINITY ? [] : [`${steps} steps`]),
      ...(ms === Number.POSITIVE_INFINITY ? [] : [`${ms} ms`]),
    ];
    const limit = limits.length === 0 ? "at the end of the run" : `after ${limits.join(" or ")}`;
    this.#goals.push({ name, isMet, lastStep: step + steps, latestMs: nowMs + ms, limit });
  }

  /** @throws {InvariantError} @throws {LivenessError} */
  look(step: number, nowMs: number): void {
    for (const { name, holds } of this.#invariants) checkHolds(name, holds);
    if (this.#goals.length === 0) return;
    this.#goals = this.#goals.filter((goal) => {
      // First, as what comes true behind the limit has come too late.
      if (step > goal.lastStep || nowMs > goal.latestMs) throw new LivenessError(goal.name, goal.limit);
      return !goal.isMet();
    });
  }

  /** The run is over: what has not come true will not. @throws as `look` */
  end(step: number, nowMs: number): void {
    this.look(step, nowMs);
    for (const { name, isMet } of this.#goals) {
      if (!isMet()) throw new LivenessError(name, "at the end of the run");
    }
  }
}

/** An invariant may say what is wrong by throwing. */
function checkHolds(name: string, holds: () => boolean): void {
  let isTrue = false;
  try {
    isTrue = holds() !== false;
  } catch (cause) {
    throw new InvariantError(name, { cause });
  }
  if (!isTrue) throw new InvariantError(name);
}
