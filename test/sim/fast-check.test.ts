import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { coroutine } from "../../src/gen/index.ts";
import { checkProperty, exploreProperty, PropertyFailure } from "../../src/sim/fast-check.ts";
import type { Program, Sim } from "../../src/sim/index.ts";

const nothing = (): void => {};

/** Each amount is paid in by a coroutine of its own, which reads and then writes. */
function deposits(amounts: readonly number[]): Program {
  return coroutine(function* deposits(sim: Sim) {
    let balance = 0;
    const deposit = coroutine(function* deposit(amount: number) {
      // One after the other, if nothing is reordered.
      for (let at = 0; at < 2 * amounts.indexOf(amount); at++) yield* sim.io("wait", nothing);
      yield* sim.io("read", nothing);
      const seen = balance;
      yield* sim.io("write", nothing);
      balance = seen + amount;
    });
    yield amounts.map((amount) => deposit(amount));
    const sum = amounts.reduce((one, other) => one + other, 0);
    if (balance !== sum) throw new Error(`the balance is ${balance}, ${sum} is wanted`);
  });
}

const amounts = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 4 });

describe("exploreProperty()", () => {
  it("makes the data small, and the schedule", () => {
    const { counterexample, failure } = exploreProperty(amounts, deposits);
    assert.deepEqual(counterexample, [1, 2]);
    assert.ok(failure !== undefined && failure.choices.length <= 4, String(failure?.choices));
    assert.match(failure?.error.message ?? "", /^the balance is [12], 3 is wanted$/);
  });

  it("finds the same again for the same seed", () => {
    const [one, other] = [1, 2].map(() => exploreProperty(amounts, deposits, { seed: 5 }));
    assert.deepEqual([one?.path, one?.failure?.token], [other?.path, other?.failure?.token]);
  });

  it("replays the datum by its path and the schedule by its token", () => {
    const { path = "", failure, seed } = exploreProperty(amounts, deposits, { seed: 3 });
    const replay = failure?.token ?? "";
    const again = exploreProperty(amounts, deposits, { seed, path, replay, endOnFailure: true });
    assert.deepEqual([again.counterexample, again.failure?.token], [[1, 2], replay]);
    assert.equal(again.schedules, 1);
  });

  it("passes where no schedule of any datum fails", () => {
    const report = exploreProperty(fc.uniqueArray(fc.nat(), { maxLength: 1 }), deposits, { numRuns: 20 });
    assert.equal(report.failure, undefined);
    assert.match(report.text, /^deposits passed: 20 data, \d+ schedules; seed 1$/);
  });

  it("leaves out data that are refused", () => {
    const refusing = (data: readonly number[]): Program => {
      fc.pre(data.length > 2);
      return deposits(data);
    };
    assert.deepEqual(exploreProperty(amounts, refusing).counterexample?.length, 3);
    const never = (): Program => {
      fc.pre(false);
      return nothing;
    };
    assert.throws(() => exploreProperty(amounts, never), /too many pre-condition failures encountered/);
  });

  it("gives each run a copy of what can be copied", () => {
    const taking = (stream: fc.Stream<number>): Program => {
      return () => assert.equal([...stream.take(2)].length, 2);
    };
    assert.equal(exploreProperty(fc.infiniteStream(fc.nat()), taking, { numRuns: 3 }).failure, undefined);
  });

  it("refuses a program that changes the data", () => {
    const changing = (data: number[]): Program => {
      return (sim) => {
        data.push(1);
        for (const _ of data) void sim.io("step", nothing);
      };
    };
    assert.throws(
      () => exploreProperty(fc.array(fc.nat()), changing),
      /^TypeError: Cannot check the property: its program changes the data \[.*\], a copy is wanted/,
    );
  });

  it("throws what the maker of the program throws, as fast-check tells it", () => {
    const broken = (): Program => {
      throw new Error("no program");
    };
    assert.throws(
      () => exploreProperty(amounts, broken),
      ({ message, cause }) =>
        /^Property failed after 1 tests/.test(message) && cause.message === "no program",
    );
  });

  it("refuses options that cannot be", () => {
    assert.throws(
      () => exploreProperty(amounts, deposits, { schedules: 0 }),
      /^RangeError: Cannot simulate: schedules is 0, a number of at least 1 is wanted$/,
    );
  });
});

describe("checkProperty()", () => {
  it("is silent when nothing fails", () => {
    checkProperty(fc.constant([1]), deposits, { numRuns: 2 });
  });

  it("throws an error that shows the data, the token, and what runs both again", () => {
    let thrown: unknown;
    try {
      checkProperty(amounts, deposits);
    } catch (error) {
      thrown = error;
    }
    assert.ok(thrown instanceof PropertyFailure);
    assert.deepEqual([thrown.code, thrown.counterexample], ["GYRE_SIM_PROPERTY", [1, 2]]);
    assert.match(
      thrown.message,
      /^deposits failed: error, in schedule \d+.*\n {2}data {4}\[1,2\]\n {2}Error: the balance is [12], 3 is wanted\n/,
    );
    assert.match(
      thrown.message,
      /^ {2}replay {2}checkProperty\(\.\.\., \{ seed: 1, path: "[\d:]+", replay: "g1\.[\w-]+" \}\)$/m,
    );
    assert.match(thrown.message, /\n {2}drawing \S+\.txt$/);
  });
});

describe("arguments of a property that cannot be", () => {
  const wanted: readonly (readonly [string, unknown, unknown, RegExp])[] = [
    ["no arbitrary", () => 1, deposits, /its data are an anonymous function, an arbitrary .* is wanted/],
    [
      "a program where one is to be made",
      fc.nat(),
      coroutine(function* pay() {}),
      /"pay", which is a program/,
    ],
    ["a function that makes none", fc.nat(), () => 5, /gave back 5, a program is wanted/],
  ];
  for (const [what, arbitrary, programOf, message] of wanted) {
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => exploreProperty(arbitrary as fc.Arbitrary<number>, programOf as () => Program),
        (error) => error instanceof TypeError && message.test(error.message),
      );
    });
  }
});
