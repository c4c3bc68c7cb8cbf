import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, GyreError, suppressedBy } from "../../src/base/index.ts";
import { runWithStackContext, StackContext } from "../../src/context/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  call,
  coroutine,
  currentCoroutine,
  defer,
  formatWaitingTree,
  moment,
  sleep,
  waitingTree,
  withTimeout,
} from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { Simulation, simulation } from "./simulation.ts";

/** A clean-up that takes `ms` and is noted at its end. */
function cleaning({ loop, events }: Simulation, name: string, ms: number): () => Generator<unknown, void> {
  return function* cleanUp() {
    yield sleep(ms);
    events.push(`${name} at ${loop.time()}`);
  };
}

describe("defer()", () => {
  it("runs clean-ups last in first out, one after the other, before the coroutine is settled", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const result = yield* call(function* () {
        defer(cleaning(sim, "first", 3));
        defer(() => sim.events.push("plain"));
        defer(cleaning(sim, "last", 2));
        yield* sleep(10);
        return "result";
      });
      sim.events.push(`${result} at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["last at 12", "plain", "first at 15", "result at 15"]);
  });

  it("settles a coroutine that never waited inside its call when no clean-up waits", (t) => {
    const { events } = simulation(t);
    const work = coroutine(function* work() {
      defer(() => events.push("cleaned"));
      return 1;
    })();
    assert.equal(work.done(), true);
    assert.equal(work.result(), 1);
    assert.deepEqual(events, ["cleaned"]);
  });

  it("runs after the body's own finally blocks", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      defer(() => events.push("deferred"));
      try {
        yield* sleep(1);
      } finally {
        events.push("finally");
      }
    });
    assert.deepEqual(events, ["finally", "deferred"]);
  });

  it("runs when the body fails, and the failure stays", (t) => {
    const sim = simulation(t);
    const failure = new Error("body");
    sim.loop.runSync(function* () {
      const work = call(function* () {
        defer(cleaning(sim, "cleaned", 5));
        yield* sleep(1);
        throw failure;
      });
      assert.equal(yield* errorOf(work), failure);
    });
    assert.deepEqual(sim.events, ["cleaned at 6"]);
  });

  it("runs when the coroutine is cancelled, before who cancelled it goes on", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const work = call(function* () {
        defer(cleaning(sim, "cleaned", 5));
        yield* sleep(100);
      });
      yield* sleep(10);
      work.cancel("enough");
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "enough");
      sim.events.push(`over at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["cleaned at 15", "over at 15"]);
  });

  it("is not cut by a cancel, which takes effect afterwards", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const work = call(function* () {
        defer(cleaning(sim, "first", 5));
        defer(cleaning(sim, "last", 5));
        return "result";
      });
      yield* sleep(2);
      assert.equal(work.cancel("late"), true);
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "late");
    });
    assert.deepEqual(sim.events, ["last at 5", "first at 10"]);
  });

  it("makes the owner that is cancelled wait for it", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const owner = call(function* owner() {
        yield* call(function* child() {
          defer(cleaning(sim, "cleaned", 5));
          return 1;
        });
      });
      yield* sleep(2);
      owner.cancel();
      assert.ok((yield* errorOf(owner)) instanceof CancelledError);
      sim.events.push(`owner over at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["cleaned at 5", "owner over at 5"]);
  });

  it("makes a limit wait for it", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const work = call(function* () {
        defer(cleaning(sim, "cleaned", 5));
        yield* sleep(100);
      });
      yield* errorOf(withTimeout(10, work));
      assert.equal(sim.loop.time(), 15);
    });
  });

  it("fails a coroutine that had succeeded with the first error, and keeps the others on it", (t) => {
    const { loop } = simulation(t);
    const [one, two] = [new Error("one"), new Error("two")];
    loop.runSync(function* () {
      const work = call(function* () {
        defer(function* () {
          yield sleep(1);
          throw two;
        });
        defer(() => {
          throw one;
        });
        return "result";
      });
      assert.equal(yield* errorOf(work), one);
      assert.deepEqual(suppressedBy(one), [two]);
    });
  });

  it("adds its errors to those of the body and of a cancel", (t) => {
    const { loop } = simulation(t);
    const [body, cleanUp] = [new Error("body"), new Error("clean-up")];
    const work = coroutine(function* work(error: Error | undefined) {
      defer(() => {
        throw cleanUp;
      });
      yield* sleep(1);
      if (error !== undefined) throw error;
    });
    loop.runSync(function* () {
      assert.equal(yield* errorOf(work(body)), body);
      assert.deepEqual(suppressedBy(body), [cleanUp]);
      const cancelled = work(undefined);
      cancelled.cancel();
      const error = yield* errorOf(cancelled);
      assert.ok(error instanceof CancelledError);
      assert.deepEqual(error.suppressed, [cleanUp]);
    });
  });

  it("logs its error beside a failure that cannot carry it", (t) => {
    const sim = simulation(t);
    const cleanUp = new Error("clean-up");
    sim.loop.runSync(function* () {
      const work = call(function* work() {
        defer(() => {
          throw cleanUp;
        });
        throw 5;
      });
      assert.equal(yield* errorOf(work), 5);
    });
    const [line] = sim.takeLogged();
    assert.match(line?.message ?? "", /^Error in a clean-up of "work #\d+", which had failed before$/);
    assert.equal(line?.error, cleanUp);
  });

  it("does not count the cancel of a child that it waits for as a failure", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const result = yield* call(function* () {
        const child = call(() => sleep(100));
        defer(() => {
          child.cancel();
          return child;
        });
        yield* sleep(1);
        return "result";
      });
      assert.equal(result, "result");
    });
  });

  it("takes back what its function is called for", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const forget = defer(() => events.push("taken back"));
      defer(() => events.push("kept"));
      forget();
      forget();
    });
    assert.deepEqual(events, ["kept"]);
  });

  it("runs what a clean-up defers at the end of that clean-up", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      defer(() => events.push("outer"));
      defer(() => {
        defer(() => events.push("nested"));
        events.push("inner");
      });
    });
    assert.deepEqual(events, ["inner", "nested", "outer"]);
  });

  it("works in async and plain functions that run as coroutines", async () => {
    const events: string[] = [];
    const work = coroutine(async function work() {
      defer(async () => {
        await null;
        events.push("cleaned");
      });
      await null;
      events.push("body");
      return 1;
    });
    assert.equal(await work(), 1);
    assert.deepEqual(events, ["body", "cleaned"]);
  });

  it("runs when a plain function throws", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const failure = new Error("plain");
      const work = call(() => {
        defer(cleaning(sim, "cleaned", 1));
        throw failure;
      });
      assert.equal(yield* errorOf(work), failure);
    });
    assert.deepEqual(sim.events, ["cleaned at 1"]);
  });

  it("runs after the children that the policy makes the end wait for, so they may use what it closes", (t) => {
    const sim = simulation(t);
    const work = coroutine(
      function* work() {
        defer(cleaning(sim, "closed", 1));
        call(cleaning(sim, "child", 10));
      },
      { orphans: "wait" },
    );
    sim.loop.runSync(function* () {
      yield* work();
      sim.events.push(`over at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["child at 10", "closed at 11", "over at 11"]);
  });

  it("runs clean-ups as children of the coroutine, which the tree of waits shows", (t) => {
    const { loop } = simulation(t);
    let tree = "";
    loop.runSync(function* () {
      const work = call(function* work() {
        defer(function* close() {
          yield sleep(5);
        });
      });
      yield* sleep(1);
      tree = formatWaitingTree(waitingTree(loop)).replaceAll(/#\d+|\s+at .*/g, "");
      yield* work;
    });
    assert.match(tree, /work {2}waits for its clean-up close/);
  });

  it("runs clean-ups in the coroutine's own stack contexts", (t) => {
    const { loop, events } = simulation(t);
    let depth = 0;
    const context = new StackContext(function* () {
      depth++;
      try {
        yield;
      } finally {
        depth--;
      }
    });
    loop.runSync(function* () {
      yield runWithStackContext(context, () =>
        call(function* () {
          const noteDepth = (): Future<void> => {
            const noted = new Future<void>();
            loop.addCallback(() => {
              events.push(depth);
              noted.setResult();
            });
            return noted;
          };
          // The one begins when the body ends, the other when the one has ended.
          defer(noteDepth);
          defer(noteDepth);
          yield* sleep(1);
        }),
      );
    });
    assert.deepEqual(events, [1, 1]);
  });

  it("runs the clean-ups of a coroutine that the close of its loop ends, and does not wait in them", () => {
    const sim = new Simulation();
    sim.loop.runSync(function* () {
      yield* sleep(1);
      sim.loop.stop();
      call(function* stuck() {
        defer(() => sim.events.push("first"));
        defer(function* () {
          try {
            yield sleep(5);
          } catch (error) {
            sim.events.push(error instanceof CancelledError);
          }
        });
        yield new Future();
      });
    });
    sim.loop.close();
    assert.deepEqual(sim.events, [true, "first"]);
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan", "unfinished"],
    );
  });

  it("refuses to be called outside of a coroutine, and with what is no function", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () => defer(() => {}),
      (error) => error instanceof GyreError && error.code === "GYRE_NO_COROUTINE",
    );
    loop.runSync(function* () {
      assert.throws(() => defer(5 as never), TypeError);
      yield moment;
    });
    assert.equal(currentCoroutine(), undefined);
  });
});
