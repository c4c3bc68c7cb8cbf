import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ASKED, Choices, FAULT, NEXT } from "../../src/sim/choices.ts";

describe("Choices", () => {
  it("keep what was chosen, of how many, and of which sort", () => {
    const choices = new Choices();
    choices.add(NEXT, 3, 2);
    choices.add(FAULT, 2, 0);
    choices.add(ASKED, 4000, 3999);
    assert.equal(choices.length, 3);
    assert.deepEqual([choices.value(2), choices.count(2), choices.kind(2)], [3999, 4000, ASKED]);
    assert.deepEqual([choices.value(0), choices.count(0), choices.kind(0)], [2, 3, NEXT]);
  });

  it("give a list without the zeros at the end, which follow anyway", () => {
    const choices = new Choices();
    for (const value of [0, 1, 0, 0]) choices.add(NEXT, 2, value);
    assert.deepEqual(choices.toArray(), [0, 1]);
    choices.clear();
    assert.deepEqual(choices.toArray(), []);
  });

  it("have room for as many as come", () => {
    const choices = new Choices();
    for (let at = 0; at < 1000; at++) choices.add(NEXT, 1001, at + 1);
    assert.deepEqual(
      choices.toArray(),
      Array.from({ length: 1000 }, (_, at) => at + 1),
    );
    assert.equal(choices.kind(999), NEXT);
  });
});
