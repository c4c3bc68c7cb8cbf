/** What a cancel does not reach: `shield` and `defer`, in the places where a clean-up needs them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  call,
  currentCoroutine,
  defer,
  detach,
  scope,
  shield,
  sleep,
  withTimeout,
} from "../../../src/gen/index.ts";
import { Lock } from "../../../src/sync/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { cancelOf, messagesBeside, worker } from "./support.ts";

describe("a clean-up that began without a cancel", () => {
  it(
    "is cut by a cancel at its wait: nobody can tell that it is a clean-up",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield* sleep(10);
        } finally {
          yield* sleep(20);
          events.push("closed");
        }
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [[], 15]);
    }),
  );

  it(
    "is completed in a shield",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield* sleep(10);
        } finally {
          yield* shield(function* () {
            yield* sleep(20);
            events.push("closed");
          });
        }
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["closed"], 30]);
    }),
  );

  it(
    "is completed by defer",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        defer(function* () {
          yield* sleep(20);
          events.push("closed");
        });
        yield* sleep(10);
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["closed"], 30]);
    }),
  );
});

describe("a shielded block", () => {
  it(
    "is completed by who is cancelled in a scope, before the scope ends",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = scope(function* (group) {
        group.start(function* () {
          yield* shield(() => worker(events, "block", 20));
        });
        yield* sleep(1000);
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events[0], loop.time()], ["block done", 20]);
    }),
  );

  it(
    "gives its lock back though its waiter was cancelled",
    simulated(function* () {
      const lock = new Lock();
      const work = call(function* () {
        yield* shield(() => lock.run(() => sleep(20)));
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.equal(lock.statistics().locked, false);
    }),
  );
});

describe("a shielded source", () => {
  it(
    "goes on without its waiter, and can be waited for by another",
    simulated(function* (loop) {
      const source = worker([], "source", 20);
      const work = call(function* () {
        yield* shield(source);
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.equal(loop.time(), 10);
      assert.equal(yield* source, "source");
    }),
  );

  it(
    "is not reached by a limit around it",
    simulated(function* () {
      const events: string[] = [];
      yield call(function* () {
        const source = detach(worker(events, "source", 20), "may end later");
        yield* errorOf(withTimeout(10, shield(source)));
      });
      yield* sleep(15);
      assert.equal(events[0], "source done");
    }),
  );
});

describe("deferred clean-ups", () => {
  it(
    "run behind the finally blocks of a cancelled body, and none is cut by a second cancel",
    simulated(function* (loop) {
      const events: string[] = [];
      const work = call(function* () {
        defer(() => worker(events, "first deferred", 5));
        defer(() => worker(events, "last deferred", 5));
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(5);
          events.push("finally done");
        }
      });
      work.cancel();
      for (const ms of [2, 7, 12]) loop.callLater(ms, () => work.cancel("again"));
      yield* cancelOf(work);
      assert.deepEqual(
        events.filter((event) => event.endsWith("done")),
        ["finally done", "last deferred done", "first deferred done"],
      );
    }),
  );

  it(
    "add what they throw to the cancel, behind what the body's clean-up threw",
    simulated(function* () {
      const work = call(function* () {
        defer(() => {
          throw new Error("deferred");
        });
        try {
          yield* sleep(1000);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          throw new Error("finally");
        }
      });
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["finally", "deferred"]);
    }),
  );

  it(
    "run when the coroutine has cancelled itself and does not wait again",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* (): Generator<unknown, string, unknown> {
        defer(() => events.push("deferred"));
        currentCoroutine()?.cancel();
        return "done";
      });
      assert.equal(yield* work, "done");
      assert.deepEqual(events, ["deferred"]);
    }),
  );
});
