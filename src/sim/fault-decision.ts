/** Decisions about what goes wrong: 0 is that nothing does. */
import { FAULT } from "./choices.ts";
import { NOBODY } from "./strategy.ts";
import type { World } from "./world.ts";

/**
 * Which of the outcomes comes true, by its place.
 *
 * @param outcomes - in words; the first is that nothing goes wrong
 * @param probability - of any but the first, where it is drawn at random
 */
export function decideFault(world: World, probability: number, outcomes: readonly string[]): number {
  return world.decide(FAULT, outcomes.length, probability, NOBODY, () => outcomes);
}
