import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { allSettled, call, sleep } from "../../src/gen/index.ts";
import { isType } from "./same-type.ts";
import { simulation } from "./simulation.ts";

const failure = new Error("on purpose");

function* give<T>(ms: number, value: T): Generator<unknown, T, unknown> {
  yield sleep(ms);
  return value;
}

function* fail(ms: number): Generator<unknown, number, unknown> {
  yield sleep(ms);
  throw failure;
}

describe("allSettled()", () => {
  it("gives what each member came to, in the members' order", (t) => {
    const { loop } = simulation(t);
    const outcomes = loop.runSync(function* () {
      const all = yield* allSettled([call(give, 20, "a"), call(fail, 10), sleep(5)]);
      return isType<
        [PromiseSettledResult<string>, PromiseSettledResult<number>, PromiseSettledResult<void>]
      >()(all);
    });
    assert.deepEqual(outcomes, [
      { status: "fulfilled", value: "a" },
      { status: "rejected", reason: failure },
      { status: "fulfilled", value: undefined },
    ]);
    assert.equal(loop.time(), 20);
  });

  it("gives a record for a record", (t) => {
    const { loop } = simulation(t);
    const outcomes = loop.runSync(function* () {
      return yield* allSettled({ good: call(give, 1, 7), bad: call(fail, 2) });
    });
    assert.deepEqual(outcomes, {
      good: { status: "fulfilled", value: 7 },
      bad: { status: "rejected", reason: failure },
    });
  });

  it("does not suspend when all are settled", (t) => {
    const { loop } = simulation(t);
    const done = new Future<number>();
    done.setResult(1);
    loop.runSync(function* () {
      assert.equal(allSettled([done]).done(), true);
      assert.deepEqual(yield* allSettled([]), []);
    });
  });

  it("gives a member that somebody cancels as rejected", (t) => {
    const { loop } = simulation(t);
    const outcomes = loop.runSync(function* () {
      const gone = call(give, 10, "never");
      const all = allSettled([gone, sleep(5)]);
      gone.cancel("not needed");
      return yield* all;
    });
    const [first, second] = outcomes;
    assert.ok(first.status === "rejected" && first.reason instanceof CancelledError);
    assert.equal(first.reason.reason, "not needed");
    assert.equal(second.status, "fulfilled");
  });

  it("hands a cancel to what the waiter started, waits for it, and keeps what its clean-up threw", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const waiter = call(function* waiter() {
        const tidy = call(function* tidy() {
          try {
            yield* sleep(100);
          } finally {
            yield* sleep(5);
            events.push(`tidy at ${loop.time()}`);
          }
        });
        const untidy = call(function* untidy() {
          try {
            yield* sleep(100);
          } finally {
            yield fail(1);
          }
        });
        yield* allSettled([tidy, untidy, new Future<void>()]);
        events.push("went on");
      });
      yield* sleep(10);
      waiter.cancel("enough");
      try {
        yield* waiter;
        assert.fail("the waiter is cancelled");
      } catch (error) {
        assert.ok(error instanceof CancelledError);
        assert.deepEqual(error.suppressed, [failure]);
      }
    });
    assert.deepEqual(events, ["tidy at 15"]);
  });
});
