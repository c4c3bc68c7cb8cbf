import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "../../src/gen/index.ts";
import { explore, InvariantError, LivenessError, type Sim } from "../../src/sim/index.ts";
import { failureOf, nothing, program } from "./programs.ts";

/** What comes of a program that says `say`, and then takes five steps of 10 ms. */
function outcomeOf(say: (sim: Sim, taken: () => number) => void): {
  kind: string;
  message: string;
  cause: unknown;
} {
  let cause: unknown;
  const { failure } = explore(
    program("walk", function* (sim) {
      let steps = 0;
      say(sim, () => steps);
      for (; steps < 5; steps++) yield* sim.io("step", nothing, { latency: 10 });
    }),
  );
  if (failure === undefined) return { kind: "passed", message: "", cause };
  return { kind: failure.kind, message: failure.error.message, cause: failure.error.cause };
}

describe("an invariant", () => {
  it("ends the run at the step after which it does not hold", () => {
    let last = 0;
    const { kind, message } = outcomeOf((sim, taken) =>
      sim.invariant("few steps", () => {
        last = taken();
        return last < 3;
      }),
    );
    assert.equal(kind, "invariant");
    assert.equal(message, 'Cannot go on: the invariant "few steps" does not hold');
    assert.equal(last, 3);
  });

  it("may say what is wrong by throwing", () => {
    const reason = new Error("two leaders");
    const { kind, cause } = outcomeOf((sim) =>
      sim.invariant("one leader", () => {
        throw reason;
      }),
    );
    assert.equal(kind, "invariant");
    assert.equal(cause, reason);
  });

  it("passes where it holds, or says nothing", () => {
    assert.equal(outcomeOf((sim) => sim.invariant("true", () => true)).kind, "passed");
    assert.equal(outcomeOf((sim) => sim.invariant("nothing", nothing as never)).kind, "passed");
  });

  it("is looked at after the last step too", () => {
    assert.equal(outcomeOf((sim, taken) => sim.invariant("not all", () => taken() < 5)).kind, "invariant");
  });

  it("comes with the options, by the name of its function or its place", () => {
    function staysEarly(sim: Sim): boolean {
      return sim.time() < 30;
    }
    const late = program("late", function* () {
      yield* sleep(50);
      yield* sleep(1);
    });
    const named = failureOf(explore(late, { invariants: [staysEarly] })).error;
    assert.ok(named instanceof InvariantError);
    assert.match(named.message, /"staysEarly"/);
    const unnamed = failureOf(explore(late, { invariants: [() => true, (sim) => sim.time() < 30] })).error;
    assert.match(unnamed.message, /"invariants\[1\]"/);
  });

  it("is refused where it is no function", () => {
    assert.match(
      outcomeOf((sim) => sim.invariant("none", true as never)).message,
      /Cannot keep the invariant "none"/,
    );
  });
});

describe("what is to become true", () => {
  it("passes where it does in time", () => {
    for (const within of [{ steps: 3 }, { ms: 30 }, { steps: 3, ms: 30 }, {}, undefined])
      assert.equal(
        outcomeOf((sim, taken) => sim.eventually("two", () => taken() === 2, within)).kind,
        "passed",
      );
  });

  it("need not stay true", () => {
    assert.equal(outcomeOf((sim, taken) => sim.eventually("one", () => taken() === 1)).kind, "passed");
  });

  it("fails after so many steps", () => {
    const { kind, message } = outcomeOf((sim, taken) =>
      sim.eventually("four", () => taken() === 4, { steps: 2 }),
    );
    assert.equal(kind, "liveness");
    assert.equal(message, 'Cannot see "four" come true: it is false after 2 steps');
  });

  it("fails after so many milliseconds of virtual time", () => {
    const { message } = outcomeOf((sim, taken) => sim.eventually("four", () => taken() === 4, { ms: 25 }));
    assert.equal(message, 'Cannot see "four" come true: it is false after 25 ms');
  });

  it("fails at the first of two limits", () => {
    const { message } = outcomeOf((sim, taken) =>
      sim.eventually("four", () => taken() === 4, { steps: 900, ms: 25 }),
    );
    assert.equal(message, 'Cannot see "four" come true: it is false after 900 steps or 25 ms');
  });

  it("fails at the end of the run, whatever its limit", () => {
    for (const within of [{}, { steps: 1000 }, { ms: 1e9 }]) {
      const { kind, message } = outcomeOf((sim) => sim.eventually("never", () => false, within));
      assert.equal(kind, "liveness");
      assert.equal(message, 'Cannot see "never" come true: it is false at the end of the run');
    }
  });

  it("is an error of its own", () => {
    const never = program("never", function* (sim) {
      sim.eventually("done", () => false);
    });
    const { error } = failureOf(explore(never));
    assert.ok(error instanceof LivenessError);
    assert.equal(error.code, "GYRE_SIM_LIVENESS");
  });

  it("fails with what its question throws", () => {
    const { message } = outcomeOf((sim) =>
      sim.eventually("asks", () => {
        throw new Error("no answer");
      }),
    );
    assert.equal(message, "no answer");
  });

  it("is refused with a limit that cannot be", () => {
    for (const within of [{ steps: -1 }, { ms: Number.NaN }])
      assert.match(
        outcomeOf((sim) => sim.eventually("x", () => true, within)).message,
        /Cannot expect "x": within .* wanted/,
      );
    assert.match(outcomeOf((sim) => sim.eventually("x", 5 as never)).message, /Cannot expect "x": came 5/);
  });
});
