import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeoutError } from "../../src/base/index.ts";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { Event } from "../../src/sync/index.ts";
import { simulation } from "../gen/simulation.ts";

describe("Event", () => {
  it("says whether it is set", () => {
    const event = new Event();
    const seen = [event.isSet()];
    event.set();
    seen.push(event.isSet());
    event.clear();
    seen.push(event.isSet());
    assert.deepEqual(seen, [false, true, false]);
  });

  it("wakes all that wait, in the order in which they came, after set() has returned", (t) => {
    const sim = simulation(t);
    const event = new Event();
    const waiter = coroutine(function* waiter(name: string) {
      yield* event.wait();
      sim.events.push(name);
    });
    sim.loop.runSync(function* () {
      const work = [waiter("a"), waiter("b"), waiter("c")];
      event.set();
      sim.events.push("set() returned");
      yield work;
    });
    assert.deepEqual(sim.events, ["set() returned", "a", "b", "c"]);
  });

  // LOCK-009
  it("wakes those who waited before also when it is cleared at once", (t) => {
    const sim = simulation(t);
    const event = new Event();
    const waiter = coroutine(function* waiter() {
      yield* event.wait();
      return event.isSet();
    });
    const result = sim.loop.runSync(function* () {
      const work = waiter();
      event.set();
      event.clear();
      return yield* work;
    });
    assert.equal(result, false);
  });

  // LOCK-009
  it("lets nobody wait while it is set", () => {
    const event = new Event();
    event.set();
    assert.equal(event.wait().done(), true);
  });

  it("lets those wait who come after clear()", () => {
    const event = new Event();
    event.set();
    event.clear();
    assert.equal(event.wait().done(), false);
    assert.deepEqual(event.statistics(), { set: false, waiting: 1 });
  });

  // LOCK-005
  it("fails a wait with TimeoutError when the limit passes first", (t) => {
    const sim = simulation(t);
    const event = new Event();
    sim.loop.runSync(function* () {
      const late = event.wait({ timeoutMs: 5 });
      yield* sleep(5);
      assert.ok(late.error() instanceof TimeoutError);
      event.set();
    });
    assert.deepEqual(event.statistics(), { set: true, waiting: 0 });
  });

  // LOCK-010
  it("does not wait with a limit of 0", () => {
    const event = new Event();
    assert.ok(event.wait({ timeoutMs: 0 }).error() instanceof TimeoutError);
    event.set();
    assert.equal(event.wait({ timeoutMs: 0 }).error(), undefined);
  });

  // LOCK-011
  it("refuses a limit that is no duration, also when it is set", () => {
    const event = new Event();
    event.set();
    assert.throws(() => event.wait({ timeoutMs: -1 }), RangeError);
    assert.throws(() => event.wait({ timeoutMs: new Date() as never }), TypeError);
  });

  // LOCK-012
  it("keeps nothing of those whose limit has passed", (t) => {
    const sim = simulation(t);
    const event = new Event();
    sim.loop.runSync(function* () {
      const late = Array.from({ length: 200 }, () => event.wait({ timeoutMs: 1 }));
      yield* sleep(1);
      for (const each of late) each.error();
    });
    assert.equal(event.statistics().waiting, 0);
  });

  it("keeps nothing of a coroutine that was cancelled while it waited", (t) => {
    const sim = simulation(t);
    const event = new Event();
    sim.loop.runSync(function* () {
      const waiter = coroutine(function* waiter() {
        yield* event.wait({ timeoutMs: 1000 });
      });
      const work = waiter();
      yield* sleep(1);
      work.cancel();
      assert.equal(event.statistics().waiting, 0);
      yield* sleep(0);
    });
    assert.equal(sim.loop.statistics().timers, 0);
    assert.equal(sim.loop.time(), 1);
  });
});
