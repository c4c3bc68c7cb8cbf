/** Searches of programs with nodes, as their tests ask for them. */
import assert from "node:assert/strict";
import type { CoroutineGenerator } from "../../../src/index.ts";
import {
  type ExploreOptions,
  explore,
  type Program,
  type Sim,
  type SimFailureInfo,
} from "../../../src/sim/index.ts";

export function passes(program: Program, options: ExploreOptions = {}): void {
  const report = explore(program, { schedules: 200, ...options });
  assert.equal(report.failure, undefined, report.text);
}

export function failureOf(program: Program, options: ExploreOptions = {}): SimFailureInfo {
  const { failure } = explore(program, options);
  assert.ok(failure !== undefined, "it is to fail");
  return failure;
}

/** What `story` gives in one or another of all schedules, sorted. */
export function outcomes(story: (sim: Sim) => CoroutineGenerator<unknown>): string[] {
  const seen = new Set<string>();
  const report = explore(
    function* all(sim: Sim) {
      seen.add(String(yield* story(sim)));
    },
    { strategy: "exhaustive" },
  );
  assert.equal(report.failure, undefined, report.text);
  assert.ok(report.exhausted);
  return [...seen].sort();
}
