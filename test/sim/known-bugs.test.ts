/** The eight races of the bench: found by every seed, early, and told in few lines; their mended twins pass. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knownBugs, withNoise } from "../../bench/sim/known-bugs.ts";
import { explore, type Program } from "../../src/sim/index.ts";
import { failureOf } from "./programs.ts";

/** Making a failure small takes longer than finding it. */
const TOLD_SEEDS = 3;

/** In which schedule each of `seeds` finds it; that of the one which 95 of 100 are not behind. */
function percentile(program: Program, seeds: number): number {
  const found = Array.from({ length: seeds }, (_, at) => {
    return failureOf(explore(program, { seed: at + 1, shrink: false })).schedule;
  });
  return found.sort((a, b) => a - b)[Math.ceil(0.95 * seeds) - 1] as number;
}

for (const { name, goal, broken, mended } of knownBugs) {
  for (const [where, among, seeds] of [
    ["alone", (program: Program): Program => program, 100],
    ["among noise", withNoise, 25],
  ] as const) {
    describe(`${name} ${where}`, () => {
      it(`is found by each of ${seeds} seeds, and within ${goal} schedules by 95 of 100`, () => {
        const schedules = percentile(among(broken), seeds);
        assert.ok(schedules <= goal, `${schedules} schedules`);
      });

      it("is told in a token of at most 40 characters and in at most 15 lines", () => {
        for (let seed = 1; seed <= TOLD_SEEDS; seed++) {
          const { token, text } = failureOf(explore(among(broken), { seed }));
          assert.ok(token.length <= 40, token);
          assert.ok(text.split("\n").length <= 15, text);
          assert.ok(text.includes(token));
        }
      });

      it("passes when it is mended", () => {
        const report = explore(among(mended), { schedules: 100 });
        assert.equal(report.failure, undefined, report.text);
      });
    });
  }
}
