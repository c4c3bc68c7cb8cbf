/** Why something was cancelled can be read wherever the cancel arrives. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, TimeoutError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import { all, type Coroutine, call, race, scope, sleep, withTimeout } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { cancelOf } from "./support.ts";

/** Notes the reason of its cancel. */
function* listener(reasons: unknown[]): Generator<unknown, void, unknown> {
  try {
    yield* sleep(1000);
  } catch (error) {
    reasons.push((error as CancelledError).reason);
    throw error;
  }
}

describe("the reason of a cancel", () => {
  it(
    "reaches the innermost of three coroutines, and whoever waits for the outermost",
    simulated(function* () {
      const reasons: unknown[] = [];
      const work = call(() => call(() => call(listener, reasons)));
      work.cancel("disconnected");
      reasons.push((yield* cancelOf(work)).reason);
      assert.deepEqual(reasons, ["disconnected", "disconnected"]);
    }),
  );

  it(
    "reaches the members of a list, a race, a limit and a scope",
    simulated(function* () {
      const reasons: unknown[] = [];
      const child = (): Coroutine<void> => call(listener, reasons);
      const work = call(function* () {
        yield [
          race([child(), sleep(900)]),
          withTimeout(900, child()),
          scope(function* (group) {
            group.start(listener, reasons);
            yield* listener(reasons);
          }),
        ];
      });
      work.cancel("disconnected");
      yield* cancelOf(work);
      assert.deepEqual(reasons, Array(4).fill("disconnected"));
    }),
  );

  it(
    "stands in the message and, when it is an error, in the cause",
    simulated(function* () {
      const reason = new Error("the socket was closed");
      const work = call(() => sleep(1000));
      work.cancel(reason);
      const cancel = yield* cancelOf(work);
      assert.match(cancel.message, /the socket was closed/);
      assert.deepEqual([cancel.reason === reason, cancel.cause === reason], [true, true]);
    }),
  );

  it(
    "may be any value, or none",
    simulated(function* () {
      const bare = Object.create(null) as object;
      for (const reason of [undefined, null, 0, "", Symbol("tag"), { code: 7 }, bare, () => {}]) {
        const work = call(() => sleep(1000));
        work.cancel(reason);
        const cancel = yield* cancelOf(work);
        assert.equal(cancel.reason, reason);
        assert.match(cancel.message, /^The work was cancelled/);
      }
    }),
  );

  it(
    "is the same error when a CancelledError is passed on by hand",
    simulated(function* () {
      const first = call(() => sleep(1000));
      first.cancel("why");
      const cancel = yield* cancelOf(first);
      const others = [
        call(() => sleep(1000)),
        new Future<void>(),
        sleep(1000),
        all([call(() => sleep(1000))]),
        race([call(() => sleep(1000))]),
        withTimeout(
          500,
          call(() => sleep(1000)),
        ),
      ];
      for (const other of others) {
        other.cancel(cancel);
        assert.equal(yield* errorOf(other), cancel);
      }
    }),
  );

  it(
    "tells a child of a limit that passed what limit that was",
    simulated(function* () {
      const reasons: unknown[] = [];
      const error = yield* errorOf(withTimeout(50, call(listener, reasons)));
      assert.ok(error instanceof TimeoutError);
      assert.deepEqual(reasons, ["the limit of 50 ms passed"]);
    }),
  );

  it(
    "tells the loser of a race that another one was first",
    simulated(function* () {
      const reasons: unknown[] = [];
      yield* race([call(listener, reasons), sleep(1)]);
      assert.deepEqual(reasons, ["another one was first"]);
    }),
  );

  it(
    "tells a child of a scope which sibling failed",
    simulated(function* () {
      const reasons: unknown[] = [];
      const work = scope(function* (group) {
        group.start(listener, reasons);
        group.start(function* broken() {
          yield* sleep(1);
          throw new Error("on purpose");
        });
      });
      yield* errorOf(work);
      assert.match(String(reasons), /^"broken #\d+" failed in the same scope$/);
    }),
  );

  it(
    "is that of the owner's cancel also for who waits for its child",
    simulated(function* () {
      const reasons: unknown[] = [];
      let child: Coroutine<void> | undefined;
      const owner = call(function* () {
        child = call(listener, reasons);
        yield child;
      });
      const other = call(() => child);
      owner.cancel("of the owner");
      assert.equal((yield* cancelOf(other)).reason, "of the owner");
      yield* cancelOf(owner);
    }),
  );

  it("is in the error's own words when nothing was given", () => {
    assert.equal(new CancelledError().message, "The work was cancelled");
  });
});
