import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, coroutine, IOLoop, type Scope, scope, sleep } from "../../src/index.ts";
import { expectLog, simulated } from "../../src/testing/index.ts";

/** Sleeps, and notes how it ended. */
function* sleeper(name: string, ms: number, events: string[]) {
  try {
    yield* sleep(ms);
    events.push(`${name} done`);
    return name;
  } catch (error) {
    events.push(`${name} ${(error as Error).name}`);
    throw error;
  }
}

function* failsAfter(ms: number, message: string) {
  yield* sleep(ms);
  throw new Error(message);
}

describe("scope()", () => {
  it(
    "ends when all that was started in it has",
    simulated(function* (loop) {
      const events: string[] = [];
      const result = yield* scope(function* (group) {
        group.start(sleeper, "a", 20, events);
        group.start(sleeper, "b", 10, events);
        return "body";
      });
      assert.deepEqual([result, loop.time(), events], ["body", 20, ["b done", "a done"]]);
    }),
  );

  it(
    "gives the results of what it started to whoever waits",
    simulated(function* () {
      const result = yield* scope(function* (group) {
        return yield* group.start(sleeper, "a", 20, []);
      });
      assert.equal(result, "a");
    }),
  );

  it(
    "cancels the siblings and the body when one fails, and throws its error",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = scope(function* (group) {
        group.start(sleeper, "sibling", 100, events);
        group.start(failsAfter, 5, "broken");
        yield* sleeper("body", 100, events);
      });
      let caught: unknown;
      try {
        yield* work;
      } catch (error) {
        caught = error;
      }
      assert.equal((caught as Error).message, "broken");
      assert.deepEqual(events.toSorted(), ["body CancelledError", "sibling CancelledError"]);
      assert.equal(loop.time(), 5);
    }),
  );

  it(
    "throws the error of a child that fails after the body has returned",
    simulated(function* () {
      const work = scope(function* (group) {
        group.start(failsAfter, 5, "broken");
        return "too early";
      });
      let caught: unknown;
      try {
        yield* work;
      } catch (error) {
        caught = error;
      }
      assert.equal((caught as Error).message, "broken");
    }),
  );

  it(
    "cancels what it started when the body fails",
    simulated(function* () {
      const events: string[] = [];
      const work = scope(function* (group) {
        group.start(sleeper, "a", 100, events);
        yield* sleep(1);
        throw new Error("body broken");
      });
      let caught: unknown;
      try {
        yield* work;
      } catch (error) {
        caught = error;
      }
      assert.equal((caught as Error).message, "body broken");
      assert.deepEqual(events, ["a CancelledError"]);
    }),
  );

  it(
    "passes a cancel on to all that runs in it, and waits for their clean-up",
    simulated(function* (loop) {
      const events: string[] = [];
      const slow = coroutine(function* slow() {
        try {
          yield* sleep(100);
        } finally {
          yield* sleep(7);
          events.push("cleaned");
        }
      });
      const work = scope(function* (group) {
        group.start(slow);
        yield* sleep(100);
      });
      yield* sleep(3);
      work.cancel("enough");
      let caught: unknown;
      try {
        yield* work;
      } catch (error) {
        caught = error;
      }
      assert.ok(caught instanceof CancelledError);
      assert.equal(caught.reason, "enough");
      assert.deepEqual([events, loop.time()], [["cleaned"], 10]);
    }),
  );

  it(
    "logs the errors of others that fail while it ends",
    simulated(function* () {
      const stubborn = coroutine(function* stubborn() {
        try {
          yield* sleep(100);
        } catch {
          throw new Error("failed in its clean-up");
        }
      });
      yield* expectLog(/failed in its clean-up/, function* () {
        try {
          yield* scope(function* (group) {
            group.start(stubborn);
            group.start(failsAfter, 5, "broken");
          });
        } catch (error) {
          assert.equal((error as Error).message, "broken");
        }
      });
    }),
  );

  it(
    "refuses to start anything when it has ended",
    simulated(function* () {
      let kept: Scope | undefined;
      yield* scope(function* (group) {
        kept = group;
      });
      assert.throws(() => kept?.start(sleeper, "late", 1, []), /Cannot start in the scope: it has ended/);
    }),
  );

  it(
    "owns what others start in it",
    simulated(function* (loop) {
      const events: string[] = [];
      yield* scope(function* (group) {
        IOLoop.current().addCallback(() => group.start(sleeper, "from a callback", 10, events));
        yield* sleep(1);
      });
      assert.deepEqual([events, loop.time()], [["from a callback done"], 10]);
    }),
  );
});
