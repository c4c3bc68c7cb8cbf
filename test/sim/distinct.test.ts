import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Distinct } from "../../src/sim/distinct.ts";

describe("Distinct", () => {
  it("counts each number once, few of them and many", () => {
    const distinct = new Distinct();
    for (const many of [1, 10, 1000, 1001, 1002, 50_000]) {
      for (let value = 0; value < many; value++) distinct.add(value * 0x1_0000_0001);
      assert.equal(distinct.count, many);
      assert.ok(distinct.isExact);
    }
  });

  it("counts 0, and the largest that a run has", () => {
    const distinct = new Distinct();
    for (let value = 0; value < 2000; value++) distinct.add(2 ** 52 - 1 - value);
    distinct.add(0);
    distinct.add(0);
    assert.equal(distinct.count, 2001);
  });

  it("stops at 100,000, and says that there may be more", () => {
    const distinct = new Distinct();
    for (let value = 0; value < 200_000; value++) distinct.add(value);
    assert.equal(distinct.count, 100_000);
    assert.equal(distinct.isExact, false);
  });

  it("gives those that it has counted", () => {
    for (const many of [3, 3000]) {
      const distinct = new Distinct();
      const values = Array.from({ length: many }, (_, at) => at * 7919);
      for (const value of values) distinct.add(value);
      assert.deepEqual(
        [...distinct.values()].sort((a, b) => a - b),
        values,
      );
    }
  });
});
