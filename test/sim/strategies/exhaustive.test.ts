import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Exhaustive } from "../../../src/sim/strategies/exhaustive.ts";
import { even, runs, runTree } from "./trees.ts";

describe("the exhaustive strategy", () => {
  it("runs every sequence once, in order, and is done then", () => {
    const strategy = new Exhaustive();
    assert.deepEqual(runs(strategy, even(2, 3), 100), ["00", "01", "02", "10", "11", "12", "20", "21", "22"]);
    assert.ok(strategy.isDone);
    assert.equal(runTree(strategy, even(2, 3)), undefined);
  });

  it("runs a program without decisions once", () => {
    const strategy = new Exhaustive();
    assert.deepEqual(runs(strategy, even(0, 2), 10), [""]);
    assert.ok(strategy.isDone);
  });

  it("finds its way where what is to be decided follows from what was", () => {
    // After a 1 there are two decisions more, after a 0 none.
    const strategy = new Exhaustive();
    const all = runs(
      strategy,
      (taken) => (taken.length === 0 ? 2 : taken[0] === 1 && taken.length < 3 ? 2 : 0),
      100,
    );
    assert.deepEqual(all, ["0", "100", "101", "110", "111"]);
  });

  it("is not done before the last one", () => {
    const strategy = new Exhaustive();
    assert.equal(runs(strategy, even(3, 2), 7).length, 7);
    assert.equal(strategy.isDone, false);
    runTree(strategy, even(3, 2));
    assert.equal(strategy.isDone, true);
  });
});
