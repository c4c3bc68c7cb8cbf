/** Programs that the tests of the simulation search. */
import { type CoroutineGenerator, coroutine } from "../../src/gen/index.ts";
import type { ExploreReport, Program, Sim, SimFailureInfo } from "../../src/sim/index.ts";

export const nothing = (): void => {};

/** A coroutine called `name`, as a program. */
export function program(name: string, body: (sim: Sim) => CoroutineGenerator<unknown>): Program {
  const run = coroutine(Object.defineProperty(body, "name", { value: name }));
  return Object.defineProperty((sim: Sim) => run(sim), "name", { value: name });
}

/** `count` coroutines of `steps` operations each; `onEnd` is given who went in which order. */
export function walkers(
  count: number,
  steps: number,
  onEnd: (order: readonly number[]) => void = nothing,
): Program {
  const walk = coroutine(function* walk(sim: Sim, who: number, order: number[]) {
    for (let at = 0; at < steps; at++) {
      yield* sim.io("step", nothing);
      order.push(who);
    }
  });
  return program("walkers", function* (sim) {
    const order: number[] = [];
    yield Array.from({ length: count }, (_, who) => walk(sim, who, order));
    onEnd(order);
  });
}

/** Two that read a number, and then write it plus one: wrong when both read before one has written. */
export const lostUpdate: Program = program("lostUpdate", function* (sim) {
  let value = 0;
  const add = coroutine(function* add(before: number) {
    for (let at = 0; at < before; at++) yield* sim.io("walk", nothing);
    const seen = yield* sim.io("read", () => value);
    yield* sim.io("write", () => {
      value = seen + 1;
    });
  });
  yield [add(0), add(3)];
  if (value !== 2) throw new Error(`the value is ${value}, 2 is wanted`);
});

/** What the search found. @throws {Error} when it found nothing */
export function failureOf(report: ExploreReport): SimFailureInfo {
  if (report.failure === undefined) throw new Error(`nothing was found: ${report.text}`);
  return report.failure;
}
