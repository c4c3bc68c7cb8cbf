import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidStateError, ReturnValueIgnoredError } from "../../src/base/index.ts";
import { coroutine, returnFuture, sleep, withCallback } from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

describe("returnFuture()", () => {
  it("gives the Future of what the callback is given", (t) => {
    const { loop } = simulation(t);
    const later = returnFuture((ms: number, callback: (value: string) => void) => {
      loop.callLater(ms, callback, "value");
    });
    assert.equal(
      loop.runSync(function* () {
        return yield* later(5);
      }),
      "value",
    );
  });

  it("keeps the name of the function, and its length without the callback", () => {
    const wrapped = returnFuture(function fetchUser(_id: number, _callback: (user: string) => void) {});
    assert.equal(wrapped.name, "fetchUser");
    assert.equal(wrapped.length, 1);
  });

  // FUT-016
  it("throws to its caller what the function throws", () => {
    const failure = new Error("at once");
    const work = returnFuture((_callback: (value: string) => void) => {
      throw failure;
    });
    assert.throws(
      () => work(),
      (error) => error === failure,
    );
  });

  // FUT-017
  it("fails the Future with what a later callback throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("later");
    const work = returnFuture((_callback: (value: string) => void) => {
      loop.callLater(5, () => {
        throw failure;
      });
    });
    const caught = loop.runSync(function* () {
      try {
        yield work();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // FUT-017
  it("leaves an error after the result to the log", (t) => {
    const sim = simulation(t);
    const failure = new Error("after the result");
    const work = returnFuture((callback: (value: string) => void) => {
      callback("result");
      sim.loop.addCallback(() => {
        throw failure;
      });
    });
    assert.equal(
      sim.loop.runSync(function* () {
        const result = yield work();
        yield sleep(1);
        return result;
      }),
      "result",
    );
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // FUT-018
  it("throws ReturnValueIgnoredError when the function returns something", () => {
    const work = returnFuture(function fetchUser(_callback: (value: string) => void) {
      return "user";
    });
    assert.throws(
      () => work(),
      (error) => error instanceof ReturnValueIgnoredError && error.message.includes("fetchUser"),
    );
  });

  // FUT-018
  it("throws InvalidStateError at a second call of the callback, and keeps the first result", (t) => {
    const { loop, events } = simulation(t);
    const result = loop.runSync(function* () {
      const work = returnFuture((callback: (value: string) => void) => {
        loop.addCallback(() => {
          callback("first");
          try {
            callback("second");
          } catch (error) {
            events.push(error instanceof InvalidStateError);
          }
        });
      });
      return yield work();
    });
    assert.equal(result, "first");
    assert.deepEqual(events, [true]);
  });
});

describe("withCallback()", () => {
  const double = coroutine(function* double(value: number) {
    yield sleep(1);
    if (value < 0) throw new RangeError("negative");
    return 2 * value;
  });

  // GEN-075
  it("calls back with the result of a coroutine, never inside the call", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = withCallback(coroutine((value: number) => 2 * value))(7, (result) => events.push(result));
      assert.deepEqual([work.result(), ...events], [14]);
      yield sleep(1);
    });
    assert.deepEqual(events, [14]);
  });

  // GEN-075
  it("does not call back on failure, which is the Future's", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      try {
        yield withCallback(double)(-1, (result) => events.push(result));
      } catch (error) {
        events.push((error as Error).message);
      }
      yield sleep(1);
    });
    assert.deepEqual(events, ["negative"]);
  });

  // GEN-075
  it("logs what the callback throws, and lets the coroutine be", (t) => {
    const sim = simulation(t);
    const failure = new Error("of the callback");
    const result = sim.loop.runSync(function* () {
      const result = yield withCallback(double)(7, () => {
        throw failure;
      });
      yield sleep(1);
      return result;
    });
    assert.equal(result, 14);
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // FUT-019
  it("gives the callback of a returnFuture function no argument when there is no result", (t) => {
    const { loop, events } = simulation(t);
    const work = withCallback(
      returnFuture((done: (value?: undefined) => void) => {
        loop.addCallback(done);
      }),
    );
    loop.runSync(function* () {
      yield work((...args: unknown[]) => events.push(args.length));
      yield sleep(1);
    });
    assert.deepEqual(events, [0]);
  });

  // FUT-019
  it("does not fail the Future of a returnFuture function with what the callback throws", (t) => {
    const sim = simulation(t);
    const failure = new Error("of the callback");
    const work = withCallback(
      returnFuture((callback: (value: string) => void) => {
        sim.loop.addCallback(callback, "result");
      }),
    );
    const result = sim.loop.runSync(function* () {
      const result = yield work(() => {
        throw failure;
      });
      yield sleep(1);
      return result;
    });
    assert.equal(result, "result");
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  it("refuses a last argument that is no function", () => {
    assert.throws(() => withCallback(double)(7, "callback" as never), /call "double" with a callback/);
  });

  it("keeps the name of the function, and its length with the callback", () => {
    const wrapped = withCallback(coroutine(function* upload(_name: string) {}));
    assert.equal(wrapped.name, "upload");
    assert.equal(wrapped.length, 2);
  });
});
