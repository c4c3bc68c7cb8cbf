import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, sleep, supervise } from "../../src/index.ts";
import { simulated } from "../../src/testing/index.ts";

describe("supervise()", () => {
  it(
    "starts the work again when it fails, after waits that double",
    simulated(function* (loop) {
      const startsAtMs: number[] = [];
      const result = yield* supervise(
        function* () {
          startsAtMs.push(loop.time());
          if (startsAtMs.length < 4) throw new Error("not yet");
          return "well";
        },
        { delayMs: 10 },
      );
      assert.equal(result, "well");
      assert.deepEqual(startsAtMs, [0, 10, 30, 70]);
    }),
  );

  it(
    "waits no longer than maxDelayMs",
    simulated(function* (loop) {
      const startsAtMs: number[] = [];
      yield* supervise(
        function* () {
          startsAtMs.push(loop.time());
          if (startsAtMs.length < 4) throw new Error("not yet");
        },
        { delayMs: 10, maxDelayMs: 15 },
      );
      assert.deepEqual(startsAtMs, [0, 10, 25, 40]);
    }),
  );

  it(
    "fails with the last error when restarts are used up",
    simulated(function* () {
      let runs = 0;
      const failures: number[] = [];
      const work = supervise(
        function* () {
          throw new Error(`run ${++runs}`);
        },
        { maxRestarts: 2, onFailure: (_error, restarts) => failures.push(restarts) },
      );
      let caught: unknown;
      try {
        yield* work;
      } catch (error) {
        caught = error;
      }
      assert.equal((caught as Error).message, "run 3");
      assert.deepEqual(failures, [0, 1, 2]);
    }),
  );

  it(
    "forgets restarts that are longer ago than withinMs",
    simulated(
      function* () {
        let runs = 0;
        yield* supervise(
          function* () {
            runs++;
            yield* sleep(1000);
            if (runs < 6) throw new Error("again");
          },
          { maxRestarts: 1, withinMs: 500 },
        );
        assert.equal(runs, 6);
      },
      { timeoutMs: 60_000 },
    ),
  );

  it(
    "starts it again after a good end too, when asked",
    simulated(function* () {
      let runs = 0;
      const work = supervise(
        function* () {
          runs++;
          yield* sleep(1);
        },
        { restartAlways: true, delayMs: 1, maxDelayMs: 1 },
      );
      yield* sleep(9.5);
      work.cancel("enough");
      assert.equal(runs, 5);
      try {
        yield* work;
      } catch (error) {
        assert.ok(error instanceof CancelledError);
      }
    }),
  );

  it(
    "passes a cancel on",
    simulated(function* () {
      let seen: unknown;
      const work = supervise(function* () {
        try {
          yield* sleep(1000);
        } catch (error) {
          seen = error;
          throw error;
        }
      });
      yield* sleep(1);
      work.cancel("enough");
      try {
        yield* work;
      } catch {
        // seen below
      }
      assert.equal((seen as CancelledError).reason, "enough");
    }),
  );

  it("refuses a negative wait", () => {
    assert.throws(() => supervise(function* () {}, { delayMs: -1 }), RangeError);
  });
});
