import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { shrink, type Try } from "../../src/sim/shrink.ts";

/** What a run takes of a candidate: nothing behind the last that is not 0. */
function taken(choices: readonly number[]): readonly number[] {
  return choices.slice(0, choices.findLastIndex((value) => value !== 0) + 1);
}

/** Fails where `isFailing` says so. */
function failing(isFailing: (choices: readonly number[]) => boolean): Try {
  return (choices) => (isFailing(choices) ? taken(choices) : undefined);
}

/** So many tries. */
function atMost(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}

describe("shrink()", () => {
  it("leaves the one decision that the failure needs", () => {
    const first = [3, 0, 1, 2, 2, 0, 5, 1];
    const small = shrink(
      first,
      first,
      failing((choices) => (choices[4] ?? 0) >= 1),
      atMost(1000),
    );
    assert.deepEqual(small, [0, 0, 0, 0, 1]);
  });

  it("comes to nothing where the plain run fails too", () => {
    assert.deepEqual(
      shrink(
        [1, 2, 3],
        [1, 2, 3],
        failing(() => true),
        atMost(1000),
      ),
      [],
    );
  });

  it("makes a decision as small as can be, and no smaller", () => {
    const small = shrink(
      [900],
      [900],
      failing(([value = 0]) => value >= 437),
      atMost(1000),
    );
    assert.deepEqual(small, [437]);
  });

  it("moves a decision to where less has happened before", () => {
    const first = [...Array<number>(40).fill(0), 1];
    const small = shrink(
      first,
      first,
      failing((choices) => choices.slice(7).includes(1)),
      atMost(1000),
    );
    assert.deepEqual(small, [...Array<number>(7).fill(0), 1]);
  });

  it("keeps two that are needed together", () => {
    const first = [1, 1, 1, 1, 1, 1, 1, 1];
    const small = shrink(
      first,
      first,
      failing((choices) => choices[2] === 1 && choices[5] === 1),
      atMost(1000),
    );
    assert.deepEqual(small, [0, 0, 1, 0, 0, 1]);
  });

  it("prefers what a real run could do, where that fails too", () => {
    const small = shrink(
      [0, 0, 1, 1],
      [0, 0, 0, 1],
      failing((choices) => choices[3] === 1),
      atMost(1000),
    );
    assert.deepEqual(small, [0, 0, 0, 1]);
  });

  it("keeps what no real run could do, where nothing else fails", () => {
    const small = shrink(
      [0, 0, 1, 1],
      [0, 0, 0, 1],
      failing((choices) => choices[2] === 1),
      atMost(1000),
    );
    assert.deepEqual(small, [0, 0, 1]);
  });

  it("tries no more than it may, and gives what it has then", () => {
    let runs = 0;
    const first = Array.from({ length: 100 }, (_, at) => 1 + (at % 7));
    const small = shrink(
      first,
      first,
      (choices) => {
        runs++;
        return choices.length === 100 ? choices : undefined;
      },
      () => runs < 20,
    );
    assert.equal(runs, 20);
    assert.equal(small.length, 100);
  });

  it("comes to something that fails, and of which nothing can be left out or made less", () => {
    const needs = fc.uniqueArray(fc.tuple(fc.nat({ max: 15 }), fc.integer({ min: 1, max: 6 })), {
      selector: ([at]) => at,
      maxLength: 4,
    });
    fc.assert(
      fc.property(needs, fc.array(fc.nat({ max: 6 }), { minLength: 16, maxLength: 16 }), (wanted, noise) => {
        const isFailing = (choices: readonly number[]): boolean =>
          wanted.every(([at, value]) => (choices[at] ?? 0) >= value);
        const first = noise.map((value, at) =>
          Math.max(value, wanted.find(([place]) => place === at)?.[1] ?? 0),
        );
        const small = shrink(taken(first), taken(first), failing(isFailing), atMost(5000));
        assert.ok(isFailing(small));
        for (const [at, value] of small.entries()) {
          if (value === 0) continue;
          assert.ok(!isFailing(small.with(at, 0)), `${small}: 0 at ${at} fails too`);
          assert.ok(!isFailing(small.with(at, value - 1)), `${small}: less at ${at} fails too`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
