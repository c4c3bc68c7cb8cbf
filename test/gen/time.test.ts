import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, TimeoutError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { all, call, coroutine, moment, sleep, Task, until, withTimeout } from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

/** Ends after `ms`; its clean-up takes `cleanupMs` and fails with `error`, if one is given. */
const work = coroutine(function* work(events: unknown[], ms: number, cleanupMs: number = 0, error?: Error) {
  try {
    yield sleep(ms);
    return "done";
  } catch (cancelled) {
    if (cleanupMs > 0) yield sleep(cleanupMs);
    events.push("cleaned up");
    throw error ?? cancelled;
  }
});

describe("sleep()", () => {
  // GEN-090
  it("delays nobody who does not yield it", (t) => {
    const { loop } = simulation(t);
    const at = loop.runSync(function* () {
      const nap = sleep(5);
      const before = loop.time();
      yield nap;
      return [before, loop.time()];
    });
    assert.deepEqual(at, [0, 5]);
  });

  // GEN-090
  it("is not done at once for 0, but in the next pass", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const nap = sleep(0);
      assert.equal(nap.done(), false);
      loop.addCallback(() => events.push("callback"));
      yield nap;
      events.push("awake");
    });
    assert.deepEqual(events, ["callback", "awake"]);
    assert.equal(loop.time(), 0);
  });

  it("refuses durations that cannot be waited for", () => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => sleep(ms), RangeError);
    assert.throws(() => sleep("5" as never), TypeError);
  });

  it("takes its timer away when it is cancelled", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const nap = sleep(1000);
      assert.equal(nap.cancel("awake already"), true);
      assert.equal(loop.statistics().timers, 0);
      yield moment;
    });
  });
});

describe("withTimeout()", () => {
  it("gives the result that comes before the limit", (t) => {
    const { loop, events } = simulation(t);
    assert.equal(
      loop.runSync(function* () {
        return yield* withTimeout(10, work(events, 5));
      }),
      "done",
    );
    assert.equal(loop.time(), 5);
  });

  it("throws the failure that comes before the limit", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("before the limit");
    const caught = loop.runSync(function* () {
      try {
        yield withTimeout(
          10,
          call(function* () {
            yield sleep(5);
            throw failure;
          }),
        );
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // GEN-085
  it("throws TimeoutError at the limit, and leaves alone what somebody else started", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const foreign = new Future<void>();
      try {
        yield withTimeout(5, foreign);
        assert.fail("not reached");
      } catch (error) {
        assert.ok(error instanceof TimeoutError);
        assert.equal(error.limitMs, 5);
        assert.equal(loop.time(), 5);
      }
      assert.equal(foreign.done(), false);
    });
  });

  // GEN-085
  it("cancels what the running coroutine started, and waits for its clean-up", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const own = work(events, 100, 3);
      try {
        yield withTimeout(5, own);
      } catch (error) {
        events.push((error as Error).name);
      }
      assert.equal(own.cancelled(), true);
    });
    assert.deepEqual(events, ["cleaned up", "TimeoutError"]);
    assert.equal(loop.time(), 8);
  });

  it("cancels what the running coroutine started also behind an array", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const foreign = new Future<void>();
      try {
        yield withTimeout(5, [work(events, 100), work(events, 100, 1), foreign]);
      } catch (error) {
        events.push((error as Error).name);
      }
      assert.equal(foreign.done(), false);
    });
    assert.deepEqual(events, ["cleaned up", "cleaned up", "TimeoutError"]);
  });

  it("takes the timer of its own sleep away", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      try {
        yield withTimeout(5, sleep(1000));
      } catch {}
      assert.equal(loop.statistics().timers, 0);
    });
  });

  it("leaves own work to go on when it is told to", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const own = work(events, 10);
      try {
        yield withTimeout(5, own, { cancel: false });
      } catch (error) {
        events.push((error as Error).name);
      }
      events.push(yield own);
    });
    assert.deepEqual(events, ["TimeoutError", "done"]);
  });

  it("cancels also what others started when it is told to", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const foreign = new Future<void>();
      try {
        yield withTimeout(5, foreign, { cancel: true });
      } catch (error) {
        assert.ok(error instanceof TimeoutError);
      }
      assert.equal(foreign.cancelled(), true);
    });
  });

  it("ends the wait for a Task whose callback never comes", (t) => {
    const { loop } = simulation(t);
    const name = loop.runSync(function* () {
      try {
        yield withTimeout(5, new Task(() => {}));
      } catch (error) {
        return (error as Error).name;
      }
      return undefined;
    });
    assert.equal(name, "TimeoutError");
  });

  // GEN-086
  it("logs a failure after the limit, once", (t) => {
    const sim = simulation(t);
    const failure = new Error("too late");
    sim.loop.runSync(function* () {
      const foreign = new Future<void>();
      sim.loop.callLater(10, () => foreign.setError(failure));
      try {
        yield withTimeout(5, foreign);
      } catch {}
      yield sleep(10);
    });
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // GEN-086
  it("does not log a late failure of a quiet class, nor a late result", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const failing = new Future<void>();
      const resolving = new Future<string>();
      loop.callLater(10, () => failing.setError(new RangeError("quiet")));
      loop.callLater(10, () => resolving.setResult("too late"));
      for (const foreign of [failing, resolving]) {
        try {
          yield withTimeout(2, foreign, { quietErrors: [RangeError] });
        } catch {}
      }
      yield sleep(10);
    });
  });

  it("logs what the clean-up of the cancelled work throws", (t) => {
    const sim = simulation(t);
    const failure = new Error("in the clean-up");
    sim.loop.runSync(function* () {
      try {
        yield withTimeout(5, work(sim.events, 100, 1, failure));
      } catch (error) {
        sim.events.push((error as Error).name);
      }
    });
    assert.deepEqual(sim.events, ["cleaned up", "TimeoutError"]);
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // GEN-087
  it("takes its timer away when the result comes first: 3000 uses leave nothing behind", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      for (let i = 0; i < 3000; i++) {
        const quick = new Future<void>();
        loop.addCallback(() => quick.setResult());
        yield withTimeout(100_000, quick);
      }
      const { timers, removedTimers } = loop.statistics();
      assert.equal(timers, 0);
      assert.ok(removedTimers < 1500, `${removedTimers} marks are kept`);
    });
  });

  // GEN-088
  it("never throws at once, also for a limit of 0", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const limited = withTimeout(0, new Future<void>());
      assert.equal(limited.done(), false);
      try {
        yield limited;
        assert.fail("not reached");
      } catch (error) {
        assert.ok(error instanceof TimeoutError);
      }
    });
    assert.equal(loop.time(), 0);
  });

  // GEN-089
  it("gives a result that is there at once, also for a limit of 0", () => {
    const limited = coroutine(function* () {
      const there = new Future<string>();
      there.setResult("there");
      return yield withTimeout(0, there);
    })();
    assert.equal(limited.result(), "there");
  });

  it("names what it waited for", (t) => {
    const { loop, events } = simulation(t);
    const message = loop.runSync(function* () {
      try {
        yield withTimeout(5, work(events, 100));
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    });
    assert.match(message, /^Cannot wait longer for "work #\d+": the limit of 5 ms passed$/);
  });

  it("refuses limits that cannot be waited for", () => {
    assert.throws(() => withTimeout(-1, new Future()), RangeError);
    assert.throws(() => withTimeout(undefined as never, new Future()), TypeError);
  });

  it("takes own work along when its coroutine is cancelled first", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limited = call(function* () {
        yield withTimeout(50, work(events, 100, 3));
      });
      yield sleep(1);
      limited.cancel("not needed");
      try {
        yield limited;
      } catch (error) {
        events.push((error as CancelledError).reason);
      }
    });
    assert.deepEqual(events, ["cleaned up", "not needed"]);
    assert.equal(loop.time(), 4);
  });

  it("is not hurt by the cancel of somebody who did not make it", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limited = withTimeout(50, work(events, 5));
      const other = call(function* () {
        yield limited;
      });
      yield moment;
      other.cancel();
      events.push(yield limited);
      try {
        yield other;
      } catch (error) {
        assert.ok(error instanceof CancelledError);
      }
    });
    assert.deepEqual(events, ["done"]);
  });

  it("is cancelled by hand with what its maker started", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limited = withTimeout(50, all([work(events, 100, 1)]));
      limited.cancel("by hand");
      try {
        yield limited;
      } catch (error) {
        events.push((error as CancelledError).reason);
      }
    });
    assert.deepEqual(events, ["cleaned up", "by hand"]);
  });
});

describe("until()", () => {
  it("is the Future of a promise's result", async () => {
    assert.equal(await until(Promise.resolve(7)), 7);
  });

  it("fails with what the promise rejects with", async () => {
    const failure = new Error("rejected");
    await assert.rejects(
      async () => await until(Promise.reject(failure)),
      (error) => error === failure,
    );
  });
});
