import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { Condition } from "../../src/sync/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";

/** A coroutine that notes what its wait came to. */
function listener({ events }: Simulation, condition: Condition) {
  return coroutine(function* listen(name: string, timeoutMs?: number) {
    events.push(`${name} ${yield* condition.wait({ timeoutMs })}`);
  });
}

describe("Condition.wait()", () => {
  it("waits for a notification that comes later, not for one that was", () => {
    const condition = new Condition();
    condition.notify();
    const waiting = condition.wait();
    assert.equal(waiting.done(), false);
    condition.notify();
    assert.equal(waiting.result(), true);
  });

  // LOCK-005
  it("gives false when the limit passes first", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(() => listener(sim, condition)("a", 5));
    assert.deepEqual(sim.events, ["a false"]);
    assert.equal(sim.loop.time(), 5);
  });

  // LOCK-010
  it("gives false at once with a limit of 0", () => {
    assert.equal(new Condition().wait({ timeoutMs: 0 }).result(), false);
  });

  // LOCK-011
  it("refuses a limit that is no duration", () => {
    const condition = new Condition();
    assert.throws(() => condition.wait({ timeoutMs: -1 }), RangeError);
    assert.throws(() => condition.wait({ timeoutMs: new Date() as never }), TypeError);
  });

  // LOCK-012
  it("keeps nothing of those whose limit has passed", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      for (let i = 0; i < 200; i++) condition.wait({ timeoutMs: 1 });
      assert.equal(condition.statistics().waiting, 200);
      yield* sleep(1);
    });
    assert.equal(condition.statistics().waiting, 0);
  });
});

describe("Condition.notify()", () => {
  it("wakes the one that has waited longest", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      const [a, b] = [condition.wait(), condition.wait()];
      condition.notify();
      assert.deepEqual([a.done(), b.done()], [true, false]);
    });
  });

  // LOCK-006
  it("wakes as many as it is told, and does not count those whose limit has passed", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    const listen = listener(sim, condition);
    sim.loop.runSync(function* () {
      const work = [listen("a"), listen("b", 5), listen("c"), listen("d")];
      yield* sleep(10);
      condition.notify(2);
      yield* sleep(10);
      sim.events.push("notified two");
      condition.notify();
      yield work;
    });
    assert.deepEqual(sim.events, ["b false", "a true", "c true", "notified two", "d true"]);
  });

  it("wakes all when there are fewer than it is told", () => {
    const condition = new Condition();
    const waiting = [condition.wait(), condition.wait()];
    condition.notify(5);
    assert.deepEqual(
      waiting.map((each) => each.result()),
      [true, true],
    );
  });

  // LOCK-007
  it("returns before a coroutine that it wakes goes on", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      const work = listener(sim, condition)("a");
      condition.notify();
      sim.events.push("notify returned");
      yield work;
    });
    assert.deepEqual(sim.events, ["notify returned", "a true"]);
  });

  // LOCK-007
  it("returns before done callbacks of those that it wakes run", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      condition.wait().addDoneCallback(() => sim.events.push("done callback"));
      condition.notify();
      sim.events.push("notify returned");
      yield* sleep(0);
    });
    assert.deepEqual(sim.events, ["notify returned", "done callback"]);
  });

  // LOCK-008
  it("loses no notification when one that was woken notifies again", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      const waiting = [condition.wait(), condition.wait(), condition.wait()];
      waiting[1]?.addDoneCallback(() => condition.notify());
      condition.notify(2);
      yield waiting;
      assert.equal(condition.statistics().waiting, 0);
    });
  });

  it("refuses a count that is not a whole number from 0", () => {
    const condition = new Condition();
    for (const count of [-1, 1.5, Number.NaN, "1" as never])
      assert.throws(() => condition.notify(count), RangeError);
  });
});

describe("Condition.notifyAll()", () => {
  it("wakes all that wait, in the order in which they came", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    const listen = listener(sim, condition);
    sim.loop.runSync(function* () {
      const work = [listen("a"), listen("b"), listen("c")];
      condition.notifyAll();
      yield work;
    });
    assert.deepEqual(sim.events, ["a true", "b true", "c true"]);
  });
});

describe("a coroutine that is cancelled at Condition.wait()", () => {
  it("leaves the line, so that it does not use up a notification", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    const listen = listener(sim, condition);
    sim.loop.runSync(function* () {
      const [cancelled, other] = [listen("cancelled"), listen("other")];
      cancelled.cancel();
      yield* sleep(0);
      condition.notify();
      yield other;
    });
    assert.deepEqual(sim.events, ["other true"]);
  });

  it("passes its notification on when it was notified just before", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    const listen = listener(sim, condition);
    sim.loop.runSync(function* () {
      const [cancelled, other] = [listen("cancelled"), listen("other")];
      condition.notify();
      cancelled.cancel();
      yield other;
    });
    assert.deepEqual(sim.events, ["other true"]);
  });

  it("passes nothing on to one that came after notifyAll()", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    const listen = listener(sim, condition);
    sim.loop.runSync(function* () {
      const cancelled = listen("cancelled");
      condition.notifyAll();
      cancelled.cancel();
      const late = listen("late", 5);
      yield late;
    });
    assert.deepEqual(sim.events, ["late false"]);
  });

  it("passes nothing on when its limit had passed just before", (t) => {
    const sim = simulation(t);
    const condition = new Condition();
    sim.loop.runSync(function* () {
      const work = coroutine(function* waiter() {
        const wait = condition.wait({ timeoutMs: 5 });
        // Registered before the coroutine itself waits, so it runs before that one goes on.
        wait.addDoneCallback(() => work.cancel());
        yield* wait;
      })();
      yield* listener(sim, condition)("other", 10);
      assert.equal(work.cancelled(), true);
    });
    assert.deepEqual(sim.events, ["other false"]);
  });
});
