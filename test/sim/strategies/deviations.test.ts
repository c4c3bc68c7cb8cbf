import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Deviations } from "../../../src/sim/strategies/deviations.ts";
import { RandomNumbers } from "../../../src/sim/strategies/random-numbers.ts";
import { even, runs } from "./trees.ts";

function deviationsOf(run: string): number {
  return [...run].filter((value) => value !== "0").length;
}

describe("the strategy of deviations", () => {
  it("tries the plain run, then all with one deviation, then all with two, until there are no more", () => {
    const strategy = new Deviations("in turn", new RandomNumbers(1), 1000);
    const all = runs(strategy, even(3, 2), 1000);
    assert.deepEqual(all.map(deviationsOf), [0, 1, 1, 1, 2, 2, 2, 3]);
    assert.equal(new Set(all).size, 8);
    assert.ok(strategy.isDone);
  });

  it("tries each alternative of each point", () => {
    const all = runs(new Deviations("in turn", new RandomNumbers(1), 1000), even(2, 3), 1000);
    assert.equal(new Set(all).size, 9);
    assert.equal(all.length, 9);
  });

  it("begins no level that it may not end, and is not done then", () => {
    const strategy = new Deviations("in turn", new RandomNumbers(1), 6);
    assert.deepEqual(runs(strategy, even(3, 2), 1000).map(deviationsOf), [0, 1, 1, 1]);
    assert.equal(strategy.isDone, false);
  });

  it("goes from who ran last, where that is the rule", () => {
    const strategy = new Deviations("go on", new RandomNumbers(1), 1000);
    const [first, ...others] = runs(strategy, even(3, 2), 1000);
    assert.equal(first, "000");
    // One deviation: who was chosen instead goes on from there.
    assert.deepEqual(new Set(others.slice(0, 3)), new Set(["111", "011", "001"]));
    assert.equal(new Set([first, ...others]).size, 8);
    assert.ok(strategy.isDone);
  });

  it("takes the runs of a level in an order that the seed gives", () => {
    const order = (seed: number): string =>
      runs(new Deviations("in turn", new RandomNumbers(seed), 1000), even(6, 2), 1000).join(" ");
    assert.equal(order(1), order(1));
    assert.notEqual(order(1), order(2));
  });

  it("comes to an end where the decisions are fewer after a deviation", () => {
    const strategy = new Deviations("in turn", new RandomNumbers(1), 1000);
    const all = runs(strategy, (taken) => (taken.includes(1) || taken.length === 4 ? 0 : 2), 1000);
    assert.deepEqual(new Set(all), new Set(["0000", "1", "01", "001", "0001"]));
    assert.equal(all.length, 5);
    assert.ok(strategy.isDone);
  });
});
