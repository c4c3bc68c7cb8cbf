/** How a search decides: asked at each point of a run where more than one thing could happen. */
import type { AccessSet } from "./accesses.ts";
import type { ChoiceKind, Choices } from "./choices.ts";
import type { Steps } from "./steps.ts";

/** What is to be decided between. */
export interface Alternatives {
  /**
   * Whose step alternative `at` would be: the number of a coroutine, counted in the order of starting, that stands
   * at the top of those who wait for it; 0 for the world, such as a timer.
   */
  taskOf(at: number): number;
}

/** Of decisions that are nobody's step. */
export const NOBODY: Alternatives = { taskOf: () => 0 };

export interface Strategy {
  /** As reports name it. */
  readonly name: string;
  /** A run begins. @returns false when it has nothing left to try */
  begin(): boolean;
  /**
   * Which of `count` alternatives, at least 2.
   *
   * @param weight - for a fault or chance, how probable anything but 0 is; negative where all are alike
   */
  choose(kind: ChoiceKind, count: number, weight: number, of: Alternatives): number;
  /** The run that `begin` announced is over; both are the next run's from then on. */
  end(choices: Choices, steps: Steps): void;
}

/** One that must know what each stretch of a run has touched, and may cut a run short. */
export interface ReducingStrategy extends Strategy {
  /**
   * Which of `keys` happens next; also asked when there is only one.
   *
   * @param keys - what could: the same key for the same operation in each run
   * @param before - what was touched since it was asked last
   * @returns -1 when all that could follow has been seen
   */
  chooseNext(keys: readonly string[], before: AccessSet): number;
  /** The run is over; before `end`. */
  endNext(accesses: AccessSet): void;
}
