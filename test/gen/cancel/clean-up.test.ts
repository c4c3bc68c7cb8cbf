/** A cancel runs `catch` and `finally`, which may wait, and nothing behind the wait. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import { call, coroutine, sleep } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { cancelOf, worker } from "./support.ts";

describe("a clean-up after a cancel", () => {
  it(
    "runs catch and then finally, in the turn after the cancel",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = call(function* () {
        try {
          yield* sleep(100);
        } catch (error) {
          events.push(error instanceof CancelledError, loop.time());
          throw error;
        } finally {
          events.push("finally", loop.time());
        }
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, [true, 10, "finally", 10]);
    }),
  );

  it(
    "may wait several times, in catch and in finally",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = call(function* () {
        try {
          yield* sleep(100);
        } catch (error) {
          yield* sleep(1);
          events.push(loop.time());
          yield sleep(2);
          events.push(loop.time());
          throw error;
        } finally {
          yield [sleep(3), sleep(4)];
          events.push(loop.time());
          yield* sleep(5);
          events.push(loop.time());
        }
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, [1, 3, 7, 12]);
    }),
  );

  it(
    "goes from the inside to the outside through three coroutines, each waited for",
    simulated(function* (loop) {
      const events: string[] = [];
      const nest = coroutine(function* (depth: number): Generator<unknown, void, unknown> {
        try {
          if (depth === 3) yield* sleep(1000);
          else yield* nest(depth + 1);
        } finally {
          events.push(`${depth} begins at ${loop.time()}`);
          yield* sleep(depth);
          events.push(`${depth} ends at ${loop.time()}`);
        }
      });
      const work = nest(1);
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, [
        "3 begins at 10",
        "3 ends at 13",
        "2 begins at 13",
        "2 ends at 15",
        "1 begins at 15",
        "1 ends at 16",
      ]);
    }),
  );

  it(
    "goes from the inside to the outside through nested blocks of one coroutine",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = call(function* () {
        try {
          try {
            try {
              yield* sleep(1000);
            } finally {
              yield* sleep(3);
              events.push(3, loop.time());
            }
          } finally {
            yield* sleep(2);
            events.push(2, loop.time());
          }
        } finally {
          yield* sleep(1);
          events.push(1, loop.time());
        }
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, [3, 3, 2, 5, 1, 6]);
    }),
  );

  it(
    "may start coroutines and wait for them",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield [worker(events, "a", 2), worker(events, "b", 1)];
        }
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(
        events.filter((event) => event.endsWith("done")),
        ["b done", "a done"],
      );
    }),
  );
});

describe("the code behind a wait that was cancelled", () => {
  it(
    "does not run in the coroutine itself, with a clean-up that waits",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield* sleep(100);
          events.push("in the block");
        } finally {
          yield* sleep(1);
        }
        events.push("behind the block");
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, []);
    }),
  );

  it(
    "does not run in a bare generator that is delegated to, nor in who delegates",
    simulated(function* () {
      const events: string[] = [];
      function* helper(): Generator<unknown, void, unknown> {
        try {
          yield* sleep(100);
          events.push("in the helper's block");
        } finally {
          yield* sleep(1);
          events.push("the helper's clean-up");
        }
        events.push("behind the helper's block");
      }
      const work = call(function* () {
        try {
          yield* helper();
          events.push("behind the helper");
        } finally {
          yield* sleep(1);
          events.push("the caller's clean-up");
        }
        events.push("behind the caller's block");
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, ["the helper's clean-up", "the caller's clean-up"]);
    }),
  );

  it(
    "does not run through three generators that delegate to each other",
    simulated(function* () {
      const events: number[] = [];
      function* nest(depth: number): Generator<unknown, void, unknown> {
        try {
          if (depth === 3) yield* sleep(1000);
          else yield* nest(depth + 1);
          events.push(100 + depth);
        } finally {
          yield* sleep(1);
          events.push(depth);
        }
        events.push(200 + depth);
      }
      const work = call(nest, 1);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, [3, 2, 1]);
    }),
  );

  it(
    "does not run in a helper coroutine, nor in who waits for it",
    simulated(function* () {
      const events: string[] = [];
      const helper = coroutine(function* () {
        try {
          yield* sleep(100);
        } finally {
          yield* sleep(1);
        }
        events.push("behind the helper's block");
      });
      const work = call(function* () {
        try {
          yield* helper();
        } finally {
          yield* sleep(1);
        }
        events.push("behind the caller's block");
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, []);
    }),
  );

  it(
    "does not run in a generator object that is yielded",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* () {
        yield (function* helper() {
          try {
            yield sleep(100);
          } finally {
            yield sleep(1);
          }
          events.push("behind the helper's block");
        })();
        events.push("behind the helper");
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, []);
    }),
  );

  it(
    "does not run another round of a loop",
    simulated(function* () {
      let rounds = 0;
      const work = call(function* () {
        for (;;) {
          rounds++;
          try {
            yield* sleep(10);
          } finally {
            yield* sleep(1);
          }
        }
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.equal(rounds, 2);
    }),
  );

  it(
    "does not read on in an iterator, which is closed",
    simulated(function* () {
      const events: string[] = [];
      function* numbers(): Generator<number, void, unknown> {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          events.push("closed");
        }
      }
      const work = call(function* () {
        for (const number of numbers()) {
          events.push(`number ${number}`);
          yield sleep(10);
        }
      });
      yield* sleep(15);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, ["number 0", "number 1", "closed"]);
    }),
  );

  it(
    "stays unreached at any depth of coroutines that wait for each other",
    simulated(function* () {
      let cleanUps = 0;
      let further = 0;
      const nest = coroutine(function* (depth: number): Generator<unknown, void, unknown> {
        yield sleep(0);
        try {
          yield depth === 0 ? new Future<void>() : nest(depth - 1);
          further++;
        } finally {
          cleanUps++;
        }
      });
      const work = nest(12_000);
      yield* sleep(1);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([cleanUps, further], [12_001, 0]);
    }),
  );
});
