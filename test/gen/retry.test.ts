import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, suppressedBy, TimeoutError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, type RetryOptions, retry, sleep } from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { isType } from "./same-type.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** Fails in each attempt, and notes when it was called. */
function failing({ loop, events }: Simulation) {
  return (attempt: number): never => {
    events.push(loop.time());
    throw new Error(`attempt ${attempt}`);
  };
}

/** The instants at which attempts begin. */
function instants(sim: Simulation, options: RetryOptions): unknown[] {
  sim.events.length = 0;
  sim.loop.runSync(function* () {
    const startMs = sim.loop.time();
    yield* errorOf(retry(failing(sim), options));
    sim.events.forEach((atMs, index) => {
      sim.events[index] = (atMs as number) - startMs;
    });
  });
  return [...sim.events];
}

describe("retry()", () => {
  it("gives the first success, typed by the function", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const flaky = function* (attempt: number): Generator<unknown, string, unknown> {
        events.push(`attempt ${attempt} at ${loop.time()}`);
        yield sleep(1);
        if (attempt < 3) throw new Error("not yet");
        return "there";
      };
      assert.equal(isType<string>()(yield* retry(flaky, { delayMs: 10 })), "there");
      assert.equal(isType<number>()(yield* retry(() => 7)), 7);
      assert.equal(isType<boolean>()(yield* retry(() => call((): boolean => true))), true);
    });
    assert.deepEqual(events, ["attempt 1 at 0", "attempt 2 at 11", "attempt 3 at 32"]);
  });

  it("does not suspend when the first attempt does not", (t) => {
    simulation(t);
    assert.equal(retry(() => 1).result(), 1);
  });

  it("waits longer each time, up to a limit", (t) => {
    const sim = simulation(t);
    assert.deepEqual(instants(sim, {}), [0, 100, 300]);
    assert.deepEqual(
      instants(sim, { attempts: 5, delayMs: 10, factor: 3, maxDelayMs: 50 }),
      [0, 10, 40, 90, 140],
    );
    assert.deepEqual(instants(sim, { attempts: 3, delayMs: 10, factor: 1 }), [0, 10, 20]);
    assert.deepEqual(instants(sim, { attempts: 1 }), [0]);
  });

  it("shifts each wait by jitter", (t) => {
    const sim = simulation(t);
    const drawn = [0.5, 0, 1];
    const options = {
      attempts: 4,
      delayMs: 100,
      factor: 1,
      jitter: 0.5,
      random: () => drawn.shift() as number,
    };
    assert.deepEqual(instants(sim, options), [0, 100, 175, 300]);
  });

  it("throws the last error, which carries the earlier ones in order", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const error = yield* errorOf(retry(failing(sim)));
      assert.equal((error as Error).message, "attempt 3");
      assert.deepEqual(
        suppressedBy(error).map((each) => (each as Error).message),
        ["attempt 1", "attempt 2"],
      );
    });
  });

  it("throws an error that is the same each time without itself on it, and values as they are", (t) => {
    const { loop } = simulation(t);
    const same = new Error("always");
    loop.runSync(function* () {
      const fail = (error: unknown) => (): never => {
        throw error;
      };
      assert.equal(yield* errorOf(retry(fail(same))), same);
      assert.deepEqual(suppressedBy(same), []);
      assert.equal(yield* errorOf(retry(fail(5))), 5);
      const frozen = Object.freeze(new Error("frozen"));
      const errors: unknown[] = [new Error("before"), frozen];
      assert.equal(yield* errorOf(retry((attempt) => fail(errors[attempt - 1])(), { attempts: 2 })), frozen);
    });
  });

  it("keeps no more than 20 earlier errors", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const error = yield* errorOf(retry(failing(sim), { attempts: 100 }));
      const kept = suppressedBy(error).map((each) => (each as Error).message);
      assert.equal(kept.length, 20);
      assert.equal(kept[0], "attempt 80");
    });
  });

  it("asks retryIf, and tells onRetry before each wait", (t) => {
    const { loop, events } = simulation(t);
    const fatal = new TypeError("fatal");
    loop.runSync(function* () {
      const error = yield* errorOf(
        retry(
          (attempt) => {
            throw attempt === 3 ? fatal : new Error(`attempt ${attempt}`);
          },
          {
            attempts: Number.POSITIVE_INFINITY,
            delayMs: 10,
            retryIf: (each) => !(each instanceof TypeError),
            onRetry: (each, attempt, delayMs) => events.push([(each as Error).message, attempt, delayMs]),
          },
        ),
      );
      assert.equal(error, fatal);
    });
    assert.deepEqual(events, [
      ["attempt 1", 1, 10],
      ["attempt 2", 2, 20],
    ]);
  });

  it("limits each attempt, whose clean-up is over before the wait", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const error = yield* errorOf(
        retry(
          function* () {
            try {
              yield* sleep(100);
            } finally {
              yield* sleep(5);
              events.push(`cleaned at ${loop.time()}`);
            }
          },
          { attempts: 2, delayMs: 10, timeoutMs: 20 },
        ),
      );
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.limitMs, 20);
    });
    assert.deepEqual(events, ["cleaned at 25", "cleaned at 60"]);
  });

  it("is stopped by a cancel in an attempt, and in a wait, with no timer left", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const inAttempt = retry(function* () {
        sim.events.push("attempt");
        yield* sleep(100);
      });
      yield* sleep(10);
      inAttempt.cancel();
      assert.ok((yield* errorOf(inAttempt)) instanceof CancelledError);
      const inWait = retry(failing(sim), { delayMs: 100 });
      inWait.cancel("enough");
      const error = yield* errorOf(inWait);
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "enough");
      assert.equal(sim.loop.statistics().timers, 0);
    });
    assert.deepEqual(sim.events, ["attempt", 10]);
  });

  it("does not try again what somebody cancelled", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const error = yield* errorOf(
        retry(() => {
          events.push("attempt");
          const cancelled = new Future<void>();
          cancelled.cancel("by hand");
          return cancelled;
        }),
      );
      assert.ok(error instanceof CancelledError);
    });
    assert.deepEqual(events, ["attempt"]);
  });

  it("refuses what is no function, and options out of their range", () => {
    assert.throws(() => retry(5 as never), TypeError);
    const bad: RetryOptions[] = [
      { attempts: 0 },
      { attempts: 1.5 },
      { attempts: Number.NaN },
      { delayMs: -1 },
      { maxDelayMs: Number.NaN },
      { factor: 0.5 },
      { factor: Number.POSITIVE_INFINITY },
      { jitter: 2 },
      { timeoutMs: -1 },
    ];
    for (const options of bad)
      assert.throws(() => retry(() => 1, options), RangeError, JSON.stringify(options));
  });
});
