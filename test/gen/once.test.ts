import assert from "node:assert/strict";
import { EventEmitter, getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { call, once, race, sleep } from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { isType } from "./same-type.ts";
import { simulation } from "./simulation.ts";

/** How many listeners `emitter` has, of any event. */
function listeners(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

describe("once()", () => {
  it("gives the arguments of the next event, typed by the emitter or by what is said", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const typed = new EventEmitter<{ data: [chunk: string, size: number] }>();
      loop.callLater(5, () => typed.emit("data", "abc", 3));
      const data = isType<[chunk: string, size: number]>()(yield* once(typed, "data"));
      assert.deepEqual(data, ["abc", 3]);

      const plain = new EventEmitter();
      loop.callLater(5, () => plain.emit("ready", 7));
      const [value] = yield* once<[number]>(plain, "ready");
      assert.equal(isType<number>()(value), 7);
      loop.callLater(5, () => plain.emit("ready", 8));
      assert.deepEqual(isType<unknown[]>()(yield* once(plain, "ready")), [8]);
      assert.equal(listeners(plain), 0);
    });
    assert.equal(loop.time(), 15);
  });

  it("listens from the call on", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const emitter = new EventEmitter();
      const ready = once(emitter, "ready");
      emitter.emit("ready", 1);
      emitter.emit("ready", 2);
      assert.deepEqual(yield* ready, [1]);
    });
  });

  it("gives the event of an EventTarget, whose errors are events like others", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const target = new EventTarget();
      const event = new Event("done");
      loop.callLater(5, () => {
        target.dispatchEvent(new Event("error"));
        target.dispatchEvent(event);
      });
      assert.deepEqual(isType<[Event]>()(yield* once(target, "done")), [event]);
      assert.equal(getEventListeners(target, "done").length, 0);
    });
  });

  it("throws an error that comes first, unless errors are what it waits for", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("on purpose");
    loop.runSync(function* () {
      const emitter = new EventEmitter();
      loop.callLater(5, () => emitter.emit("error", failure));
      assert.equal(yield* errorOf(once(emitter, "ready")), failure);
      assert.equal(listeners(emitter), 0);
      loop.callLater(5, () => emitter.emit("error", failure));
      assert.deepEqual(yield* once(emitter, "error"), [failure]);
      assert.equal(listeners(emitter), 0);
    });
  });

  it("leaves no listener when the coroutine that waits is cancelled, or waits no longer", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const emitter = new EventEmitter();
      const waiter = call(function* () {
        yield* once(emitter, "ready");
      });
      assert.equal(listeners(emitter), 2);
      waiter.cancel();
      assert.ok((yield* errorOf(waiter)) instanceof CancelledError);
      assert.equal(listeners(emitter), 0);
      yield* race([once(emitter, "ready"), sleep(1)]);
      assert.equal(listeners(emitter), 0);
    });
  });

  it("ends with the signal's reason when that is aborted, and leaves nothing on it", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const emitter = new EventEmitter();
      const controller = new AbortController();
      const { signal } = controller;
      emitter.once("other", () => {});
      const first = once(emitter, "ready", { signal });
      emitter.emit("ready");
      yield* first;
      assert.equal(getEventListeners(signal, "abort").length, 0);
      loop.callLater(5, () => controller.abort("enough"));
      const error = yield* errorOf(once(emitter, "ready", { signal }));
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "enough");
      const late = yield* errorOf(once(emitter, "ready", { signal }));
      assert.ok(late instanceof CancelledError);
      assert.equal(late.reason, "enough");
      assert.equal(listeners(emitter), 1);
    });
  });

  it("refuses what has no events, and what is no signal", () => {
    assert.throws(() => once({} as EventEmitter, "ready"), TypeError);
    assert.throws(() => once(null as never, "ready"), TypeError);
    assert.throws(() => once(new EventEmitter(), "ready", { signal: 5 as never }), TypeError);
  });
});
