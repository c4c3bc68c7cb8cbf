/** Programs that worker threads load. */
import { isMainThread } from "node:worker_threads";
import { coroutine } from "../../../src/gen/index.ts";
import type { ExploreOptions, Program, Sim } from "../../../src/sim/index.ts";

const nothing = (): void => {};

const step = coroutine(function* step(sim: Sim, count: number) {
  for (let at = 0; at < count; at++) yield* sim.io("step", nothing);
});

/** Three coroutines of three steps: 1,680 schedules. */
export function steps(sim: Sim): void {
  for (let at = 0; at < 3; at++) step(sim, 3);
}

/** Fails where all of one's twelve steps come before the other's third. */
export const rare: Program = coroutine(function* rare(sim: Sim) {
  let isDone = false;
  const long = coroutine(function* long() {
    yield* step(sim, 12);
    isDone = true;
  });
  const short = coroutine(function* short() {
    yield* step(sim, 2);
    yield* sim.io("look", nothing);
    if (isDone) throw new Error("it looked too late");
  });
  yield [long(), short()];
});

export const kept: { readonly program: Program; readonly options: ExploreOptions } = {
  program: steps,
  options: { invariants: [() => true] },
};

export function spoiled(): void {
  if (!isMainThread) throw new Error("only in a thread");
}
