import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, TimeoutError } from "../../src/base/index.ts";
import { call, sleep } from "../../src/gen/index.ts";
import { RateLimiter } from "../../src/sync/index.ts";
import { errorOf } from "../gen/outcomes.ts";
import { simulation } from "../gen/simulation.ts";

describe("RateLimiter", () => {
  it("gives a burst at once and then so many a second", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 10, burst: 3 });
      for (let i = 0; i < 6; i++) {
        yield* limiter.acquire();
        events.push(loop.time());
      }
    });
    assert.deepEqual(events, [0, 0, 0, 100, 200, 300]);
  });

  it("fills up to the burst while nobody takes any", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 10, burst: 2 });
      yield* limiter.acquire(2);
      yield* sleep(1000);
      assert.equal(limiter.statistics().available, 2);
      for (let i = 0; i < 4; i++) {
        yield* limiter.acquire();
        events.push(loop.time());
      }
    });
    assert.deepEqual(events, [1000, 1000, 1100, 1200]);
  });

  it("does not suspend while there are enough", (t) => {
    const { loop } = simulation(t);
    loop.runSync(() => {
      const limiter = new RateLimiter({ ratePerSecond: 1, burst: 2 });
      assert.equal(limiter.acquire().done(), true);
      assert.equal(limiter.acquireNowait(), true);
      assert.equal(limiter.acquireNowait(), false);
      assert.equal(loop.statistics().timers, 0);
    });
  });

  it("serves first come, first served, also when somebody behind wants less", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 10, burst: 5 });
      yield* limiter.acquire(5);
      const ask = (permits: number) =>
        call(function* () {
          yield* limiter.acquire(permits);
          events.push(`${permits} at ${loop.time()}`);
        });
      yield [ask(4), ask(1), ask(2)];
      assert.equal(limiter.acquireNowait(0.5), false);
    });
    assert.deepEqual(events, ["4 at 400", "1 at 500", "2 at 700"]);
  });

  it("loses nothing to rounding in a long line", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 3, burst: 1 });
      for (let i = 0; i < 1000; i++) yield* limiter.acquire();
      assert.ok(Math.abs(loop.time() - 333_000) < 1e-3, String(loop.time()));
      assert.equal(limiter.statistics().acquired, 1000);
    });
  });

  it("gives up after the limit, spends nothing, and lets the next one have its turn", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 10, burst: 5 });
      yield* limiter.acquire(5);
      const small = call(function* () {
        yield* sleep(1);
        yield* limiter.acquire(1);
        events.push(`small at ${loop.time()}`);
      });
      const error = yield* errorOf(limiter.acquire(5, { timeoutMs: 200 }));
      assert.ok(error instanceof TimeoutError);
      assert.equal(loop.time(), 200);
      yield* small;
      assert.ok((yield* errorOf(limiter.acquire(5, { timeoutMs: 0 }))) instanceof TimeoutError);
      yield* limiter.acquire(1, { timeoutMs: 0 });
      assert.deepEqual(limiter.statistics(), { available: 0, waiting: 0, acquired: 7 });
    });
    assert.deepEqual(events, ["small at 200"]);
  });

  it("lets a cancelled waiter leave the line, and leaves no timer", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 1, burst: 10 });
      yield* limiter.acquire(10);
      const big = call(() => limiter.acquire(10));
      const small = call(function* () {
        yield* limiter.acquire(1);
        events.push(`small at ${loop.time()}`);
      });
      assert.deepEqual(limiter.statistics(), { available: 0, waiting: 2, acquired: 10 });
      assert.equal(loop.statistics().timers, 1);
      yield* sleep(500);
      big.cancel();
      assert.ok((yield* errorOf(big)) instanceof CancelledError);
      yield* small;
      const last = call(() => limiter.acquire(1));
      last.cancel();
      assert.ok((yield* errorOf(last)) instanceof CancelledError);
      assert.equal(limiter.statistics().waiting, 0);
      assert.equal(loop.statistics().timers, 0);
    });
    assert.deepEqual(events, ["small at 1000"]);
  });

  it("takes a permit back that was given to a coroutine cancelled in the same moment", (t) => {
    const { loop, poller, events } = simulation(t);
    loop.runSync(function* () {
      const limiter = new RateLimiter({ ratePerSecond: 1, burst: 2 });
      yield* limiter.acquire(2);
      const first = call(function* () {
        yield* limiter.acquire();
        // Both were given theirs before either went on.
        assert.equal(limiter.statistics().acquired, 4);
        second.cancel();
      });
      const second = call(function* () {
        yield* limiter.acquire();
        events.push("second went on");
      });
      // A step that takes so long that both have their turn behind it.
      poller.advance(2000);
      yield* first;
      assert.ok((yield* errorOf(second)) instanceof CancelledError);
      assert.equal(limiter.statistics().acquired, 3);
      assert.equal(limiter.acquireNowait(), true);
      assert.equal(loop.time(), 2000);
    });
    assert.deepEqual(events, []);
  });

  it("refuses rates, bursts and numbers of permits that can never be", (t) => {
    const { loop } = simulation(t);
    for (const ratePerSecond of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "5" as never])
      assert.throws(() => new RateLimiter({ ratePerSecond }), RangeError);
    for (const burst of [0, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => new RateLimiter({ ratePerSecond: 1, burst }), RangeError);
    loop.runSync(() => {
      const limiter = new RateLimiter({ ratePerSecond: 1, burst: 2 });
      for (const permits of [0, -1, 3, Number.NaN]) assert.throws(() => limiter.acquire(permits), RangeError);
      assert.throws(() => limiter.acquireNowait(3), RangeError);
      assert.throws(() => limiter.acquire(1, { timeoutMs: -1 }), RangeError);
    });
  });
});
