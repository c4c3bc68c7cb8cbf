import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import { coroutine, currentCoroutine, detach, moment, sleep } from "../../src/gen/index.ts";
import { PeriodicCallback } from "../../src/loop/index.ts";
import {
  explore,
  LeakError,
  LivelockError,
  NondeterminismError,
  type Progress,
  replay,
  SimDeadlockError,
} from "../../src/sim/index.ts";
import { Event, Lock } from "../../src/sync/index.ts";
import { failureOf, lostUpdate, nothing, program, walkers } from "./programs.ts";

describe("the report of a search", () => {
  it("counts runs, different ones, steps and decisions", () => {
    const report = explore(walkers(2, 3), { strategy: "exhaustive" });
    assert.equal(report.schedules, 21);
    assert.equal(report.distinct, 20);
    assert.equal(report.steps, 21 * 6);
    assert.equal(report.mostDecisions, 5);
    assert.equal(report.exhausted, true);
    assert.equal(report.failure, undefined);
    assert.ok(report.elapsedMs >= 0);
    assert.match(
      report.text,
      /^walkers passed: 21 schedules, 20 different, and there are no others; seed 1, \d+ ms$/,
    );
  });

  it("has the hash of the plain run, which depends on nothing but the program", () => {
    const { plainHash } = explore(walkers(2, 3), { seed: 1 });
    assert.match(plainHash, /^[0-9a-f]{13}$/);
    assert.equal(explore(walkers(2, 3), { seed: 2, strategy: "random", schedules: 3 }).plainHash, plainHash);
    assert.notEqual(explore(walkers(3, 2)).plainHash, plainHash);
  });

  it("has what failed first, as data and in words", () => {
    const { failure, text, exhausted } = explore(lostUpdate);
    assert.ok(failure !== undefined);
    assert.equal(failure.kind, "error");
    assert.equal(failure.error.message, "the value is 1, 2 is wanted");
    assert.equal(failure.realizable, true);
    assert.equal(failure.choices.filter((value) => value !== 0).length, failure.deviations.length);
    assert.ok(failure.schedule > 1 && failure.shrinkRuns > 0);
    assert.equal(text, failure.text);
    assert.equal(exhausted, false);
    for (const { chosen, instead } of failure.deviations)
      for (const said of [chosen, instead])
        assert.match(said, /^"(walk|read|write)" of add #\d at test.sim.programs\.ts:\d+:\d+$/);
    assert.match(
      text,
      /^lostUpdate failed: error, in schedule \d+, made small by \d+ more\n {2}Error: the value is 1/,
    );
    assert.match(text, /\n {2}token {3}g1\.\S+\n {2}replay {2}GYRE_SIM_REPLAY=g1\.\S+ node /);
    assert.match(failure.drawing, /add #2/);
  });

  it("leaves a failure as it was found where it is not to be made small", () => {
    const found = failureOf(explore(lostUpdate, { seed: 4, strategy: "random", shrink: false }));
    const small = failureOf(explore(lostUpdate, { seed: 4, strategy: "random" }));
    assert.equal(found.shrinkRuns, 0);
    assert.equal(found.schedule, small.schedule);
    assert.ok(small.deviations.length <= found.deviations.length);
    assert.doesNotMatch(found.text, /made small/);
  });
});

describe("a search", () => {
  it("makes the same one of the same seed", () => {
    const seen = (seed: number): readonly unknown[] => {
      const orders: string[] = [];
      explore(
        walkers(3, 4, (order) => orders.push(order.join(""))),
        { seed, schedules: 200 },
      );
      return orders;
    };
    assert.deepEqual(seen(3), seen(3));
    assert.notDeepEqual(seen(3), seen(4));
  });

  it("runs the program in plain order only, when there is no time for more", () => {
    const report = explore(walkers(3, 5), { budgetMs: 0 });
    assert.equal(report.schedules, 1);
    assert.equal(report.exhausted, false);
  });

  it("ends with the time that it has, however many schedules are left", () => {
    const report = explore(walkers(3, 5), {
      budgetMs: 50,
      schedules: Number.POSITIVE_INFINITY,
      strategy: "random",
    });
    assert.ok(report.schedules > 1);
  });

  it("tells about once a second how far it is, and ends when it is told to", () => {
    const told: Progress[] = [];
    explore(walkers(3, 5), {
      strategy: "random",
      schedules: 100_000_000,
      onProgress: (progress) => {
        told.push(progress);
        return false;
      },
    });
    assert.equal(told.length, 1);
    const [{ schedules, distinct, perSecond, trying, share }] = told as [Progress];
    assert.ok(schedules > 0 && distinct > 0 && perSecond > 0);
    assert.ok(share > 0 && share < 1);
    assert.equal(trying, "random");
  });

  it("looks at what the program gives back to check, at the end of each run", () => {
    let checks = 0;
    const report = explore(
      (sim) => {
        let done = 0;
        for (const label of ["a", "b"]) sim.io(label, () => done++);
        return () => {
          checks++;
          assert.equal(done, 2);
        };
      },
      { strategy: "exhaustive" },
    );
    assert.equal(report.failure, undefined);
    assert.ok(checks >= 3);
  });

  it("runs a generator function as a coroutine", () => {
    const report = explore(
      function* main(sim) {
        yield* sim.io("step", nothing);
        throw new Error("at last");
      },
      { name: "generator" },
    );
    assert.equal(failureOf(report).error.message, "at last");
  });

  it("may be made inside of another one", () => {
    const report = explore(
      program("outer", function* (sim) {
        yield* sim.io("before", nothing);
        assert.ok(explore(walkers(2, 2)).exhausted);
        yield* sim.io("after", nothing);
      }),
      { schedules: 3 },
    );
    assert.equal(report.failure, undefined, report.text);
  });

  it("leaves the loop that it is called on as it is", () => {
    for (let at = 0; at < 3; at++) failureOf(explore(lostUpdate));
    assert.ok(explore(walkers(2, 2)).exhausted);
  });

  it("stops a run at its steps, where that is no failure", () => {
    const forever = program("forever", function* (sim) {
      for (;;) yield* sim.io("step", nothing);
    });
    const report = explore(forever, { maxSteps: 50, onMaxSteps: "stop", schedules: 5 });
    assert.equal(report.failure, undefined, report.text);
  });

  it("jumps over time in which nothing happens", () => {
    let elapsedMs = 0;
    explore(
      program("day", function* (sim) {
        for (let hour = 0; hour < 24; hour++) yield* sleep(3_600_000);
        elapsedMs = sim.time();
      }),
    );
    assert.equal(elapsedMs, 86_400_000);
  });
});

describe("a program that depends on something else than its decisions", () => {
  it("is told by two plain runs that take other steps", () => {
    let runs = 0;
    const { kind, error, schedule } = failureOf(
      explore(
        program("counts", function* (sim) {
          if (runs++ > 0) yield* sim.io("warm", nothing);
          else yield* sim.io("cold", nothing);
        }),
      ),
    );
    assert.equal(kind, "nondeterminism");
    assert.ok(error instanceof NondeterminismError);
    assert.deepEqual(error.reads, []);
    assert.equal(schedule, 1);
    assert.match(
      error.message,
      /\(1 step, number 1 is "cold" of #1, passed, then 1 step, number 1 is "warm" of #1, passed\)/,
    );
    assert.match(error.message, /does state outlive a run, such as a variable outside of the program\?/);
  });

  it("is told by two plain runs that take the same steps, of which one fails", () => {
    let runs = 0;
    const { kind, error } = failureOf(
      explore(
        program("second", function* (sim) {
          yield* sim.io("step", nothing);
          if (runs++ === 1) throw new Error("second");
        }),
      ),
    );
    assert.equal(kind, "nondeterminism");
    assert.match(error.message, /1 step, passed, then 1 step, failed with Error: second/);
  });

  it("is told by a failure that its own decisions do not bring back", () => {
    let runs = 0;
    const { kind, error } = failureOf(
      explore(
        program("third", function* (sim) {
          yield* sim.io("step", nothing);
          if (runs++ === 2) throw new Error("third");
        }),
      ),
    );
    assert.equal(kind, "nondeterminism");
    assert.match(error.message, /\(failed with Error: third, then passed\)/);
  });

  it("is told by a later run, where each is made twice", () => {
    let runs = 0;
    const late = program("late", function* (sim) {
      yield [sim.io("a", nothing), sim.io("b", nothing), sim.io("c", nothing)];
      if (runs++ > 8) yield* sim.io("d", nothing);
    });
    const { kind, schedule } = failureOf(explore(late, { determinism: "each" }));
    assert.equal(kind, "nondeterminism");
    assert.ok(schedule > 1);
  });

  it("is told with the label that holds a number which counts on from run to run", () => {
    const numbered = program("numbered", function* (sim) {
      const read = coroutine(function* read() {
        yield* sim.io(`"read" of ${currentCoroutine()}`, nothing);
      });
      yield [read(), read()];
    });
    const { message } = failureOf(explore(numbered)).error;
    assert.match(message, /"\\"read\\" of read #\d+".* then .*"\\"read\\" of read #\d+"/);
    assert.match(message, /\(a number in a label differs from run to run, .*: leave it out\)$/);
  });

  it("is told with the calls that may be why", () => {
    const { error } = failureOf(
      explore(
        program("random", function* (sim) {
          yield* sim.io(`step ${Math.random()}`, nothing);
        }),
      ),
    );
    assert.ok(error instanceof NondeterminismError);
    assert.match(error.reads.join(), /^Math\.random at .*explore\.test\.ts:\d+:\d+$/);
    assert.match(error.message, /\(it calls Math\.random at /);
  });

  it("is not told where nobody wants to know", () => {
    let runs = 0;
    const report = explore(
      program("counts", function* (sim) {
        if (runs++ > 0) yield* sim.io("warm", nothing);
      }),
      { determinism: "never" },
    );
    assert.equal(report.failure, undefined);
  });
});

describe("a deadlock", () => {
  it("is told with who waits for what, and the circle", () => {
    const { kind, error, text } = failureOf(
      explore(
        program("locks", function* (sim) {
          const [a, b] = [new Lock(), new Lock()];
          const both = coroutine(function* both(one: Lock, other: Lock) {
            yield* one.acquire();
            yield* sim.io("between", nothing);
            yield* other.acquire();
            other.release();
            one.release();
          });
          yield [both(a, b), both(b, a)];
        }),
      ),
    );
    assert.equal(kind, "deadlock");
    assert.ok(error instanceof SimDeadlockError);
    assert.match(error.message, /both #2 .*explore\.test\.ts:\d+/);
    assert.match(error.message, /\ncircle: .*both #2.*both #3/s);
    assert.match(text, /^locks failed: deadlock, in schedule 1/);
  });

  it("is told of a future that nobody settles", () => {
    const { kind } = failureOf(explore(() => new Future<void>()));
    assert.equal(kind, "deadlock");
  });

  it("is none where the program has ended, and left others waiting on purpose", () => {
    const report = explore(
      program("lets go", function* (sim) {
        detach(
          coroutine(function* listens() {
            yield* new Event().wait();
          })(),
          "it listens for ever",
        );
        yield* sim.io("step", nothing);
      }),
    );
    assert.equal(report.failure, undefined, report.text);
  });
});

describe("a livelock", () => {
  for (const [what, forever] of [
    [
      "a loop that lets others go on",
      program("lets on", function* () {
        for (;;) yield moment;
      }),
    ],
    [
      "two that wake each other",
      program("wakes", function* () {
        const [ping, pong] = [new Event(), new Event()];
        const play = coroutine(function* play(mine: Event, yours: Event) {
          for (;;) {
            yield* mine.wait();
            mine.clear();
            yours.set();
          }
        });
        ping.set();
        yield [play(ping, pong), play(pong, ping)];
      }),
    ],
    [
      "timers without end",
      program("sleeps", function* () {
        for (;;) yield* sleep(1000);
      }),
    ],
    [
      "operations without end",
      program("asks", function* (sim) {
        for (;;) yield* sim.io("ask", nothing);
      }),
    ],
    [
      "callbacks without end",
      (sim) =>
        sim.addCallback(function again() {
          sim.addCallback(again);
        }),
    ],
    ["a periodic callback that nobody stops", () => new PeriodicCallback(nothing, 1000).start()],
  ] as const satisfies readonly (readonly [string, Parameters<typeof explore>[0]])[]) {
    it(`is told of ${what}`, () => {
      const { kind, error } = failureOf(explore(forever, { maxSteps: 500 }));
      assert.equal(kind, "livelock");
      assert.ok(error instanceof LivelockError);
      assert.match(error.message, /goes on \(a program that needs so many: raise maxSteps\)$/);
    });
  }

  it("is none where only an unlucky order goes on for long", () => {
    // Ends as soon as the other one has had its turn, which a fair order gives it.
    const spins = program("spins", function* (sim) {
      let isDone = false;
      const other = coroutine(function* other() {
        yield* sim.io("end", nothing);
        isDone = true;
      });
      const ending = other();
      while (!isDone) yield* sim.io("look", nothing);
      yield* ending;
    });
    const report = explore(spins, { maxSteps: 60, schedules: 300 });
    assert.equal(report.failure, undefined, report.text);
  });
});

describe("a leak", () => {
  const leaks = {
    orphan: program("orphan", function* () {
      coroutine(function* child() {
        yield* sleep(5);
      })();
    }),
    "lost-error": program("lost", function* () {
      new Future<void>().setError(new Error("nobody hears"));
    }),
    timer: program("timer", function* (sim) {
      sim.callLater(1000, nothing);
    }),
  };

  for (const [leak, leaves] of Object.entries(leaks) as [keyof typeof leaks, (typeof leaks)["timer"]][]) {
    it(`is told: ${leak}`, () => {
      const { kind, error } = failureOf(explore(leaves));
      assert.equal(kind, "leak");
      assert.ok(error instanceof LeakError);
      assert.equal(error.leak, leak);
    });

    it(`passes where it is allowed: ${leak}`, () => {
      assert.equal(explore(leaves, { allow: [leak] }).failure, undefined);
    });

    it(`is told where another one is allowed: ${leak}`, () => {
      const [other = leak] = (Object.keys(leaks) as (keyof typeof leaks)[]).filter((each) => each !== leak);
      assert.equal(failureOf(explore(leaves, { allow: [other] })).kind, "leak");
    });
  }
});

describe("a replay", () => {
  it("says what happened, and how long it took", () => {
    const slow = program("slow", function* (sim) {
      yield* sim.io("step", nothing, { latency: 10 });
      yield* sleep(5);
      sim.log.warn("almost");
      throw new Error("at the end");
    });
    const { token } = failureOf(explore(slow));
    const result = replay(slow, token);
    assert.equal(result.error?.message, "at the end");
    assert.equal(result.elapsedMs, 15);
    assert.deepEqual(result.log, ["almost"]);
    assert.deepEqual(result.choices, []);
    assert.equal(result.steps, 2);
    assert.match(result.drawing, /slow #1/);
  });
});
