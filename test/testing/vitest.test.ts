/** One contract, two runners: `gyre/testing` does the same under vitest as under Node's own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { root } from "../../tools/setup.mjs";
import { cases } from "./fixtures/cases.ts";
import { type Outcomes, runners } from "./runners.ts";

const fixtures = join(root, "test", "testing", "fixtures");
const lines = readFileSync(join(fixtures, "cases.ts"), "utf8").split("\n");

/** The place of the line that has `comment` in it, as a stack shows it. */
function placeOf(comment: string): string {
  return `cases.ts:${lines.findIndex((line) => line.includes(`// ${comment}`)) + 1}:`;
}

for (const [runner, start] of Object.entries(runners)) {
  describe(`a test under ${runner}`, () => {
    let outcomes: Outcomes;
    before(async () => {
      outcomes = await start(fixtures);
    });

    for (const [name, { fails, shows = [] }] of Object.entries(cases)) {
      it(name, () => {
        const outcome = outcomes.get(name);
        assert.ok(outcome !== undefined, `${runner} has run it`);
        const { passed, text } = outcome;
        assert.equal(passed, fails === undefined, text);
        if (fails !== undefined) assert.match(text, fails);
        const frames = text.split("\n").filter((line) => line.startsWith("    at "));
        for (const [at, comment] of shows.entries()) {
          assert.ok(
            frames[at]?.includes(placeOf(comment)),
            `${frames[at]} is ${placeOf(comment)}, ${comment}`,
          );
        }
      });
    }

    it("is all that was run", () => {
      assert.deepEqual([...outcomes.keys()], Object.keys(cases));
    });
  });
}
