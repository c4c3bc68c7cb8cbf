import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, GyreError, TimeoutError } from "../../src/base/index.ts";
import { coroutine, run, sleep } from "../../src/gen/index.ts";
import { Lock } from "../../src/sync/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";

/** A coroutine that notes when it holds `lock`, for `holdMs`. */
function holder({ events }: Simulation, lock: Lock) {
  return coroutine(function* hold(name: string, holdMs: number = 0, timeoutMs?: number) {
    const release = yield* lock.acquire({ timeoutMs });
    events.push(name);
    if (holdMs > 0) yield* sleep(holdMs);
    release();
  });
}

describe("Lock.acquire()", () => {
  it("is settled at once when nobody holds the lock", () => {
    const lock = new Lock();
    assert.equal(lock.acquire().done(), true);
    assert.deepEqual(lock.statistics(), { locked: true, waiting: 0, holder: undefined });
  });

  // LOCK-001
  it("serves those who wait in the order in which they came", (t) => {
    const sim = simulation(t);
    const hold = holder(sim, new Lock());
    sim.loop.runSync(function* () {
      yield ["a", "b", "c", "d"].map((name) => hold(name, 1));
    });
    assert.deepEqual(sim.events, ["a", "b", "c", "d"]);
    assert.equal(sim.loop.time(), 4);
  });

  it("lets those who ask again and again take turns", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const worker = coroutine(function* worker(name: string) {
      for (let i = 0; i < 3; i++) yield* holder(sim, lock)(name, 1);
    });
    sim.loop.runSync(function* () {
      yield [worker("a"), worker("b"), worker("c")];
    });
    assert.equal(sim.events.join(""), "abcabcabc");
  });

  // LOCK-002
  it("waits when it comes right after a release that handed the lock to another one", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const release = yield* lock.acquire();
      const waiting = lock.acquire();
      release();
      const late = lock.acquire();
      assert.equal(waiting.done(), true);
      assert.equal(late.done(), false);
    });
  });

  // LOCK-004
  it("passes over one whose limit has passed", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const hold = holder(sim, lock);
    sim.loop.runSync(function* () {
      const first = hold("first", 10);
      const impatient = hold("impatient", 0, 5);
      yield [first, hold("last")];
      assert.ok(impatient.error() instanceof TimeoutError);
    });
    assert.deepEqual(sim.events, ["first", "last"]);
  });

  // LOCK-005, LOCK-011
  it("fails with TimeoutError when the limit, a duration, passes first", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      yield* lock.acquire();
      yield* sleep(100);
      const late = lock.acquire({ timeoutMs: 20 });
      yield* sleep(19);
      assert.equal(late.done(), false);
      yield* sleep(1);
      const error = late.error() as TimeoutError;
      assert.equal(error.code, "GYRE_TIMEOUT");
      assert.equal(error.limitMs, 20);
      assert.equal(error.message, "Cannot wait longer for a lock: the limit of 20 ms passed");
    });
  });

  // LOCK-010
  it("fails at once with a limit of 0 when the lock is held", () => {
    const lock = new Lock();
    lock.acquire();
    assert.ok(lock.acquire({ timeoutMs: 0 }).error() instanceof TimeoutError);
    assert.equal(lock.statistics().waiting, 0);
  });

  // LOCK-010
  it("gives the lock with a limit of 0 when nobody holds it", () => {
    assert.equal(typeof new Lock().acquire({ timeoutMs: 0 }).result(), "function");
  });

  // LOCK-011
  it("refuses a limit that is no duration, and leaves the lock as it was", () => {
    const lock = new Lock();
    for (const timeoutMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => lock.acquire({ timeoutMs }), RangeError);
    for (const timeoutMs of [null, "5", new Date()] as never[])
      assert.throws(() => lock.acquire({ timeoutMs }), TypeError);
    assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
  });

  // LOCK-012
  it("keeps nothing of those whose limit has passed", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      yield* lock.acquire();
      const late = Array.from({ length: 1000 }, () => lock.acquire({ timeoutMs: 1 }));
      assert.equal(lock.statistics().waiting, 1000);
      yield* sleep(1);
      for (const each of late) assert.ok(each.error() instanceof TimeoutError);
    });
    assert.equal(lock.statistics().waiting, 0);
    assert.equal(sim.loop.statistics().timers, 0);
  });

  it("removes its timer when it is served in time", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const release = yield* lock.acquire();
      const waiting = lock.acquire({ timeoutMs: 1000 });
      release();
      yield* waiting;
    });
    assert.equal(sim.loop.statistics().timers, 0);
    assert.equal(sim.loop.time(), 0);
  });

  it("gives up its place when its Future is cancelled", () => {
    const lock = new Lock();
    const release = lock.acquire().result();
    const [first, second] = [lock.acquire(), lock.acquire()];
    first.cancel();
    release();
    assert.equal(second.done(), true);
    assert.deepEqual(lock.statistics(), { locked: true, waiting: 0, holder: undefined });
  });
});

describe("what Lock.acquire() gives", () => {
  it("releases the lock when it is called", () => {
    const lock = new Lock();
    lock.acquire().result()();
    assert.equal(lock.statistics().locked, false);
  });

  // LOCK-013: `using` calls this method at the end of its block.
  it("releases the lock when it is disposed of", () => {
    const lock = new Lock();
    lock.acquire().result()[Symbol.dispose]();
    assert.equal(lock.statistics().locked, false);
  });

  it("releases once, so that it cannot take the lock away from the next one", () => {
    const lock = new Lock();
    const release = lock.acquire().result();
    lock.acquire();
    release();
    release();
    assert.equal(lock.statistics().locked, true);
  });

  it("does nothing after lock.release() has released for it", () => {
    const lock = new Lock();
    const release = lock.acquire().result();
    lock.acquire();
    lock.release();
    release();
    assert.equal(lock.statistics().locked, true);
  });
});

describe("Lock.release()", () => {
  it("hands the lock to the one that has waited longest", () => {
    const lock = new Lock();
    const [, second, third] = [lock.acquire(), lock.acquire(), lock.acquire()];
    lock.release();
    assert.deepEqual([second.done(), third.done()], [true, false]);
  });

  // LOCK-003
  it("throws when nobody holds the lock", () => {
    assert.throws(
      () => new Lock().release(),
      (error: GyreError) => error instanceof GyreError && error.code === "GYRE_NOT_LOCKED",
    );
  });
});

describe("Lock.run()", () => {
  // LOCK-013
  it("holds the lock while the function runs, and gives its result", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const result = sim.loop.runSync(function* () {
      const value = yield* lock.run(function* () {
        yield* sleep(5);
        return lock.statistics().locked;
      });
      return [value, lock.statistics().locked];
    });
    assert.deepEqual(result, [true, false]);
  });

  // LOCK-013
  it("releases the lock when the function throws", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const failure = new Error("inside");
    assert.throws(
      () =>
        sim.loop.runSync(() =>
          lock.run(() => {
            throw failure;
          }),
        ),
      failure,
    );
    assert.equal(lock.statistics().locked, false);
  });

  // LOCK-013
  it("neither calls the function nor acquires anything when the limit passes first", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const release = yield* lock.acquire();
      const late = lock.run(() => sim.events.push("called"), { timeoutMs: 5 });
      yield* sleep(10);
      assert.ok(late.error() instanceof TimeoutError);
      release();
    });
    assert.deepEqual(sim.events, []);
    assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
  });

  it("releases the lock after the clean-up of a function that is cancelled", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const work = lock.run(function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(5);
          sim.events.push(`cleaned up, locked: ${lock.statistics().locked}`);
        }
      });
      yield* sleep(1);
      work.cancel();
      const release = yield* lock.acquire();
      sim.events.push(`acquired at ${sim.loop.time()}`);
      release();
      assert.ok(work.error() instanceof CancelledError);
    });
    assert.deepEqual(sim.events, ["cleaned up, locked: true", "acquired at 6"]);
  });

  it("runs async functions one after the other, too", async () => {
    const lock = new Lock();
    let inside = 0;
    const work = async (): Promise<number> => {
      inside++;
      await Promise.resolve();
      return inside--;
    };
    const results = await run(function* () {
      return yield [lock.run(work), lock.run(work), lock.run(work)];
    });
    assert.deepEqual(results, [1, 1, 1]);
  });

  it("refuses what is no function", () => {
    assert.throws(() => new Lock().run(7 as never), TypeError);
  });
});

describe("Lock.statistics()", () => {
  it("says which coroutine holds it, and that nobody does", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const hold = holder(sim, lock);
    sim.loop.runSync(function* () {
      const first = hold("a", 2);
      const second = hold("b", 2);
      yield* sleep(1);
      assert.deepEqual(lock.statistics(), { locked: true, waiting: 1, holder: first.toString() });
      yield* first;
      assert.equal(lock.statistics().holder, second.toString());
      yield* second;
      assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
    });
  });

  it("says no coroutine of a lock that none acquired", () => {
    const lock = new Lock();
    lock.acquire();
    assert.deepEqual(lock.statistics(), { locked: true, waiting: 0, holder: undefined });
  });
});

describe("new Lock()", () => {
  it("takes a name, by which those who wait are told of it", () => {
    const lock = new Lock({ name: "accounts" });
    lock.acquire();
    assert.throws(() => lock.acquire({ timeoutMs: 0 }).result(), {
      message: "Cannot wait longer for lock accounts: the limit of 0 ms passed",
    });
  });

  it("refuses a name that is no string", () => {
    assert.throws(() => new Lock({ name: 7 as never }), {
      name: "TypeError",
      message: "Cannot make a lock: its name is 7, a string is wanted",
    });
  });
});
