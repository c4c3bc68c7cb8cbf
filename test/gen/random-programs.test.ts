/**
 * Random programs of coroutines that start, wait for, limit, shield and cancel each other.
 *
 * Whatever they do: each body and each clean-up runs to its end once, nobody
 * waits for ever but with reason, no failure is lost or told twice, nothing is
 * left behind, and the same program gives the same run.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Play } from "./properties/play.ts";
import { type Program, programs } from "./properties/program.ts";
import { settings } from "./properties/settings.ts";

/** How many programs are tried. */
const RUNS = 150;

async function play(program: Program): Promise<Play> {
  const made = new Play(program);
  await made.run();
  return made;
}

describe("random programs of coroutines", () => {
  it("end clean, lose nothing, and run the same way each time", async () => {
    let longest = 0;
    const property = fc.asyncProperty(programs, async (program) => {
      const { trace, broken } = await play(program);
      assert.equal(broken.length, 0, [...broken, "in:", ...trace].join("\n"));
      const again = await play(program);
      assert.deepEqual(again.trace, trace, "the same program gives the same run");
      longest = Math.max(longest, trace.length);
    });
    await fc.assert(property, settings(RUNS));
    assert.ok(longest > 100, "the programs do something");
  });
});
