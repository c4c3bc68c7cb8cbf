import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CancelledError, InvalidStateError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, coroutine, sleep, WaitIterator, withTimeout } from "../../src/gen/index.ts";
import { later, settledWith } from "./outcomes.ts";
import { simulation } from "./simulation.ts";

describe("WaitIterator", () => {
  // GEN-080
  it("gives the settled ones first, in order, and then the others as they settle", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const results = new WaitIterator(
        later(10, "slow"),
        later(5, "quick"),
        settledWith("a"),
        settledWith("b"),
      );
      while (!results.done()) events.push(yield results.next());
    });
    assert.deepEqual(events, ["a", "b", "quick", "slow"]);
  });

  // GEN-081
  it("tells the position and the Future of the last result, and nothing once it is done", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const slow = later(10, "slow");
      const quick = later(5, "quick");
      const results = new WaitIterator(slow, quick);
      events.push(results.currentIndex, results.currentFuture);
      yield results.next();
      events.push(results.currentIndex, results.currentFuture === quick);
      yield results.next();
      events.push(results.currentIndex, results.currentFuture === slow);
      assert.equal(results.done(), true);
      events.push(results.currentIndex, results.currentFuture);
    });
    assert.deepEqual(events, [undefined, undefined, 1, true, 0, true, undefined, undefined]);
  });

  // GEN-081
  it("tells the key when it was given a record", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const results = new WaitIterator({ slow: later(10, 1), quick: later(5, 2) });
      while (!results.done()) {
        const value = yield results.next();
        events.push([results.currentIndex, value]);
      }
    });
    assert.deepEqual(events, [
      ["quick", 2],
      ["slow", 1],
    ]);
  });

  // GEN-082
  it("throws a failure at its own next, and may go on", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const results = new WaitIterator(later(1, new Error("failed")), later(5, "well"));
      while (!results.done()) {
        try {
          events.push(yield results.next());
        } catch (error) {
          events.push((error as Error).message);
        }
      }
    });
    assert.deepEqual(events, ["failed", "well"]);
  });

  // GEN-083
  it("is done at once when it is empty", () => {
    assert.equal(new WaitIterator().done(), true);
    assert.equal(new WaitIterator({}).done(), true);
  });

  // GEN-083
  it("refuses Futures and records at the same time", () => {
    assert.throws(() => new WaitIterator(settledWith(1), { b: settledWith(2) }), TypeError);
  });

  it("refuses what is no Future", () => {
    assert.throws(() => new WaitIterator(5 as never), TypeError);
    assert.throws(() => new WaitIterator({ a: 5 as never }), TypeError);
  });

  // GEN-084
  it("serves requests in order when they are made before there is a result", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const iterator = new WaitIterator(later(10, "slow"), later(5, "quick"));
      const first = iterator.next();
      const second = iterator.next();
      return [yield second, yield first];
    });
    assert.deepEqual(results, ["slow", "quick"]);
  });

  // GEN-084
  it("gives a Future that is there twice, twice", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const twice = later(5, "twice");
      const iterator = new WaitIterator(twice, twice);
      while (!iterator.done()) {
        events.push(yield iterator.next());
        events.push(iterator.currentIndex);
      }
    });
    assert.deepEqual(events, ["twice", 0, "twice", 1]);
  });

  it("refuses a request for more than there is", () => {
    const iterator = new WaitIterator(settledWith(1));
    iterator.next();
    assert.throws(() => iterator.next(), InvalidStateError);
  });

  it("keeps the result for the next request when one is cancelled", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const iterator = new WaitIterator(later(5, "result"));
      iterator.next().cancel();
      return yield iterator.next();
    });
    assert.equal(result, "result");
  });

  it("takes the work that its owner started along when the owner is cancelled", (t) => {
    const { loop, events } = simulation(t);
    const foreign = new Future<void>();
    loop.runSync(function* () {
      const waiter = call(function* () {
        const own = coroutine(function* () {
          try {
            yield sleep(100);
          } finally {
            yield sleep(5);
            events.push("cleaned up");
          }
        });
        yield new WaitIterator<void>(own(), own(), foreign).next();
      });
      yield sleep(1);
      waiter.cancel("not needed");
      try {
        yield waiter;
      } catch (error) {
        events.push((error as CancelledError).reason);
      }
    });
    assert.deepEqual(events, ["cleaned up", "cleaned up", "not needed"]);
    assert.equal(foreign.done(), false);
  });

  it("leaves the rest in place when a limit that cancels nothing ends one wait", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const iterator = new WaitIterator(later(10, "slow"));
      const request = iterator.next();
      try {
        yield withTimeout(5, request, { cancel: false });
      } catch (error) {
        events.push((error as Error).name);
      }
      events.push(yield request);
    });
    assert.deepEqual(events, ["TimeoutError", "slow"]);
  });

  it("does not hide work that nobody asks it for", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield call(function* () {
        new WaitIterator(later(5, "forgotten"));
      });
      yield sleep(10);
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
  });

  it("does not hide failures that nobody asks it for", (t) => {
    const sim = simulation(t);
    const failures = [new Error("of a coroutine"), new Error("of a Future")];
    sim.loop.runSync(function* () {
      yield call(function* () {
        const plain = new Future<void>();
        new WaitIterator<unknown>(later(1, failures[0]), plain);
        plain.setError(failures[1]);
        yield sleep(5);
      });
    });
    sim.close();
    assert.deepEqual(
      sim.takeReports().map((report) => (report as unknown as { error: unknown }).error),
      failures,
    );
  });
});
