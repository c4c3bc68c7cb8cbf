import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/index.ts";
import { realTime } from "../../src/testing/index.ts";

describe("a coroutine in `await using`", () => {
  it(
    "is cancelled at the end of the block, and its clean-up waited for",
    realTime(function* () {
      const events: string[] = [];
      const work = coroutine(function* work() {
        try {
          yield* sleep(60_000);
        } finally {
          yield* sleep(1);
          events.push("cleaned");
        }
      })();
      yield work[Symbol.asyncDispose]();
      assert.deepEqual(events, ["cleaned"]);
      assert.equal(work.cancelled(), true);
    }),
  );

  it(
    "is left as it is when it has ended",
    realTime(function* () {
      const work = coroutine(function* work() {
        return 7;
      })();
      yield work[Symbol.asyncDispose]();
      assert.equal(work.result(), 7);
    }),
  );

  it(
    "rejects with a failure that nobody has seen",
    realTime(function* () {
      const work = coroutine(function* work() {
        throw new Error("unseen");
      })();
      let caught: unknown;
      try {
        yield work[Symbol.asyncDispose]();
      } catch (error) {
        caught = error;
      }
      assert.equal((caught as Error).message, "unseen");
    }),
  );
});
