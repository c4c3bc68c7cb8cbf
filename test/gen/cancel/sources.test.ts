/** Who may cancel a coroutine, besides whoever calls `cancel()`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import {
  all,
  type Coroutine,
  call,
  cancelOn,
  coroutine,
  moment,
  race,
  scope,
  sleep,
  supervise,
  withTimeout,
} from "../../../src/gen/index.ts";
import { IOLoop } from "../../../src/loop/index.ts";
import { SimPoller } from "../../../src/sim/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { simulation } from "../simulation.ts";
import { cancelOf, worker } from "./support.ts";

const failsAfter = coroutine(function* failsAfter(ms: number) {
  yield* sleep(ms);
  throw new Error("on purpose");
});

describe("a coroutine is cancelled, and its clean-up waited for,", () => {
  it(
    "by a sibling",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = worker(events, "work", 1000, 20);
      const sibling = call(function* () {
        yield* sleep(10);
        work.cancel("by a sibling");
      });
      assert.equal((yield* cancelOf(work)).reason, "by a sibling");
      yield sibling;
      assert.equal(loop.time(), 30);
    }),
  );

  it(
    'by the end of its owner with orphans: "cancel", also when the owner is cancelled',
    simulated(function* (loop) {
      const events: unknown[] = [];
      const owner = coroutine(
        function* () {
          worker(events, "child", 1000, 20);
          yield* sleep(500);
        },
        { orphans: "cancel" },
      )();
      yield* sleep(10);
      owner.cancel();
      yield* cancelOf(owner);
      assert.deepEqual([events, loop.time()], [["child cleans up", "child over"], 30]);
    }),
  );

  it(
    'by a cancel of its owner that waits for it with orphans: "wait"',
    simulated(function* (loop) {
      const events: unknown[] = [];
      const owner = coroutine(
        function* () {
          worker(events, "child", 1000, 20);
        },
        { orphans: "wait" },
      )();
      yield* sleep(10);
      owner.cancel();
      yield* cancelOf(owner);
      assert.deepEqual([events, loop.time()], [["child cleans up", "child over"], 30]);
    }),
  );

  it(
    'by a cancel of its owner with orphans: "wait" that came while the body still ran',
    simulated(function* (loop) {
      const events: unknown[] = [];
      const owner = coroutine(
        function* () {
          worker(events, "child", 1000, 20);
          yield* sleep(500);
        },
        { orphans: "wait" },
      )();
      yield* sleep(10);
      owner.cancel("of the owner");
      assert.equal((yield* cancelOf(owner)).reason, "of the owner");
      assert.deepEqual([events, loop.time()], [["child cleans up", "child over"], 30]);
    }),
  );

  it(
    "by a signal",
    simulated(function* (loop) {
      const controller = new AbortController();
      const work = cancelOn(controller.signal, worker([], "work", 1000, 20));
      yield* sleep(10);
      controller.abort("by a signal");
      assert.equal((yield* cancelOf(work)).reason, "by a signal");
      assert.equal(loop.time(), 30);
    }),
  );

  it(
    "by a failure in the same scope, also when it was started by another coroutine",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = scope(function* (group) {
        yield call(function* () {
          group.start(worker, events, "work", 1000, 20);
          yield* sleep(1);
        });
        group.start(failsAfter, 9);
        yield* sleep(1000);
      });
      assert.equal(((yield* errorOf(work)) as Error).message, "on purpose");
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
    }),
  );

  it(
    "by the cancel of a scope, which ends all that runs in it at the same time",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = scope(function* (group) {
        group.start(worker, events, "a", 1000, 20);
        group.start(worker, events, "b", 1000, 10);
        yield* sleep(1000);
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["a cleans up", "b cleans up", "b over", "a over"], 30]);
    }),
  );

  it(
    "by the cancel of its supervisor, which does not start it again",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = supervise(() => worker(events, "work", 1000, 20), { restartAlways: true });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
    }),
  );

  it(
    "by the cancel of its supervisor while that waits to start it again",
    simulated(function* (loop) {
      let starts = 0;
      const start = (): Coroutine<never> => {
        starts++;
        return failsAfter(0);
      };
      const work = supervise(start, { delayMs: 100 });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([starts, loop.time()], [1, 10]);
    }),
  );

  it(
    "by a limit that passes",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const limited = withTimeout(10, worker(events, "work", 1000, 20));
      assert.ok((yield* errorOf(limited)) instanceof TimeoutError);
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
    }),
  );

  it(
    "by a race that it loses",
    simulated(function* (loop) {
      const events: unknown[] = [];
      yield* race([worker(events, "work", 1000, 20), sleep(10)]);
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
    }),
  );

  it(
    "by a failure beside it in a list with failFast",
    simulated(function* (loop) {
      const events: unknown[] = [];
      yield* errorOf(all([worker(events, "work", 1000, 20), failsAfter(10)], { failFast: true }));
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
    }),
  );

  it("by the limit of loop.run", (t) => {
    const { loop, events } = simulation(t);
    assert.throws(
      () => loop.runSync(() => worker(events, "work", 1000, 20), { timeoutMs: 10 }),
      TimeoutError,
    );
    assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 30]);
  });
});

describe("the close of a loop", () => {
  it("cancels what has not ended, without waiting, the children first", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const reports: string[] = [];
    loop.onReport(({ kind }) => reports.push(kind));
    const events: unknown[] = [];
    let errors: unknown[] = [];
    loop.runSync(() => {
      const work = call(function* owner() {
        try {
          yield worker(events, "child", 1000, 20);
        } finally {
          events.push("owner");
        }
      });
      work.addDoneCallback(() => {
        errors = [work.error()];
      });
    });
    loop.close();
    assert.deepEqual(events, ["child cleans up", "owner"]);
    assert.ok(errors[0] instanceof CancelledError);
    assert.ok(reports.includes("unfinished"));
  });
});

describe("the close of a loop on which thousands wait for each other", () => {
  it("ends them all, after the report that nothing can wake them", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const kinds = new Set<string>();
    loop.onReport(({ kind }) => kinds.add(kind));
    let cleanUps = 0;
    const nest = coroutine(function* (depth: number): Generator<unknown, void, unknown> {
      yield moment;
      try {
        yield depth === 0 ? new Future<void>() : nest(depth - 1);
      } finally {
        cleanUps++;
      }
    });
    loop.addCallback(() => {
      nest(3000);
    });
    loop.start();
    loop.close();
    assert.deepEqual([[...kinds], cleanUps], [["deadlock", "unfinished"], 3001]);
  });
});

describe("a coroutine is not cancelled", () => {
  it("by the end of its owner by default: it is reported, and goes on", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const owner = call(function* () {
        worker(sim.events, "child", 20);
        yield* sleep(1000);
      });
      yield* sleep(10);
      owner.cancel();
      yield* cancelOf(owner);
      yield* sleep(20);
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
    assert.deepEqual(sim.events, ["child done", "child cleans up", "child over"]);
  });

  it(
    "by the cancel of a Future that only forwards its outcome",
    simulated(function* () {
      const work = worker([], "work", 20);
      const other = new Future<unknown>();
      work.addDoneCallback(() => other.setResultUnlessCancelled(work.result()));
      other.cancel();
      assert.equal(yield* work, "work");
    }),
  );
});
