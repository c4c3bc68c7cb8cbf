import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { hashOf, Steps } from "../../src/sim/steps.ts";

function stepsOf(list: readonly (readonly [string, number])[], steps = new Steps()): Steps {
  steps.clear();
  for (const [label, task] of list) steps.add(hashOf(label), task);
  return steps;
}

const lists = fc.array(fc.tuple(fc.constantFrom("read", "write", "", "ä"), fc.nat({ max: 4 })), {
  maxLength: 30,
});

describe("hashOf()", () => {
  it("gives the same number in every process", () => {
    assert.equal(hashOf(""), 0x811c9dc5);
    assert.equal(hashOf("a") >>> 0, 0xe40c292c);
    assert.equal(hashOf("foobar") >>> 0, 0xbf9cf968);
  });

  it("forgets what it knows before that takes much memory, and says the same", () => {
    const before = hashOf("kept");
    for (let at = 0; at < 25_000; at++) hashOf(`label ${at}`);
    assert.equal(hashOf("kept"), before);
  });
});

describe("Steps", () => {
  it("have one hash if and only if they are the same", () => {
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(stepsOf(one).hash === stepsOf(other).hash, isSame);
        assert.equal(stepsOf(one).firstDifference(stepsOf(other)) === undefined, isSame);
      }),
      { numRuns: 1000 },
    );
  });

  it("have 52 bits of hash, and 13 digits of it in words", () => {
    fc.assert(
      fc.property(lists, (list) => {
        const steps = stepsOf(list);
        assert.ok(Number.isSafeInteger(steps.hash) && steps.hash >= 0 && steps.hash < 2 ** 52);
        assert.equal(Number.parseInt(steps.hashText, 16), steps.hash);
        assert.equal(steps.hashText.length, 13);
      }),
    );
  });

  it("begin anew when they are cleared, however many there were", () => {
    const used = new Steps();
    for (let at = 0; at < 5000; at++) used.add(at, at);
    assert.equal(used.length, 5000);
    assert.equal(used.task(4999), 4999);
    assert.equal(stepsOf([["a", 1]], used).hash, stepsOf([["a", 1]]).hash);
    assert.equal(used.length, 1);
  });

  it("say where two runs part", () => {
    const one = stepsOf([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    assert.equal(
      one.firstDifference(
        stepsOf([
          ["a", 1],
          ["b", 1],
          ["c", 3],
        ]),
      ),
      1,
    );
    assert.equal(
      one.firstDifference(
        stepsOf([
          ["a", 1],
          ["b", 2],
        ]),
      ),
      2,
    );
    assert.equal(
      one.firstDifference(
        stepsOf([
          ["a", 1],
          ["b", 2],
          ["c", 3],
          ["d", 4],
        ]),
      ),
      3,
    );
  });
});
