/** Decisions without a program, for tests of strategies: how many alternatives there are follows from what was chosen. */
import { type ChoiceKind, Choices, NEXT } from "../../../src/sim/choices.ts";
import { Steps } from "../../../src/sim/steps.ts";
import type { Alternatives, Strategy } from "../../../src/sim/strategy.ts";

/** How many alternatives there are after `taken`; 0 where the run ends. */
export type Tree = (taken: readonly number[]) => number;

/** Alternative `at` is a step of task `at` + 1. */
export const tasks: Alternatives = { taskOf: (at) => at + 1 };

/** `depth` decisions of `count` alternatives each. */
export function even(depth: number, count: number): Tree {
  return (taken) => (taken.length < depth ? count : 0);
}

/** One run. @returns what was chosen; `undefined` when the strategy has nothing left to try */
export function runTree(
  strategy: Strategy,
  tree: Tree,
  kind: ChoiceKind = NEXT,
  weight = -1,
): readonly number[] | undefined {
  if (!strategy.begin()) return undefined;
  const choices = new Choices();
  const steps = new Steps();
  steps.clear();
  const taken: number[] = [];
  for (let count = tree(taken); count > 0; count = tree(taken)) {
    const value = strategy.choose(kind, count, weight, tasks);
    if (!(Number.isInteger(value) && value >= 0 && value < count))
      throw new Error(`${strategy.name} chose ${value} of ${count}`);
    taken.push(value);
    choices.add(kind, count, value);
    steps.add(value, value + 1);
  }
  strategy.end(choices, steps);
  return taken;
}

/** Runs until nothing is left, or `most` of them. */
export function runs(strategy: Strategy, tree: Tree, most: number): string[] {
  const all: string[] = [];
  for (let run = runTree(strategy, tree); run !== undefined; run = runTree(strategy, tree)) {
    all.push(run.join(""));
    if (all.length === most) break;
  }
  return all;
}
