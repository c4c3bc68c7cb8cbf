/** What a user may rely on, whatever is searched. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { knownBugs, withNoise } from "../../bench/sim/known-bugs.ts";
import { coroutine } from "../../src/gen/index.ts";
import { explore, ReplayDivergence, replay, type Sim } from "../../src/sim/index.ts";
import { signatureOf } from "../../src/sim/report/failure.ts";
import { formatToken } from "../../src/sim/token.ts";
import { readImports } from "../../tools/layers.mjs";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { root, run } from "../../tools/setup.mjs";
import { failureOf, lostUpdate, nothing, program, walkers } from "./programs.ts";

function tokenOf(choices: readonly number[], name: string): string {
  return formatToken({ choices, program: name, hash: 0, reordersReady: false });
}

describe("a token", () => {
  const { token } = failureOf(explore(lostUpdate));

  it("gives the same run a thousand times", () => {
    const hashes = new Set(Array.from({ length: 1000 }, () => replay(lostUpdate, token).hash));
    assert.equal(hashes.size, 1);
  });

  it("gives the same run in another process", async () => {
    const file = fileURLToPath(new URL("./fixtures/replay-hash.ts", import.meta.url));
    const { code, output } = await run(process.execPath, [...sourceFlags, file, token]);
    assert.equal(code, 0, output);
    assert.equal(output.trim(), replay(lostUpdate, token).hash);
  });

  it("gives the failure itself", () => {
    const { error, choices, deviations, log } = replay(lostUpdate, token);
    assert.equal(error?.message, "the value is 1, 2 is wanted");
    assert.deepEqual(choices, failureOf(explore(lostUpdate)).choices);
    assert.ok(deviations.length > 0);
    assert.deepEqual(log, []);
  });
});

describe("a replay that cannot follow its token", () => {
  const three = program("three", function* (sim) {
    yield [sim.io("a", nothing), sim.io("b", nothing), sim.io("c", nothing)];
  });

  it("fails with the decision, what was expected there and what was possible", () => {
    assert.throws(
      () => replay(three, tokenOf([1, 5], "three")),
      (error: unknown) => {
        assert.ok(error instanceof ReplayDivergence);
        assert.equal(error.code, "GYRE_SIM_REPLAY_DIVERGENCE");
        assert.equal(error.step, 1);
        assert.equal(error.expected, "alternative 5");
        assert.deepEqual(error.enabled, ['"a" of three #1', '"c" of three #1']);
        assert.match(error.message, /at decision 1 alternative 5 is expected, and possible are "a"/);
        return true;
      },
    );
  });

  it("fails where the run is over before the token is", () => {
    assert.throws(
      () => replay(three, tokenOf([0, 0, 0, 0, 1], "three")),
      (error: unknown) => {
        assert.ok(error instanceof ReplayDivergence);
        assert.equal(error.step, 2);
        assert.deepEqual(error.enabled, []);
        assert.match(error.message, /nothing is to be decided/);
        return true;
      },
    );
  });

  it("fails when all decisions could be taken, and other steps came of them", () => {
    const renamed = program("three", function* (sim) {
      yield [sim.io("a", nothing), sim.io("b", nothing), sim.io("other", nothing)];
    });
    const { hash } = replay(three, tokenOf([1], "three"), { mode: "continue" });
    const own = { choices: [1], program: "three", reordersReady: false };
    const token = formatToken({ ...own, hash: Number.parseInt(hash, 16) % 2 ** 24 });
    assert.equal(replay(three, token).hash, hash);
    assert.throws(
      () => replay(renamed, token),
      (error: unknown) => error instanceof ReplayDivergence && error.step === undefined,
    );
  });

  it("goes on in plain order in the mode continue", () => {
    const result = replay(three, tokenOf([1, 5, 1], "three"), { mode: "continue" });
    assert.deepEqual(result.choices, [1]);
    assert.equal(result.error, undefined);
  });

  it("takes what comes after it in the mode lenient", () => {
    const four = program("four", function* (sim) {
      yield ["a", "b", "c", "d"].map((label) => sim.io(label, nothing));
    });
    const token = tokenOf([1, 5, 1], "four");
    const { choices, deviations } = replay(four, token, { mode: "lenient" });
    assert.deepEqual(choices, [1, 0, 1]);
    assert.deepEqual(
      deviations.map(({ at }) => at),
      [0, 2],
    );
    assert.deepEqual(replay(four, token, { mode: "continue" }).choices, [1]);
  });

  it("refuses a mode that there is not", () => {
    assert.throws(
      () => replay(three, tokenOf([1], "three"), { mode: "loose" as never }),
      /mode is "loose", one of strict, lenient, continue is wanted/,
    );
  });
});

describe("a search that says it is exhausted", () => {
  for (const [count, steps, wanted] of [
    [2, 3, 20],
    [3, 3, 1680],
    [3, 4, 34_650],
  ] as const) {
    it(`has run the ${wanted} orders of ${count} coroutines with ${steps} steps each, no two alike`, () => {
      const orders = new Set<number>();
      const walk = walkers(count, steps, (order) =>
        orders.add(order.reduce((sum, who) => sum * count + who, 0)),
      );
      const report = explore(walk, { strategy: "exhaustive", determinism: "never" });
      assert.equal(report.failure, undefined);
      assert.ok(report.exhausted);
      assert.equal(orders.size, wanted);
      assert.equal(report.distinct, wanted);
      // And the plain run, with which every search begins.
      assert.equal(report.schedules, wanted + 1);
      assert.match(report.text, /and there are no others/);
    });
  }

  it("has not stopped one schedule before the end", () => {
    const walk = walkers(2, 3);
    assert.equal(explore(walk, { strategy: "exhaustive", schedules: 20 }).exhausted, false);
    assert.equal(explore(walk, { strategy: "exhaustive", schedules: 21 }).exhausted, true);
  });

  it("may have come there by deviations", () => {
    const orders = new Set<string>();
    const report = explore(
      walkers(2, 3, (order) => orders.add(order.join(""))),
      { strategy: "deviations" },
    );
    assert.ok(report.exhausted);
    assert.equal(orders.size, 20);
  });
});

describe("a schedule that was made small", () => {
  for (const { name, broken } of knownBugs) {
    it(`of ${name} has no decision that could be 0 or one less, and fails in the same way`, () => {
      const noisy = withNoise(broken);
      const found = failureOf(explore(noisy, { seed: 7, shrink: false }));
      const { choices, error } = failureOf(explore(noisy, { seed: 7 }));
      assert.equal(signatureOf(error), signatureOf(found.error));
      for (const [at, value] of choices.entries()) {
        for (const less of new Set([0, value - 1])) {
          if (value === 0) continue;
          const token = tokenOf(choices.with(at, less), noisy.name);
          const { error: other } = replay(noisy, token, { mode: "lenient" });
          const isSame = other !== undefined && signatureOf(other) === signatureOf(error);
          assert.ok(!isSame, `${less} for ${value} at ${at} of ${choices} fails as well`);
        }
      }
    });
  }
});

describe("the world around a simulation", () => {
  const functions = (): readonly unknown[] => [
    Date,
    Date.now,
    Math.random,
    performance.now,
    setTimeout,
    setInterval,
    setImmediate,
    queueMicrotask,
    process.nextTick,
    Promise,
    Promise.prototype.then,
    process.hrtime,
    crypto.randomUUID,
    console.log,
  ];

  it("has the same functions before, in and after it", () => {
    const before = functions();
    const names = Object.getOwnPropertyNames(globalThis);
    let inside: readonly unknown[] = [];
    explore(
      program("looks", function* (sim) {
        yield* sim.io("step", nothing);
        inside = functions();
      }),
    );
    assert.deepEqual(inside, before);
    assert.ok(inside.every((each, at) => each === before[at]));
    assert.ok(functions().every((each, at) => each === before[at]));
    assert.deepEqual(Object.getOwnPropertyNames(globalThis), names);
  });

  it("runs none of its promises before the search is over", () => {
    let isLater = false;
    void Promise.resolve().then(() => {
      isLater = true;
    });
    explore(walkers(2, 2));
    assert.equal(isLater, false);
  });
});

/** Each function calls one that answers differently in each run, in the line that is its own. */
const reads: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "Math.random": () => Math.random(),
  "performance.now": () => performance.now(),
  Date: () => new Date(),
  "process.hrtime.bigint": () => process.hrtime.bigint(),
  "crypto.randomUUID": () => crypto.randomUUID(),
  setTimeout: () => clearTimeout(setTimeout(nothing, 0)),
  setImmediate: () => clearImmediate(setImmediate(nothing)),
  fetch: () => fetch("data:text/plain,x"),
};
const source = readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n");

describe("a call that reads the clock or a random number", () => {
  for (const [name, read] of Object.entries(reads)) {
    it(`is told with its line: ${name}`, () => {
      const { kind, error } = failureOf(
        explore(
          program("reads", function* (sim) {
            yield* sim.io("step", nothing);
            read();
          }),
          { schedules: 3 },
        ),
      );
      assert.equal(kind, "uncontrolled");
      const line =
        source.findIndex((text) => text.includes(`${/\W/.test(name) ? `"${name}"` : name}: () =>`)) + 1;
      assert.match(
        error.message,
        new RegExp(`it calls ${name} at .*guarantees\\.test\\.ts:${line}:\\d+, which`),
      );
    });
  }

  it("is told with its name where it was taken out of its object", () => {
    const { now } = Date;
    const report = explore(
      program("alias", function* () {
        now();
      }),
    );
    assert.match(failureOf(report).error.message, /it calls Date\.now at /);
  });

  it("is none where a date is made of what is given", () => {
    const Alias = Date;
    const report = explore(
      program("dates", function* () {
        new Date(5);
        new Date("2020-02-29");
        new Date(5);
        new Alias(5);
        Date.UTC(2020, 1);
        Date.parse("2020-02-29");
      }),
    );
    assert.equal(report.failure, undefined, report.text);
  });

  it("is none where the simulation is asked", () => {
    const report = explore(
      program("asks", function* (sim) {
        sim.time();
        sim.random();
        sim.choose("which", 2);
        yield* sim.io("step", nothing);
      }),
    );
    assert.equal(report.failure, undefined, report.text);
  });

  it("does not keep a search for long that makes it all the time", () => {
    const report = explore(
      program("often", function* () {
        for (let at = 0; at < 1_000_000; at++) Date.now();
      }),
      { schedules: 2 },
    );
    assert.match(failureOf(report).error.message, /it calls Date\.now at /);
  });

  it("is not looked for where nobody wants to know", () => {
    const report = explore(
      program("reads", function* () {
        Date.now();
      }),
      { determinism: "never" },
    );
    assert.equal(report.failure, undefined);
  });
});

describe("the production loop", () => {
  it("reaches no file of the simulation", () => {
    const seen = new Set<string>();
    const left = ["src/index.ts"];
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const { specifier } of readImports(readFileSync(join(root, file), "utf8"), file)) {
        if (specifier?.startsWith(".")) left.push(posix.join(posix.dirname(file), specifier));
      }
    }
    assert.ok(seen.has("src/loop/ioloop.ts"));
    assert.deepEqual(
      [...seen].filter((file) => file.startsWith("src/sim/")),
      [],
    );
  });
});

describe("coroutines of a run", () => {
  it("are counted from 1 in every one", () => {
    const fails = program("fails", function* (sim: Sim) {
      const child = coroutine(function* child() {
        yield* sim.io("step", nothing);
        throw new Error("child");
      });
      yield child();
    });
    explore(walkers(2, 2));
    const first = failureOf(explore(fails));
    explore(walkers(3, 3), { schedules: 50 });
    const second = failureOf(explore(fails));
    assert.equal(second.drawing, first.drawing);
    assert.equal(second.token, first.token);
  });
});
