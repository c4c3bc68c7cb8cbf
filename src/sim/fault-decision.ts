/** Decisions about what goes wrong: 0 is that nothing does. */
import { FAULT } from "./choices.ts";
import type { Alternatives } from "./strategy.ts";
import type { World } from "./world.ts";

/** Such decisions are nobody's step. */
const NOBODY: Alternatives = { taskOf: () => 0 };

/**
 * Which of the outcomes comes true, by its place.
 *
 * @param outcomes - in words; the first is that nothing goes wrong
 * @param probability - of any but the first, where it is drawn at random
 */
export function decideFault(world: World, probability: number, outcomes: readonly string[]): number {
  return world.decide(FAULT, outcomes.length, probability, NOBODY, () => outcomes);
}
