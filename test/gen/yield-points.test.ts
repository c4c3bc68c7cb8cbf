/** The seed's yield points, as programs use them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadYieldError, KeyReuseError, LeakedCallbackError, UnknownKeyError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  Arguments,
  all,
  Callback,
  coroutine,
  Multi,
  sleep,
  Task,
  Wait,
  WaitAll,
  withTimeout,
  YieldFuture,
} from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

type AnyCallback = (...args: unknown[]) => void;

describe("Callback and Wait", () => {
  // GEN-060
  it("give a function at once, whose argument is the result of the Wait", (t) => {
    const { loop, events } = simulation(t);
    const result = loop.runSync(function* () {
      loop.addCallback(() => events.push("the next pass"));
      const callback: AnyCallback = yield new Callback("key");
      assert.deepEqual(events, []);
      callback("result");
      return yield new Wait("key");
    });
    assert.equal(result, "result");
  });

  // GEN-061
  it("suspend before the callback was called", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const callback: AnyCallback = yield new Callback("key");
      loop.callLater(5, callback, "later");
      const value = yield new Wait("key");
      return [value, loop.time()];
    });
    assert.deepEqual(result, ["later", 5]);
  });

  // GEN-061
  it("do not suspend after the callback was called", () => {
    const work = coroutine(function* () {
      const callback: AnyCallback = yield new Callback("key");
      callback("early");
      return yield new Wait("key");
    })();
    assert.equal(work.result(), "early");
  });

  // GEN-062
  it("throw KeyReuseError at the yield for a key that is pending", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield new Callback("key");
          yield new Callback("key");
        }),
      (error) => error instanceof KeyReuseError && error.message.includes('"key"'),
    );
  });

  // GEN-062
  it("free the key with the Wait", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const results: unknown[] = [];
      for (const value of ["first", "second"]) {
        const callback: AnyCallback = yield new Callback("key");
        loop.addCallback(callback, value);
        results.push(yield new Wait("key"));
      }
      return results;
    });
    assert.deepEqual(results, ["first", "second"]);
  });

  // GEN-063
  it("throw UnknownKeyError at the yield for a key that nobody registered", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield new Wait("key");
        }),
      (error) => error instanceof UnknownKeyError && error.message.includes('"key"'),
    );
  });

  // GEN-064
  for (const [given, args, expected] of [
    ["no argument", [], undefined],
    ["one argument", [1], 1],
    ["several arguments", [1, 2], new Arguments([1, 2])],
  ] as const) {
    it(`give ${expected instanceof Arguments ? "Arguments" : String(expected)} for ${given}`, (t) => {
      const { loop } = simulation(t);
      const result = loop.runSync(function* () {
        const callback: AnyCallback = yield new Callback("key");
        callback(...args);
        return yield new Wait("key");
      });
      assert.deepEqual(result, expected);
    });
  }

  it("give Arguments that can be taken apart", () => {
    const [a, b] = new Arguments(["a", "b"]);
    assert.deepEqual([a, b], ["a", "b"]);
  });

  // GEN-065
  it("compare keys as a Map does", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const callback: AnyCallback = yield new Callback(Number.NaN);
      callback("not a number");
      assert.equal(yield new Wait(Number.NaN), "not a number");
      yield new Callback(["a", 1]);
      try {
        yield new Wait(["a", 1]);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(caught instanceof UnknownKeyError);
  });

  // GEN-066
  it("fail the coroutine that ends without its Wait", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const leaky = coroutine(function* () {
        yield new Callback("key");
      });
      const work = leaky();
      assert.equal(work.done(), true);
      try {
        yield work;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(caught instanceof LeakedCallbackError);
  });

  // GEN-067
  it("do not fail a coroutine into which an error was thrown before", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      yield new Callback("orphaned");
      try {
        yield new Wait("unknown");
      } catch {}
      return "ended";
    });
    assert.equal(result, "ended");
  });

  it("leave the key to a second Wait when a limit has ended the first", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const callback: AnyCallback = yield new Callback("key");
      loop.callLater(10, callback, "late");
      try {
        yield withTimeout(5, new Wait("key"));
      } catch {}
      return yield new Wait("key");
    });
    assert.equal(result, "late");
  });

  it("leave the key to the clean-up when a cancel has ended the Wait", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = coroutine(function* () {
        const callback: AnyCallback = yield new Callback("key");
        loop.callLater(10, callback, "late");
        try {
          yield new Wait("key");
        } finally {
          events.push(yield new Wait("key"));
        }
      })();
      loop.callLater(5, () => work.cancel());
      try {
        yield work;
      } catch {}
    });
    assert.deepEqual(events, ["late"]);
  });
});

describe("WaitAll", () => {
  // GEN-070
  it("gives the results in the order of the keys, whoever was called first", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const a: AnyCallback = yield new Callback("a");
      const b: AnyCallback = yield new Callback("b");
      loop.callLater(2, a, "of a");
      loop.callLater(1, b, "of b");
      return yield new WaitAll(["a", "b"]);
    });
    assert.deepEqual(result, ["of a", "of b"]);
  });

  it("throws UnknownKeyError when one of the keys is not pending", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield new Callback("a");
          yield new WaitAll(["a", "b"]);
        }),
      UnknownKeyError,
    );
  });
});

describe("Task", () => {
  // GEN-068
  it("ignores a second call of its callback", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      let callback: AnyCallback = () => {};
      events.push(
        yield new Task((given: AnyCallback) => {
          callback = given;
          given("first");
        }),
      );
      callback("second");
      yield sleep(1);
    });
    assert.deepEqual(events, ["first"]);
  });

  // GEN-069
  it("throws at the yield what its function throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("phase 1");
    const caught = loop.runSync(function* () {
      try {
        yield new Task(() => {
          throw failure;
        });
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // GEN-069
  it("throws at the yield what a callback of its function throws later", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("phase 2");
    const caught = loop.runSync(function* () {
      try {
        yield new Task((_callback: AnyCallback) => {
          loop.callLater(5, () => {
            throw failure;
          });
        });
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // GEN-069
  it("throws it also while the Task is one of several", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("phase 2");
    const caught = loop.runSync(function* () {
      const task = new Task((_callback: AnyCallback) => {
        loop.callLater(5, () => {
          throw failure;
        });
      });
      try {
        yield [task, sleep(10)];
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  it("refuses a generator function, which would never call back", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      try {
        yield new Task(function* rename() {});
      } catch (error) {
        return error as Error;
      }
      return undefined;
    });
    assert.ok(caught instanceof BadYieldError);
    assert.match(caught.message, /the function "rename" has made a generator.*was coroutine\(\) forgotten/);
  });

  // GEN-071
  it("is started inside the yield, also as the first one of its coroutine", () => {
    const events: string[] = [];
    const work = coroutine(function* () {
      yield new Task((callback: AnyCallback) => {
        events.push("started");
        callback();
      });
    })();
    assert.deepEqual(events, ["started"]);
    assert.equal(work.done(), true);
  });

  // GEN-076
  it("does not get errors of callbacks that its coroutine has registered", (t) => {
    const sim = simulation(t);
    const failure = new Error("of the coroutine's own callback");
    const result = sim.loop.runSync(function* () {
      sim.loop.callLater(1, () => {
        throw failure;
      });
      return yield new Task((callback: AnyCallback) => sim.loop.callLater(5, callback, "result"));
    });
    assert.equal(result, "result");
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // GEN-077
  it("does not let a late callback of one coroutine throw into its parent", (t) => {
    const sim = simulation(t);
    const failure = new Error("late");
    const result = sim.loop.runSync(function* () {
      const child = coroutine(function* () {
        yield new Task((callback: AnyCallback) => {
          sim.loop.callLater(5, () => {
            throw failure;
          });
          callback();
        });
      });
      yield child();
      yield sleep(10);
      return "untouched";
    });
    assert.equal(result, "untouched");
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  it("cancels a coroutine that it runs, and waits for its clean-up", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const inner = coroutine(function* () {
        try {
          yield sleep(100);
        } finally {
          yield sleep(5);
          events.push("inner");
        }
      });
      const outer = coroutine(function* () {
        try {
          yield new Task(inner);
        } finally {
          events.push("outer");
        }
      })();
      loop.callLater(1, () => outer.cancel());
      try {
        yield outer;
      } catch {}
    });
    assert.deepEqual(events, ["inner", "outer"]);
    assert.equal(loop.time(), 6);
  });
});

describe("Multi and YieldFuture", () => {
  it("are what an array and a Future are when they are yielded", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const future = new Future<string>();
      loop.callLater(5, () => future.setResult("value"));
      const [one] = yield* new Multi([new YieldFuture(future)]);
      return [one, yield* new YieldFuture(future)];
    });
    assert.deepEqual(results, ["value", "value"]);
  });

  it("throw what the Future failed with", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("failed");
    const caught = loop.runSync(function* () {
      const future = new Future<string>();
      future.setError(failure);
      try {
        yield new YieldFuture(future);
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });
});

describe("an error of a callback behind a wait that is not yielded yet", () => {
  it("is kept for the yield", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("early");
    const caught = loop.runSync(function* () {
      const both = all([
        new Task((_callback: AnyCallback) => {
          loop.callLater(1, () => {
            throw failure;
          });
        }),
      ]);
      yield sleep(5);
      try {
        yield both;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });
});
