/** What a cancel does, and what it leaves alone. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { all, call, coroutine, currentCoroutine, moment, sleep, until } from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { errorOf } from "./outcomes.ts";
import { simulation } from "./simulation.ts";

describe("cancel()", () => {
  // GEN-095
  it("throws CancelledError with the reason where the coroutine waits, and ends it as cancelled", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield new Future<void>();
          events.push("not reached");
        } finally {
          events.push("finally");
        }
      });
      assert.equal(work.cancel("not needed"), true);
      const error = (yield* errorOf(work)) as CancelledError;
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "not needed");
      assert.equal(work.cancelled(), true);
    });
    assert.deepEqual(events, ["finally"]);
  });

  it("does nothing to one that has ended", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = coroutine(() => 7)();
      assert.equal(work.cancel(), false);
      assert.equal(work.result(), 7);
      yield moment;
    });
  });

  it("does not run the clean-up inside the call, but in one turn", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield new Future<void>();
        } finally {
          events.push("finally");
        }
      });
      work.cancel();
      events.push("cancel has returned");
      yield* errorOf(work);
    });
    assert.deepEqual(events, ["cancel has returned", "finally"]);
  });

  it("lets the clean-up wait, and settles when it is over", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield new Future<void>();
        } finally {
          yield sleep(5);
        }
      });
      work.cancel();
      assert.equal(work.done(), false);
      yield* errorOf(work);
      assert.equal(loop.time(), 5);
    });
  });

  it("lets the clean-up of a cancelled sleep wait as well", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield sleep(100);
        } finally {
          yield sleep(5);
          events.push(loop.time());
          yield sleep(5);
          events.push(loop.time());
        }
      });
      loop.callLater(1, () => work.cancel());
      yield* errorOf(work);
    });
    assert.deepEqual(events, [6, 11]);
  });

  it("takes the timer of a sleep out of the loop", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        yield sleep(1000);
      });
      work.cancel();
      yield* errorOf(work);
      assert.equal(loop.statistics().timers, 0);
    });
  });

  it("leaves a sleep alone that somebody else made", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const shared = sleep(10);
      const work = call(function* () {
        yield shared;
      });
      work.cancel();
      yield* errorOf(work);
      yield shared;
      assert.equal(loop.time(), 10);
    });
  });

  it("cancels the innermost first, and waits for each clean-up before the next", (t) => {
    const { loop, events } = simulation(t);
    const nested = coroutine(function* (depth: number): Generator<unknown, void> {
      try {
        if (depth === 0) yield sleep(100);
        else yield nested(depth - 1);
      } finally {
        yield sleep(1);
        events.push(depth);
      }
    });
    loop.runSync(function* () {
      const outermost = nested(3);
      yield sleep(1);
      outermost.cancel("all of you");
      const error = (yield* errorOf(outermost)) as CancelledError;
      assert.equal(error.reason, "all of you");
    });
    assert.deepEqual(events, [0, 1, 2, 3]);
    assert.equal(loop.time(), 5);
  });

  it("does not run on behind the wait when the body swallows nothing", (t) => {
    const { loop, events } = simulation(t);
    function* delegated(): Generator<unknown, string> {
      try {
        yield sleep(100);
      } finally {
        yield sleep(1);
        events.push("clean-up of the delegate");
      }
      return "not reached";
    }
    loop.runSync(function* () {
      const work = call(function* () {
        const result = yield* delegated();
        events.push(result);
      });
      yield sleep(1);
      work.cancel();
      yield* errorOf(work);
    });
    assert.deepEqual(events, ["clean-up of the delegate"]);
  });

  it("is swallowed by a body that catches it, which then ends well", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield sleep(100);
        } catch {}
        yield sleep(1);
        return "went on";
      });
      work.cancel();
      assert.equal(yield work, "went on");
      assert.equal(work.cancelled(), false);
    });
  });

  it("asked for a second time, does not cut the clean-up in half", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield sleep(100);
        } finally {
          yield sleep(5);
          events.push("clean-up is over");
        }
      });
      work.cancel("first");
      yield sleep(1);
      assert.equal(work.cancel("second"), true);
      const error = (yield* errorOf(work)) as CancelledError;
      assert.equal(error.reason, "first");
    });
    assert.deepEqual(events, ["clean-up is over"]);
  });

  it("keeps an error of the clean-up beside the cancel, and does not let it take its place", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("in the clean-up");
    loop.runSync(function* () {
      const work = call(function* () {
        try {
          yield sleep(100);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the subject
          throw failure;
        }
      });
      work.cancel("first");
      const error = (yield* errorOf(work)) as CancelledError;
      assert.ok(error instanceof CancelledError);
      assert.deepEqual(error.suppressed, [failure]);
    });
  });

  it("gathers the errors of all clean-ups, inner first", (t) => {
    const { loop } = simulation(t);
    const nested = coroutine(function* (depth: number): Generator<unknown, void> {
      try {
        if (depth === 0) yield sleep(100);
        else yield nested(depth - 1);
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the subject
        throw new Error(`of ${depth}`);
      }
    });
    loop.runSync(function* () {
      const outermost = nested(2);
      outermost.cancel();
      const error = (yield* errorOf(outermost)) as CancelledError;
      assert.deepEqual(
        error.suppressed.map((each) => (each as Error).message),
        ["of 0", "of 1", "of 2"],
      );
    });
  });

  it("comes at the next wait when the coroutine cancels itself", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        currentCoroutine()?.cancel("by myself");
        events.push("runs on");
        yield moment;
        events.push("not reached");
      });
      const error = (yield* errorOf(work)) as CancelledError;
      assert.equal(error.reason, "by myself");
    });
    assert.deepEqual(events, ["runs on"]);
  });

  it("comes at the next wait also when what is waited for has settled", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const there = new Future<string>();
      there.setResult("there");
      const work = call(function* () {
        currentCoroutine()?.cancel();
        events.push(yield there);
      });
      assert.ok((yield* errorOf(work)) instanceof CancelledError);
    });
    assert.deepEqual(events, []);
  });

  it("takes a failure along that it came before", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("in the same turn");
    loop.runSync(function* () {
      const pending = new Future<void>();
      const work = call(function* () {
        yield pending;
      });
      pending.setError(failure);
      work.cancel();
      const error = (yield* errorOf(work)) as CancelledError;
      assert.deepEqual(error.suppressed, [failure]);
    });
  });

  it("ends a coroutine that has returned and waits for what it returned", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        yield moment;
        return call(function* () {
          try {
            yield sleep(100);
          } finally {
            yield sleep(1);
            events.push("cleaned up");
          }
        });
      });
      yield sleep(1);
      work.cancel();
      assert.ok((yield* errorOf(work)) instanceof CancelledError);
    });
    assert.deepEqual(events, ["cleaned up"]);
    assert.equal(loop.time(), 2);
  });

  it("leaves a coroutine alone that it only waits for", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const shared = call(function* () {
        yield sleep(10);
        return "shared";
      });
      const work = call(function* () {
        yield shared;
      });
      yield sleep(1);
      work.cancel();
      yield* errorOf(work);
      assert.equal(yield shared, "shared");
    });
  });

  it("reaches a child also when somebody else waits for it, who gets the cancel too", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let child: Future<void> | undefined;
      const owner = call(function* () {
        child = sleepy();
        yield child;
      });
      const other = call(function* () {
        yield child;
      });
      owner.cancel("of the owner");
      const error = (yield* errorOf(other)) as CancelledError;
      assert.equal(error.reason, "of the owner");
      yield* errorOf(owner);
    });
  });

  it("cancels all own members of an array and waits for all their clean-ups", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const foreign = new Future<void>();
      const cleaning = coroutine(function* (ms: number) {
        try {
          yield sleep(100);
        } finally {
          yield sleep(ms);
          events.push(ms);
        }
      });
      const work = call(function* () {
        yield [cleaning(3), sleep(50), cleaning(1), foreign];
      });
      yield sleep(1);
      work.cancel();
      yield* errorOf(work);
      assert.equal(loop.time(), 4);
      assert.equal(foreign.done(), false);
    });
    assert.deepEqual(events, [1, 3]);
  });

  it("waits for the clean-ups also when what it let go settles meanwhile", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const foreign = new Future<void>();
      const work = call(function* () {
        const cleaning = call(function* () {
          try {
            yield sleep(100);
          } finally {
            yield sleep(5);
            events.push("cleaned up");
          }
        });
        try {
          yield [cleaning, foreign];
        } finally {
          events.push("after it");
        }
      });
      work.cancel();
      foreign.setResult();
      yield* errorOf(work);
    });
    assert.deepEqual(events, ["cleaned up", "after it"]);
  });

  it("keeps the failures of members beside the cancel", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("before the cancel");
    loop.runSync(function* () {
      const work = call(function* () {
        const failed = new Future<void>();
        failed.setError(failure);
        yield [failed, sleep(100)];
      });
      work.cancel();
      const error = (yield* errorOf(work)) as CancelledError;
      assert.deepEqual(error.suppressed, [failure]);
    });
  });

  it("does not hurt others who wait for an array that somebody else has made", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const member = new Future<string>();
      const both = all([member]);
      const work = call(function* () {
        yield both;
      });
      work.cancel();
      yield* errorOf(work);
      member.setResult("unhurt");
      assert.deepEqual(yield both, ["unhurt"]);
    });
  });

  it("ends an array that it made, so that its clean-up does not wait for it in vain", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        const both = all([new Future<void>()]);
        try {
          yield both;
        } finally {
          events.push(both.cancelled());
        }
      });
      work.cancel();
      yield* errorOf(work);
    });
    assert.deepEqual(events, [true]);
  });

  it("does not reach children that nobody waits for: they are orphans", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const work = call(function* () {
        sleepy();
        yield new Future<void>();
      });
      work.cancel();
      yield* errorOf(work);
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
    sim.loop.start();
  });

  it("makes nothing of a Future that fails later, as nobody is left to miss it", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const pending = new Future<void>();
      const work = call(function* () {
        yield pending;
      });
      work.cancel();
      yield* errorOf(work);
      pending.setError(new Error("after the cancel"));
    });
    sim.close();
  });

  it("keeps no other cancels beside itself, but what their clean-ups threw", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("in the clean-up");
    loop.runSync(function* () {
      const cleaning = coroutine(function* () {
        try {
          yield sleep(100);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the subject
          throw failure;
        }
      });
      const work = call(function* () {
        try {
          yield sleep(100);
        } finally {
          const child = cleaning();
          child.cancel("another cancel");
          yield child;
        }
      });
      yield sleep(1);
      work.cancel("the first");
      const error = (yield* errorOf(work)) as CancelledError;
      assert.equal(error.reason, "the first");
      assert.deepEqual(error.suppressed, [failure]);
    });
  });

  it("makes nothing of a promise that rejects later", async () => {
    const reports: string[] = [];
    const loop = new IOLoop();
    loop.onReport(({ text }) => reports.push(text));
    await loop.run(function* () {
      let reject: (error: unknown) => void = () => {};
      const promise = new Promise<void>((_resolve, fail) => {
        reject = fail;
      });
      const work = call(function* () {
        yield promise;
      });
      work.cancel();
      yield* errorOf(work);
      reject(new Error("after the cancel"));
      yield* until(Promise.resolve());
    });
    loop.close();
    assert.deepEqual(reports, []);
  });
});

describe("a Future that is waited for", () => {
  // GEN-094
  it("throws CancelledError at the yield when it is cancelled", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const pending = new Future<void>();
      const work = call(function* () {
        try {
          yield pending;
        } catch (error) {
          events.push((error as CancelledError).reason);
          throw error;
        } finally {
          events.push("finally");
        }
      });
      pending.cancel("of the Future");
      yield* errorOf(work);
      assert.equal(work.cancelled(), true);
    });
    assert.deepEqual(events, ["of the Future", "finally"]);
  });
});

const sleepy = coroutine(function* sleepy() {
  yield sleep(100);
});
