import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine } from "../../src/index.ts";
import { type ExploreReport, explore, type Sim } from "../../src/sim/index.ts";

/** Three coroutines of three steps: 1,680 schedules. */
const three = coroutine(function* three(sim: Sim) {
  const work = coroutine(function* work() {
    for (let at = 0; at < 3; at++) yield* sim.io("step", () => undefined);
  });
  yield [work(), work(), work()];
});

const search = (schedules: number): ExploreReport => explore(three, { strategy: "deviations", schedules });

describe("a search by deviations", () => {
  it("says up to how many of them it has run every schedule", () => {
    assert.equal(search(1).deviations, -1);
    assert.equal(search(2).deviations, 0);
    // By either rule there are two others at six points, and one at two or so.
    const few = search(60);
    assert.equal(few.deviations, 1);
    assert.match(few.text, /, all of those with one turn at most; seed 1/);
    assert.ok(search(600).deviations >= 2);
  });

  it("says that there are no others when it has come to an end", () => {
    const report = search(10_000);
    assert.equal(report.exhausted, true);
    assert.equal(report.distinct, 1680);
  });

  it("says of another strategy that it has not looked", () => {
    assert.equal(explore(three, { strategy: "random", schedules: 10 }).deviations, -1);
  });
});
