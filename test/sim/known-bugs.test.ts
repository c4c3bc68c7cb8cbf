/** The eight races of the bench: found by every seed, early, and told in few lines; their mended twins pass. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { knownBugs, withNoise } from "../../bench/sim/known-bugs.ts";
import { explore, type Program } from "../../src/sim/index.ts";
import { toSettings } from "../../src/sim/options.ts";
import { Search } from "../../src/sim/search.ts";
import { failureOf } from "./programs.ts";

/** Making a failure small takes longer than finding it. */
const TOLD_SEEDS = 2;

const SEEDS = 100;

/** In which schedule each seed finds it, without what it takes to tell of it; the 95th of 100. */
function percentile(program: Program): number {
  const found = Array.from({ length: SEEDS }, (_, at) => {
    const search = new Search(program, toSettings(program, { seed: at + 1 }));
    const { found } = search.runShare({ at: 0, count: 1, mayRun: () => true, onFailure: () => {} });
    assert.ok(found !== undefined, `seed ${at + 1} does not find it`);
    // Before its plan, a search makes the plain run.
    return found.schedule + 1;
  });
  return found.sort((a, b) => a - b)[Math.ceil(0.95 * SEEDS) - 1] as number;
}

for (const { name, goal, broken, mended } of knownBugs) {
  for (const [where, among] of [
    ["alone", (program: Program): Program => program],
    ["among noise", withNoise],
  ] as const) {
    describe(`${name} ${where}`, () => {
      it(`is found by each of ${SEEDS} seeds, and within ${goal} schedules by 95 of 100`, () => {
        const schedules = percentile(among(broken));
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
