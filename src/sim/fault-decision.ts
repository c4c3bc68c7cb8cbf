/** Decisions about what goes wrong: 0 is that nothing does. */
import { FAULT } from "./choices.ts";
import { NOBODY } from "./strategy.ts";
import type { World } from "./world.ts";

/**
 * Where a search draws at random: how probable it is that a crash takes one thing with it, such as a write that was not
 * synced or a request that was under way.
 */
export const LOSS = 0.5;

/**
 * Which of the outcomes comes true, by its place.
 *
 * @param outcomes - in words; the first is that nothing goes wrong
 * @param probability - of any but the first, where it is drawn at random
 */
export function decideFault(world: World, probability: number, outcomes: readonly string[]): number {
  return world.decide(FAULT, outcomes.length, probability, NOBODY, () => outcomes);
}
