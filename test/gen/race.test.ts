import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AllFailedError, BadYieldError, CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import type { OrphanReport } from "../../src/gen/index.ts";
import { any, call, coroutine, race, sleep, Task, withTimeout } from "../../src/gen/index.ts";
import { isType } from "./same-type.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** A coroutine that gives `value`, or fails with it when it is an error, after `ms`; notes how it ends. */
function steps({ loop, events }: Simulation, cleanUpMs = 0) {
  return coroutine(function* work<T>(ms: number, value: T) {
    let ended = "cancelled";
    try {
      yield* sleep(ms);
      ended = "ended";
      if (value instanceof Error) throw value;
      return value;
    } finally {
      if (cleanUpMs > 0) yield* sleep(cleanUpMs);
      events.push(`${value} ${ended} at ${loop.time()}`);
    }
  });
}

describe("race()", () => {
  it("gives the result of the member that is settled first", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const result = sim.loop.runSync(function* () {
      return isType<string | number>()(yield* race([work(20, "slow"), work(10, 7)]));
    });
    assert.equal(result, 7);
  });

  it("gives the key and the value of a record's first", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const result = sim.loop.runSync(function* () {
      const first = yield* race({ answer: work(20, "slow"), count: work(10, 7) });
      isType<
        { readonly key: "answer"; readonly value: string } | { readonly key: "count"; readonly value: number }
      >()(first);
      // The key tells the type of the value.
      if (first.key === "count") isType<number>()(first.value);
      return first;
    });
    assert.deepEqual(result, { key: "count", value: 7 });
  });

  it("throws what the first one failed with", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const failure = new Error("first");
    sim.loop.runSync(function* () {
      yield* assertThrows(race([work(20, 1), work(10, failure)]), failure);
    });
  });

  it("settles only when the cancelled losers have cleaned up", (t) => {
    const sim = simulation(t);
    const work = steps(sim, 5);
    sim.loop.runSync(function* () {
      yield* race([work(10, "a"), work(50, "b"), work(60, "c")]);
      sim.events.push(`race over at ${sim.loop.time()}`);
    });
    // The winner's own clean-up is over at 15, the losers' at 20.
    assert.deepEqual(sim.events, [
      "a ended at 15",
      "b cancelled at 20",
      "c cancelled at 20",
      "race over at 20",
    ]);
  });

  it("takes the first in order of several that are settled already, and does not suspend", (t) => {
    const { loop } = simulation(t);
    const [a, b] = [new Future<string>(), new Future<string>()];
    b.setResult("b");
    a.setResult("a");
    loop.runSync(function* () {
      assert.equal(race([new Future(), a, b]).done(), true);
      assert.equal(yield* race([new Future<string>(), a, b]), "a");
    });
  });

  it("cancels what it started when one is settled already", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const settled = new Future<string>();
    settled.setResult("there");
    sim.loop.runSync(function* () {
      yield* race([work(10, "late"), settled]);
    });
    assert.deepEqual(sim.events, ["late cancelled at 0"]);
  });

  it("lets losers go that others started", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const theirs: Future<string>[] = [];
      const other = call(function* other() {
        theirs.push(work(30, "theirs"));
        return yield* theirs[0] as Future<string>;
      });
      yield* race([theirs[0] as Future<string>, sleep(10)]);
      sim.events.push(`race over at ${sim.loop.time()}`);
      yield* other;
    });
    assert.deepEqual(sim.events, ["race over at 10", "theirs ended at 30"]);
  });

  it("lets its own losers go on with cancelLosers: false, and they are still its own", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const slow = work(30, "slow");
      yield* race([slow, sleep(10)], { cancelLosers: false });
      assert.equal(yield* slow, "slow");
      yield* call(function* forgetful() {
        yield* race([work(30, "lost"), sleep(10)], { cancelLosers: false });
      });
    });
    sim.loop.start();
    assert.deepEqual(
      sim.takeReports().map((report) => [report.kind, (report as OrphanReport).owner.name]),
      [["orphan", "forgetful"]],
    );
  });

  it("leaves no timer of a loser behind", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      yield* race([sleep(1000), sleep(10)]);
      assert.equal(loop.statistics().timers, 0);
    });
  });

  it("cancels the losers inside of a loser that is a list or a limit", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      yield* race([[work(50, "a"), work(60, "b")], withTimeout(70, work(65, "c")), sleep(10)]);
    });
    assert.deepEqual(sim.events, ["a cancelled at 10", "b cancelled at 10", "c cancelled at 10"]);
    assert.equal(sim.loop.time(), 10);
  });

  it("starts generator objects and yield points, and takes promises", (t) => {
    const { loop } = simulation(t);
    const slow = function* (): Generator<unknown, string, unknown> {
      yield sleep(100);
      return "slow";
    };
    const result = loop.runSync(function* () {
      const first = yield* race([
        slow(),
        new Promise<boolean>(() => {}),
        new Task<number>((callback: (n: number) => void) => loop.callLater(5, callback, 3)),
      ]);
      return isType<string | boolean | number>()(first);
    });
    assert.equal(result, 3);
  });

  it("hands a cancel to what the waiter started, and is over when that has cleaned up", (t) => {
    const sim = simulation(t);
    const work = steps(sim, 5);
    sim.loop.runSync(function* () {
      const other = work(100, "other");
      const racer = call(function* racer() {
        try {
          yield* race([work(50, "mine"), other]);
        } finally {
          sim.events.push(`racer let go at ${sim.loop.time()}`);
        }
      });
      yield* sleep(10);
      racer.cancel("enough");
      yield* assertThrows(racer, CancelledError);
      yield* other;
    });
    assert.deepEqual(sim.events, ["mine cancelled at 15", "racer let go at 15", "other ended at 105"]);
  });

  it("is cancelled in its clean-up phase without counting anybody twice", (t) => {
    const sim = simulation(t);
    const work = steps(sim, 20);
    sim.loop.runSync(function* () {
      const never = new Future<void>();
      const racer = call(function* racer() {
        yield* race([sleep(10), work(50, "loser"), never]);
      });
      yield* sleep(15);
      racer.cancel("enough");
      yield* assertThrows(racer, CancelledError);
      sim.events.push(`racer over at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["loser cancelled at 30", "racer over at 30"]);
  });

  it("logs what a loser's clean-up throws, unless it is quiet", (t) => {
    const sim = simulation(t);
    const failure = new RangeError("clean-up");
    const bad = coroutine(function* bad() {
      try {
        yield* sleep(50);
      } finally {
        yield failLater(1, failure);
      }
    });
    sim.loop.runSync(function* () {
      yield* race([bad(), sleep(10)], { quietErrors: [RangeError] });
      assert.deepEqual(sim.takeLogged(), []);
      yield* race([bad(), sleep(10)], { quietErrors: [TypeError] });
    });
    assert.deepEqual(sim.takeLogged(), [
      { message: "Error of a loser, after its race was decided", error: failure },
    ]);
  });

  it("leaves the failure of a member that nobody yielded the race for to the owner", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      yield* call(function* forgetful() {
        race([work(10, new Error("unseen")), work(20, 1)]);
        yield* sleep(30);
      });
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["lost-error"],
    );
  });

  it("cancels nobody outside of a coroutine", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    let first: Future<string> | undefined;
    sim.loop.addCallback(() => {
      first = race([work(10, "a"), work(20, "b")]);
    });
    sim.loop.start();
    assert.equal(first?.result(), "a");
    assert.deepEqual(sim.events, ["a ended at 10", "b ended at 20"]);
  });

  it("may have the same member twice", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const loser = work(50, "loser");
      const winner = work(10, "winner");
      assert.equal(yield* race([loser, winner, loser, winner]), "winner");
    });
    assert.deepEqual(sim.events, ["winner ended at 10", "loser cancelled at 10"]);
  });

  it("refuses an empty list, and what cannot be waited for", (t) => {
    simulation(t);
    assert.throws(() => race([]), RangeError);
    assert.throws(() => race({}), RangeError);
    assert.throws(() => race([5]), BadYieldError);
  });
});

describe("any()", () => {
  it("looks past failures and gives the first success", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const result = sim.loop.runSync(function* () {
      return isType<string | number>()(yield* any([call(failLater, 5), work(20, "good"), work(50, "late")]));
    });
    assert.equal(result, "good");
    assert.deepEqual(sim.events, ["good ended at 20", "late cancelled at 20"]);
  });

  it("gives the key of a record's first success", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const result = sim.loop.runSync(function* () {
      return yield* any({ bad: call(failLater, 5), good: work(20, "fine") });
    });
    assert.deepEqual(result, { key: "good", value: "fine" });
  });

  it("throws AllFailedError with the errors in the members' order when all fail", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      try {
        yield* any([call(failLater, 20), call(failLater, 10)]);
        assert.fail("any() must fail");
      } catch (error) {
        assert.ok(error instanceof AllFailedError);
        assert.ok(error instanceof AggregateError);
        assert.equal(error.code, "GYRE_ALL_FAILED");
        assert.equal(error.name, "AllFailedError");
        assert.deepEqual(
          error.errors.map((each: Error) => each.message),
          ["after 20", "after 10"],
        );
      }
    });
  });

  it("fails at once when there are no members", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      yield* assertThrows(any([]), AllFailedError);
    });
  });

  it("counts a cancelled member as failed", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const gone = work(10, "gone");
      const answer = any([gone, work(20, "answer")]);
      gone.cancel();
      assert.equal(yield* answer, "answer");
    });
  });
});

/** Fails in `ms` milliseconds: with `error` or one that tells the time. */
function* failLater(
  ms: number,
  error: unknown = new Error(`after ${ms}`),
): Generator<unknown, number, unknown> {
  yield sleep(ms);
  throw error;
}

/** `source` fails with `wanted`, or with an instance of it. */
function* assertThrows(source: Future<unknown>, wanted: unknown): Generator<unknown, void, unknown> {
  let caught: unknown = "nothing";
  try {
    yield source;
  } catch (error) {
    caught = error;
  }
  if (typeof wanted === "function") assert.ok(caught instanceof wanted, String(caught));
  else assert.equal(caught, wanted);
}
