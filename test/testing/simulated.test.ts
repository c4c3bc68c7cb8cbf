import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, coroutine, Future, IOLoop, sleep, TimeoutError } from "../../src/index.ts";
import { expectLog, realTime, simulated } from "../../src/testing/index.ts";

const child = coroutine(function* child(ms: number) {
  yield* sleep(ms);
});

/** What the test `run` fails with. */
function failureOf(run: () => void): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return assert.fail("the test passed");
}

describe("simulated()", () => {
  it(
    "runs the body on virtual time",
    simulated(
      function* (loop) {
        const before = loop.time();
        yield* sleep(3_600_000);
        assert.equal(loop.time() - before, 3_600_000);
      },
      { timeoutMs: 4_000_000 },
    ),
  );

  it("fails with what the body throws", () => {
    const wrong = new Error("wrong");
    const run = simulated(function* () {
      yield* sleep(1);
      throw wrong;
    });
    assert.equal(failureOf(run), wrong);
  });

  it("takes a coroutine function as its body", () => {
    let ended = false;
    simulated(
      coroutine(function* body() {
        yield* sleep(1);
        ended = true;
      }),
    )();
    assert.equal(ended, true);
  });

  // TEST-001
  it("throws into the body at the limit, and says where it waits", () => {
    let thrown: unknown;
    const run = simulated(
      function* patient() {
        try {
          yield* child(60_000);
        } catch (error) {
          thrown = error;
          throw error;
        }
      },
      { timeoutMs: 100 },
    );
    const failure = failureOf(run);
    assert.ok(failure instanceof TimeoutError);
    assert.match(failure.message, /patient #\d+ waits for child #\d+ at .*simulated\.test\.ts:\d+:\d+/);
    assert.match(
      failure.message,
      /child #\d+ waits for sleep 60000 ms, 59900 ms left at .*simulated\.test\.ts:7:3/,
    );
    assert.match(failure.stack as string, /at child \(.*simulated\.test\.ts:7:3\)\n +at patient \(/);
    assert.ok(thrown instanceof CancelledError);
    assert.equal(thrown.cause, failure);
  });

  it("fails, with the tree of what waits, when nothing can wake the body", () => {
    const run = simulated(function* stuck() {
      yield* new Future<void>();
    });
    assert.match(
      failureOf(run).message,
      /nothing is left that could wake it; what waits:\n +stuck #\d+ waits for a Future at /,
    );
  });

  // TEST-002
  it("fails with the first error of a callback", () => {
    const first = new Error("first");
    const run = simulated(function* () {
      IOLoop.current().addCallback(() => {
        throw first;
      });
      IOLoop.current().addCallback(() => {
        throw new Error("second");
      });
      yield* sleep(1);
    });
    assert.equal(failureOf(run), first);
  });

  // TEST-003
  it("refuses a body that is no function", () => {
    const generator = (function* () {})();
    assert.throws(() => simulated(generator as never), {
      name: "TypeError",
      message: /generator function is wanted/,
    });
  });

  it("fails by an orphan", () => {
    const run = simulated(
      function* careless() {
        child(10);
      },
      { allowTimers: true },
    );
    assert.match(failureOf(run).message, /orphan: child #\d+ .* its owner careless #\d+/);
  });

  it("fails by a lost error", () => {
    const failing = coroutine(function* failing() {
      throw new Error("nobody looks");
    });
    const run = simulated(function* careless() {
      failing();
    });
    assert.match(failureOf(run).message, /lost error: failing #\d+[\s\S]*nobody looks/);
  });

  it("fails by a timer that is left over", () => {
    const run = simulated(function* () {
      IOLoop.current().callLater(10, () => {});
    });
    assert.match(failureOf(run).message, /1 timer is left/);
  });

  it("says nothing of the timer of an orphan besides", () => {
    const run = simulated(function* careless() {
      child(10);
    });
    const { message } = failureOf(run);
    assert.match(message, /orphan: child #\d+/);
    assert.doesNotMatch(message, /timer/);
  });

  it("fails by an unexpected line in the log", () => {
    const run = simulated(function* () {
      IOLoop.current().log.warn("disk nearly full");
    });
    assert.match(failureOf(run).message, /disk nearly full/);
  });
});

describe("expectLog()", () => {
  // TEST-004
  it(
    "swallows the lines that match",
    simulated(function* () {
      yield* expectLog(/nearly full/, function* () {
        IOLoop.current().log.warn("disk nearly full");
      });
    }),
  );

  it("fails when nothing matches", () => {
    const run = simulated(function* () {
      yield* expectLog(/nearly full/, function* () {});
    });
    assert.match(failureOf(run).message, /nothing was logged that matches/);
  });

  it(
    "does not fail when nothing matches and it is not required",
    simulated(function* () {
      yield* expectLog(/nearly full/, function* () {}, { required: false });
    }),
  );

  it("leaves other lines unexpected", () => {
    const run = simulated(function* () {
      yield* expectLog(
        /nearly full/,
        function* () {
          IOLoop.current().log.warn("disk on fire");
        },
        { required: false },
      );
    });
    assert.match(failureOf(run).message, /disk on fire/);
  });
});

describe("realTime()", () => {
  it(
    "runs the body on a loop of Node's, where promises settle",
    realTime(function* () {
      assert.equal(yield Promise.resolve(7), 7);
      yield* sleep(1);
    }),
  );

  it("fails as simulated() does", async () => {
    const run = realTime(
      function* careless() {
        child(5);
      },
      { allowTimers: true },
    );
    await assert.rejects(run, /orphan: child #\d+/);
  });
});
