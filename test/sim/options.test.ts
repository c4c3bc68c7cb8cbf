import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { type ExploreOptions, explore, ReplayDivergence, replay, TokenError } from "../../src/sim/index.ts";
import { failureOf, lostUpdate, nothing, program, walkers } from "./programs.ts";

/** Run `body` with `name` set in the environment. */
function withVariable<T>(name: string, value: string, body: () => T): T {
  process.env[name] = value;
  try {
    return body();
  } finally {
    delete process.env[name];
  }
}

afterEach(() => {
  for (const name of Object.keys(process.env)) assert.ok(!name.startsWith("GYRE_SIM_"), name);
});

describe("an option that cannot be", () => {
  for (const [options, message] of [
    [null, /the options are null, an object is wanted/],
    [5, /the options are 5, an object is wanted/],
    [{ name: 5 }, /name is 5, a string is wanted/],
    [{ schedule: 10 }, /there is no option "schedule", one of name, seed, schedules, .* is wanted/],
    [{ seed: 1.5 }, /seed is 1\.5, a whole number is wanted/],
    [{ seed: "1" }, /seed is "1", a whole number is wanted/],
    [{ schedules: 0 }, /schedules is 0, a number of at least 1 is wanted/],
    [{ schedules: Number.NaN }, /schedules is NaN, a number of at least 1 is wanted/],
    [{ budgetMs: -1 }, /budgetMs is -1, a number of at least 0 is wanted/],
    [{ budgetMs: "1" }, /budgetMs is "1", a number of at least 0 is wanted/],
    [{ strategy: "clever" }, /strategy is "clever", one of auto, random, .* is wanted/],
    [{ reorder: "all" }, /reorder is "all", one of io, ready is wanted/],
    [{ determinism: true }, /determinism is true, one of first, each, never is wanted/],
    [{ onMaxSteps: "pass" }, /onMaxSteps is "pass", one of fail, stop is wanted/],
    [{ orphans: "kill" }, /orphans is "kill", one of report, wait, cancel, throw is wanted/],
    [{ maxSteps: 0 }, /maxSteps is 0, a number of at least 1 is wanted/],
    [{ maxAlternatives: 1 }, /maxAlternatives is 1, a number of at least 2 is wanted/],
    [{ timers: { lateMs: -1 } }, /timers\.lateMs is -1, a number of at least 0 is wanted/],
    [{ timers: {} }, /timers\.lateMs is undefined/],
    [{ invariants: [5] }, /invariants\[0\] is 5, functions are wanted/],
    [{ invariants: nothing }, /invariants is .*, a list of functions is wanted/],
    [{ faults: {} }, /faults is .*, a list of rules is wanted/],
    [
      { allow: "orphan" },
      /allow is "orphan", a list of leaks \(orphan, lost-error, operation, timer\) is wanted/,
    ],
    [
      { allow: ["orphans"] },
      /allow\[0\] is "orphans", leaks \(orphan, lost-error, operation, timer\) are wanted/,
    ],
    [{ onProgress: true }, /Cannot tell the progress: came true, a function is wanted/],
  ] as const) {
    it(`is refused: ${JSON.stringify(options, (_, value) => (typeof value === "function" ? "a function" : value))}`, () => {
      assert.throws(
        () => explore(lostUpdate, options as unknown as ExploreOptions),
        (error: unknown) => {
          assert.ok(error instanceof RangeError || error instanceof TypeError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("is refused for a replay as well", () => {
    assert.throws(() => replay(lostUpdate, "g1.x", { maxSteps: 0 }), /maxSteps is 0/);
  });
});

describe("a program that is none", () => {
  for (const none of [undefined, null, 5, {}, "main"]) {
    it(`is refused: ${none === null ? "null" : typeof none}`, () => {
      assert.throws(
        () => explore(none as never),
        /^TypeError: Cannot simulate: came .*, a function is wanted$/,
      );
    });
  }
});

describe("what is left out", () => {
  it("is 1000 schedules of seed 1, by the name of the function", () => {
    const report = explore(walkers(3, 5));
    assert.equal(report.schedules, 1000);
    assert.equal(report.seed, 1);
    assert.match(report.text, /^walkers passed: 1000 schedules, \d+ different.*; seed 1, \d+ ms$/);
  });

  it("is no limit where all schedules are run", () => {
    assert.equal(explore(walkers(3, 3), { strategy: "exhaustive" }).schedules, 1681);
  });

  it("leaves a program without a name its place in the text", () => {
    assert.match(explore(() => {}).text, /^the program passed/);
    assert.match(explore(() => {}, { name: "mine" }).text, /^mine passed/);
  });
});

describe("a strategy", () => {
  for (const strategy of ["auto", "random", "pct", "urw", "deviations"] as const) {
    it(`finds the lost update: ${strategy}`, () => {
      assert.equal(failureOf(explore(lostUpdate, { strategy })).error.message, "the value is 1, 2 is wanted");
    });
  }

  it("that is plain runs what production would do, once", () => {
    const report = explore(lostUpdate, { strategy: "plain" });
    assert.equal(report.failure, undefined);
    assert.equal(report.schedules, 1);
    assert.equal(report.exhausted, false);
  });
});

describe("the environment", () => {
  it("gives the seed, before the options", () => {
    assert.equal(withVariable("GYRE_SIM_SEED", "77", () => explore(walkers(2, 2), { seed: 5 })).seed, 77);
    assert.equal(withVariable("GYRE_SIM_SEED", "", () => explore(walkers(2, 2), { seed: 5 })).seed, 5);
  });

  it("gives the number of schedules, before the options", () => {
    const report = withVariable("GYRE_SIM_SCHEDULES", "40", () => explore(walkers(3, 5), { schedules: 7 }));
    assert.equal(report.schedules, 40);
  });

  it("is refused where it holds no number", () => {
    for (const [name, value, wanted] of [
      ["GYRE_SIM_SEED", "seven", /GYRE_SIM_SEED is "seven", a whole number is wanted/],
      ["GYRE_SIM_SEED", "1.5", /GYRE_SIM_SEED is "1\.5", a whole number is wanted/],
      ["GYRE_SIM_SCHEDULES", "many", /GYRE_SIM_SCHEDULES is "many", a whole number is wanted/],
      ["GYRE_SIM_SCHEDULES", "0", /schedules is 0, a number of at least 1 is wanted/],
    ] as const)
      withVariable(name, value, () => assert.throws(() => explore(lostUpdate), wanted));
  });

  const { token } = failureOf(explore(lostUpdate));

  it("gives a token, which is run instead of a search", () => {
    const report = withVariable("GYRE_SIM_REPLAY", token, () => explore(lostUpdate));
    assert.equal(report.schedules, 1);
    assert.equal(failureOf(report).token, token);
    assert.equal(failureOf(report).error.message, "the value is 1, 2 is wanted");
  });

  it("leaves the search of another program alone", () => {
    const report = withVariable("GYRE_SIM_REPLAY", token, () => explore(walkers(2, 2)));
    assert.ok(report.exhausted);
  });

  it("is refused where its token is cut off, as a search would pass for the replay", () => {
    withVariable("GYRE_SIM_REPLAY", token.slice(0, -1), () =>
      assert.throws(
        () => explore(lostUpdate),
        (error) => error instanceof TokenError && error.code === "GYRE_SIM_TOKEN_CUT",
      ),
    );
  });
});

describe("a token among the options", () => {
  const found = failureOf(explore(lostUpdate));

  it("is run instead of a search, and fails as before", () => {
    const failure = failureOf(explore(lostUpdate, { replay: found.token }));
    assert.equal(failure.token, found.token);
    assert.deepEqual(failure.choices, found.choices);
    assert.deepEqual(failure.deviations, found.deviations);
    assert.equal(failure.shrinkRuns, 0);
  });

  it("is refused where it is of another program", () => {
    assert.throws(
      () => explore(walkers(2, 2), { replay: found.token }),
      (error) => error instanceof TokenError && error.code === "GYRE_SIM_TOKEN_PROGRAM",
    );
  });

  it("is refused where the program has changed and passes, with the decision that could not be taken", () => {
    const changed = program("lostUpdate", function* (sim) {
      yield* sim.io("write", nothing);
    });
    assert.throws(
      () => explore(changed, { replay: found.token }),
      (error: ReplayDivergence) => error instanceof ReplayDivergence && error.step === 0,
    );
  });

  it("is refused where the program takes the same decisions, and passes by other steps", () => {
    const mended = program("lostUpdate", function* (sim) {
      yield Array.from({ length: 8 }, () => sim.io("step", nothing));
    });
    assert.throws(
      () => explore(mended, { replay: found.token }),
      (error: ReplayDivergence) => error instanceof ReplayDivergence && error.step === undefined,
    );
  });
});
