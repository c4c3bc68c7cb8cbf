/** A clean-up that a cancel began is not cut by what comes after. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeoutError } from "../../../src/base/index.ts";
import { call, race, sleep, withTimeout } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { cancelOf, worker } from "./support.ts";

describe("a clean-up that a cancel began", () => {
  it(
    "is not cut by a second cancel, whose reason counts for nothing",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = worker(events, "work", 1000, 20);
      work.cancel("first");
      yield* sleep(10);
      assert.equal(work.cancel("second"), true);
      const { reason } = yield* cancelOf(work);
      assert.deepEqual([events, reason, loop.time()], [["work cleans up", "work over"], "first", 20]);
    }),
  );

  it(
    "is not cut by a cancel of the owner, which waits for it",
    simulated(function* (loop) {
      const events: string[] = [];
      let child: ReturnType<typeof worker> | undefined;
      const owner = call(function* () {
        child = worker(events, "child", 1000, 20);
        yield child;
      });
      child?.cancel("of the child");
      yield* sleep(10);
      owner.cancel("of the owner");
      const { reason } = yield* cancelOf(owner);
      assert.deepEqual(
        [events, reason, loop.time()],
        [["child cleans up", "child over"], "of the owner", 20],
      );
    }),
  );

  it(
    "is not cut when a child that it waits for is reached through the owner again",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield worker(events, "closing", 20);
        }
      });
      work.cancel();
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events[0], loop.time()], ["closing done", 20]);
    }),
  );

  it(
    "is not cut by a limit that passes, which waits for it",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = worker(events, "work", 1000, 20);
      work.cancel();
      assert.ok((yield* errorOf(withTimeout(10, work))) instanceof TimeoutError);
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 20]);
    }),
  );

  it(
    "is not cut by a race that it loses",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = worker(events, "work", 1000, 20);
      work.cancel();
      yield* race([work, sleep(10)]);
      assert.deepEqual([events, loop.time()], [["work cleans up", "work over"], 20]);
    }),
  );

  it(
    "of a limit is not cut by the cancel of who waits behind the limit",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        yield* withTimeout(10, worker(events, "child", 1000, 20));
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["child cleans up", "child over"], 30]);
    }),
  );

  it(
    "may use a limit of its own",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = call(function* () {
        try {
          yield* sleep(1000);
        } finally {
          events.push(yield* errorOf(withTimeout(5, sleep(100))));
        }
      });
      work.cancel();
      yield* cancelOf(work);
      assert.ok(events[0] instanceof TimeoutError);
      assert.equal(loop.time(), 5);
    }),
  );
});
