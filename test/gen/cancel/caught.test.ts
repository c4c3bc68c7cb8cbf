/** A coroutine that catches its cancel and goes on: it has decided so, and is left alone from then on. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { call, coroutine, race, sleep, withTimeout } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { cancelOf, messagesBeside, worker } from "./support.ts";

/** Catches the cancel of a sleep, then does `after`. */
const stubborn = coroutine(function* stubborn<T>(after: () => Generator<unknown, T, unknown>) {
  try {
    yield* sleep(1000);
  } catch {
    return yield* after();
  }
  return undefined;
});

describe("a coroutine that catches its cancel", () => {
  it(
    "ends with its result",
    simulated(function* () {
      const work = stubborn(function* () {
        return "went on";
      });
      work.cancel();
      assert.equal(yield* work, "went on");
      assert.equal(work.cancelled(), false);
    }),
  );

  it(
    "waits afterwards as long as it takes",
    simulated(function* (loop) {
      const work = stubborn(function* () {
        yield* sleep(10);
        yield [worker([], "child", 20), sleep(5)];
        return loop.time();
      });
      work.cancel();
      assert.equal(yield* work, 30);
    }),
  );

  it(
    "is not cut by a later cancel, because nobody can tell it from one that cleans up",
    simulated(function* () {
      const work = stubborn(function* () {
        yield* sleep(20);
        return "went on";
      });
      work.cancel();
      yield* sleep(10);
      work.cancel("again");
      assert.equal(yield* work, "went on");
    }),
  );

  it(
    "may return the Future of a child, which is left alone",
    simulated(function* () {
      const work = stubborn(function* (): Generator<unknown, unknown, unknown> {
        return worker([], "child", 20);
      });
      work.cancel();
      assert.equal(yield* work, "child");
    }),
  );

  it(
    'ends with its result behind children that orphans: "wait" keeps it for',
    simulated(function* (loop) {
      const work = coroutine(
        function* (): Generator<unknown, string, unknown> {
          worker([], "child", 30);
          yield* errorOf(sleep(1000));
          return "went on";
        },
        { orphans: "wait" },
      )();
      yield* sleep(10);
      work.cancel();
      assert.equal(yield* work, "went on");
      assert.equal(loop.time(), 30);
    }),
  );

  it(
    "ends as cancelled when it fails afterwards, with the failure kept",
    simulated(function* () {
      const work = stubborn(function* (): Generator<unknown, never, unknown> {
        yield* sleep(1);
        throw new Error("afterwards");
      });
      work.cancel();
      assert.deepEqual(messagesBeside(yield* cancelOf(work)), ["afterwards"]);
    }),
  );

  it(
    "does not keep its owner from being cancelled",
    simulated(function* () {
      const events: string[] = [];
      const owner = call(function* () {
        yield stubborn(function* () {
          events.push("the child went on");
        });
        events.push("not reached");
      });
      owner.cancel();
      yield* cancelOf(owner);
      assert.deepEqual(events, ["the child went on"]);
    }),
  );

  it(
    "does not turn a limit that has passed into a result",
    simulated(function* () {
      const limited = withTimeout(
        10,
        stubborn(function* () {
          return "went on";
        }),
      );
      assert.equal(((yield* errorOf(limited)) as Error).name, "TimeoutError");
    }),
  );

  it(
    "does not win a race that it has lost",
    simulated(function* () {
      const first = yield* race({
        stubborn: stubborn(function* () {
          return "went on";
        }),
        quick: sleep(10),
      });
      assert.equal(first.key, "quick");
    }),
  );
});

describe("a coroutine whose finally block returns", () => {
  it(
    "has ended with that value, as everywhere in JavaScript",
    simulated(function* () {
      const work = call(function* (): Generator<unknown, string, unknown> {
        try {
          yield* sleep(1000);
          return "slept";
        } finally {
          yield* sleep(1);
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          return "from finally";
        }
      });
      work.cancel();
      assert.equal(yield* work, "from finally");
    }),
  );
});
