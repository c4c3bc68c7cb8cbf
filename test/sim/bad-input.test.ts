/** Programs and tokens that cannot be searched: each gets an error of its own, with what to do about it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GyreError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  all,
  type CoroutineGenerator,
  coroutine,
  detach,
  moment,
  race,
  until,
  withTimeout,
} from "../../src/gen/index.ts";
import {
  type ExploreOptions,
  explore,
  type FailureKind,
  NonErrorThrownError,
  type Program,
  replay,
  type Sim,
  TokenError,
  TooManyAlternativesError,
  UncontrolledAwaitError,
} from "../../src/sim/index.ts";
import { failureOf, lostUpdate, nothing, program, walkers } from "./programs.ts";

/** What a search says of `bad`. */
function verdictOf(
  bad: unknown,
  options?: ExploreOptions,
): { kind: FailureKind; error: Error; text: string } {
  return failureOf(explore(bad as Program, options));
}

const promise = Promise.resolve(1);

describe("a coroutine that waits for a promise", () => {
  const waits: Readonly<Record<string, () => CoroutineGenerator<unknown>>> = {
    directly: function* () {
      yield promise;
    },
    "in a list": function* () {
      yield [promise];
    },
    "in a record": function* () {
      yield { one: promise };
    },
    "by until()": function* () {
      yield* until(promise);
    },
    "by all()": function* () {
      yield all([promise]);
    },
    "by race()": function* () {
      yield race([promise]);
    },
    "with a limit": function* () {
      yield withTimeout(5, promise);
    },
    "and catches what is thrown at it": function* () {
      try {
        yield promise;
      } catch {
        // It goes on as if nothing had been.
      }
    },
  };

  for (const [how, body] of Object.entries(waits)) {
    it(`is told with its name and its line: ${how}`, () => {
      const { kind, error } = verdictOf(program("waiter", body));
      assert.equal(kind, "uncontrolled");
      assert.ok(error instanceof UncontrolledAwaitError);
      assert.equal(error.code, "GYRE_SIM_UNCONTROLLED_AWAIT");
      assert.match(
        error.message,
        /^Cannot simulate "waiter": it waits for a promise at .*bad-input\.test\.ts:\d+:\d+, a Future or coroutine is wanted \(put sim\.io in its place\)$/,
      );
    });
  }

  it("is told with the name of the child that waits", () => {
    const child = coroutine(function* child() {
      yield promise;
    });
    const { error } = verdictOf(
      program("parent", function* () {
        yield child();
      }),
    );
    assert.match(error.message, /^Cannot simulate "child": /);
  });

  it("is told where it got the promise of an operation", () => {
    const { error } = verdictOf(
      program("nested", function* (sim) {
        const answer = yield* sim.io("fetch", async () => 1);
        yield answer;
      }),
    );
    assert.ok(error instanceof UncontrolledAwaitError);
  });

  it("is told in each search, and hangs in none", () => {
    for (const strategy of ["random", "exhaustive", "pct"] as const)
      assert.equal(
        verdictOf(program("waiter", waits.directly as () => CoroutineGenerator<unknown>), { strategy }).kind,
        "uncontrolled",
      );
  });
});

describe("a program that waits for promises itself", () => {
  for (const [what, bad] of [
    ["an async function", async () => {}],
    ["an async generator", async function* () {}],
    ["a function that gives a promise", () => promise],
  ] as const) {
    it(`is refused: ${what}`, () => {
      const { kind, error } = verdictOf(bad);
      assert.equal(kind, "uncontrolled");
      assert.match(
        error.message,
        /^Cannot simulate the program: it waits for a promise, as async functions do, /,
      );
    });
  }
});

describe("a program that gives back something else", () => {
  it("is refused with what it was", () => {
    for (const value of [5, "text", {}, []])
      assert.match(
        verdictOf(() => value).error.message,
        /^Cannot simulate the program: it gave back .*, a coroutine, a function that checks, or nothing is wanted$/,
      );
  });

  it("is refused where it gives back a generator function without its call", () => {
    const { error } = verdictOf(
      () =>
        function* main() {
          yield moment;
          throw new Error("never run");
        },
    );
    assert.ok(error instanceof TypeError);
    assert.match(
      error.message,
      /Cannot check the run: .*\(a program that is a coroutine gives back its call\)/,
    );
  });

  it("is refused where its check is a coroutine or an async function", () => {
    assert.match(verdictOf(() => coroutine(function* check() {})).error.message, /Cannot check the run/);
    assert.match(verdictOf(() => async () => {}).error.message, /Cannot check the run/);
  });
});

describe("a program that throws something that is no Error", () => {
  for (const thrown of ["text", 5, undefined, null, { code: 1 }]) {
    it(`fails with what it threw: ${JSON.stringify(thrown)}`, () => {
      const { kind, error } = verdictOf(
        program("throws", function* (sim) {
          yield* sim.io("step", nothing);
          throw thrown;
        }),
      );
      assert.equal(kind, "error");
      assert.ok(error instanceof NonErrorThrownError);
      assert.equal(error.code, "GYRE_SIM_NON_ERROR");
      assert.equal(error.thrown, thrown);
      assert.match(error.message, /, an Error is wanted \(throw new Error\(\.\.\.\)\)$/);
    });
  }

  it("fails so when it is a plain function, or its check throws", () => {
    for (const bad of [
      () => {
        throw "text";
      },
      () => () => {
        throw "text";
      },
    ])
      assert.ok(verdictOf(bad).error instanceof NonErrorThrownError);
  });
});

describe("a program with very much at once", () => {
  const many = (count: number, body: (sim: Sim) => CoroutineGenerator<unknown>): Program => {
    const one = coroutine(body);
    return program("many", function* (sim) {
      yield Array.from({ length: count }, () => one(sim));
    });
  };

  it("runs 10,000 coroutines that are ready", () => {
    const ready = many(10_000, function* () {
      yield moment;
    });
    assert.equal(explore(ready, { schedules: 2 }).failure, undefined);
  });

  const pending = many(10_000, function* (sim) {
    yield* sim.io("step", nothing);
  });

  it("is refused with more operations than a search can look at", () => {
    const { error } = verdictOf(pending);
    assert.ok(error instanceof TooManyAlternativesError);
    assert.equal(error.code, "GYRE_SIM_TOO_MANY");
    assert.match(
      error.message,
      /10000 things could happen next, at most 4096 are wanted \(start fewer at once, or raise/,
    );
  });

  it("runs as many as it is told to", () => {
    const report = explore(pending, { maxAlternatives: 10_000, strategy: "plain", maxSteps: 20_000 });
    assert.equal(report.failure, undefined, report.text);
  });

  it("leaves the next search as it should be", () => {
    verdictOf(pending, { shrink: false });
    assert.ok(explore(walkers(2, 2)).exhausted);
  });
});

describe("a call to the simulation that cannot be", () => {
  for (const [message, call] of [
    [/its label is undefined, a string is wanted/, (sim) => sim.io(undefined as never, nothing)],
    [/Cannot simulate "step": came 5, a function is wanted/, (sim) => sim.io("step", 5 as never)],
    [/Cannot choose "one": of 0, a whole number of at least 1 is wanted/, (sim) => sim.choose("one", 0)],
    [/Cannot choose "one": of 1\.5/, (sim) => sim.choose("one", 1.5)],
    [
      /Cannot take the chance "rain": the probability is 2, a number from 0 to 1 is wanted/,
      (sim) => sim.chance("rain", 2),
    ],
  ] as const satisfies readonly (readonly [RegExp, (sim: Sim) => unknown])[]) {
    it(`fails the program: ${message.source}`, () => {
      const { kind, error } = verdictOf(
        program("calls", function* (sim) {
          call(sim);
        }),
      );
      assert.equal(kind, "error");
      assert.match(error.message, message);
    });
  }
});

describe("a token that does not fit", () => {
  const { token } = failureOf(explore(lostUpdate));

  for (const [what, text, code] of [
    ["is cut off", token.slice(0, -2), "GYRE_SIM_TOKEN_CUT"],
    ["is of a newer version", token.replace("g1.", "g2."), "GYRE_SIM_TOKEN_VERSION"],
    ["is none", "lostUpdate", "GYRE_SIM_TOKEN_FORM"],
    ["is undefined", undefined as never, "GYRE_SIM_TOKEN_FORM"],
  ] as const) {
    it(`is refused where it ${what}`, () => {
      assert.throws(
        () => replay(lostUpdate, text),
        (error) => error instanceof TokenError && error instanceof GyreError && error.code === code,
      );
    });
  }

  it("is refused where it is of another program", () => {
    assert.throws(
      () => replay(walkers(2, 2), token),
      (error) => error instanceof TokenError && error.code === "GYRE_SIM_TOKEN_PROGRAM",
    );
  });
});

describe("an operation", () => {
  it("is told when nobody ever waits for it", () => {
    const forgets = function* forgets(sim: Sim): CoroutineGenerator<void> {
      sim.io("save", nothing);
      yield* sim.io("answer", nothing);
    };
    const { failure } = explore(forgets);
    assert.equal(failure?.kind, "leak");
    assert.match(
      failure?.error.message ?? "",
      /operation: "save" of forgets #1 was begun, and nobody has ever waited/,
    );
    assert.equal(explore(forgets, { allow: ["operation"] }).failure, undefined);
  });

  it("may be let go on purpose", () => {
    const { failure } = explore(function* letsGo(sim: Sim): CoroutineGenerator<void> {
      detach(sim.io("log", nothing), "nobody needs to know");
      yield* sim.io("answer", nothing);
    });
    assert.equal(failure, undefined);
  });

  it("is refused where its effect is async, or a coroutine", () => {
    const effect = (given: () => unknown) => explore((sim) => void sim.io("save", given)).failure?.error;
    assert.equal(effect(async () => 1)?.name, "UncontrolledAwaitError");
    assert.match(effect(function* () {})?.message ?? "", /Cannot simulate "save": its effect gave back/);
    assert.match(effect(() => new Future())?.message ?? "", /Cannot simulate "save": its effect gave back/);
  });
});
