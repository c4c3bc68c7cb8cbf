import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeoutError } from "../../src/base/index.ts";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { BoundedSemaphore, Semaphore } from "../../src/sync/index.ts";
import { simulation } from "../gen/simulation.ts";

describe("Semaphore", () => {
  it("lets as many in as it has permits", (t) => {
    const sim = simulation(t);
    const semaphore = new Semaphore(2);
    let inside = 0;
    let most = 0;
    const worker = coroutine(function* worker() {
      const release = yield* semaphore.acquire();
      most = Math.max(most, ++inside);
      yield* sleep(10);
      inside--;
      release();
    });
    sim.loop.runSync(function* () {
      yield [worker(), worker(), worker(), worker(), worker()];
    });
    assert.equal(most, 2);
    assert.equal(sim.loop.time(), 30);
  });

  // LOCK-001
  it("serves those who wait in the order in which they came", () => {
    const semaphore = new Semaphore(0);
    const waiting = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire()];
    const served: number[] = [];
    for (let i = 0; i < 3; i++) {
      semaphore.release();
      served.push(waiting.filter((each) => each.done()).length);
      assert.equal((waiting[i] as { done(): boolean }).done(), true);
    }
    assert.deepEqual(served, [1, 2, 3]);
  });

  // LOCK-002
  it("does not let one in between that comes right after a release", () => {
    const semaphore = new Semaphore(0);
    const waiting = semaphore.acquire();
    semaphore.release();
    const late = semaphore.acquire();
    assert.deepEqual([waiting.done(), late.done()], [true, false]);
  });

  // LOCK-015
  it("refuses a negative number of permits", () => {
    assert.throws(() => new Semaphore(-1), RangeError);
  });

  it("refuses what is no whole number of permits", () => {
    assert.throws(() => new Semaphore(1.5), RangeError);
    assert.throws(() => new Semaphore(Number.NaN), RangeError);
    assert.throws(() => new Semaphore("2" as never), TypeError);
  });

  // LOCK-015
  it("makes the first one wait when it begins with 0", () => {
    const semaphore = new Semaphore(0);
    const waiting = semaphore.acquire();
    assert.equal(waiting.done(), false);
    semaphore.release();
    assert.equal(waiting.done(), true);
  });

  it("has one permit when nothing is said", () => {
    assert.deepEqual(new Semaphore().statistics(), { free: 1, waiting: 0 });
  });

  it("has one permit more after a release without an acquire", () => {
    const semaphore = new Semaphore(1);
    semaphore.release();
    assert.deepEqual(semaphore.statistics(), { free: 2, waiting: 0 });
  });

  // LOCK-004
  it("gives the permit to the next one when the limit of the first has passed", (t) => {
    const sim = simulation(t);
    const semaphore = new Semaphore(0);
    sim.loop.runSync(function* () {
      const impatient = semaphore.acquire({ timeoutMs: 5 });
      const patient = semaphore.acquire({ timeoutMs: 20 });
      yield* sleep(10);
      semaphore.release();
      assert.ok(impatient.error() instanceof TimeoutError);
      assert.equal(patient.done(), true);
    });
    assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 0 });
  });

  // LOCK-010
  it("does not wait with a limit of 0", () => {
    const semaphore = new Semaphore(1);
    assert.equal(semaphore.acquire({ timeoutMs: 0 }).error(), undefined);
    assert.ok(semaphore.acquire({ timeoutMs: 0 }).error() instanceof TimeoutError);
  });

  // LOCK-012
  it("keeps nothing of those whose limit has passed", (t) => {
    const sim = simulation(t);
    const semaphore = new Semaphore(0);
    sim.loop.runSync(function* () {
      const late = Array.from({ length: 200 }, () => semaphore.acquire({ timeoutMs: 1 }));
      yield* sleep(1);
      for (const each of late) each.error();
    });
    assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 0 });
  });

  // LOCK-013
  it("gives the permit back at the end of run(), also when the function throws", (t) => {
    const sim = simulation(t);
    const semaphore = new Semaphore(1);
    const failure = new Error("inside");
    sim.loop.runSync(function* () {
      assert.equal(yield* semaphore.run(() => semaphore.statistics().free), 0);
      const failed = semaphore.run(() => {
        throw failure;
      });
      assert.equal(failed.error(), failure);
    });
    assert.equal(semaphore.statistics().free, 1);
  });

  // LOCK-013
  it("gives the permit back when it is disposed of, and once only", () => {
    const semaphore = new Semaphore(1);
    const permit = semaphore.acquire().result();
    permit[Symbol.dispose]();
    permit();
    assert.equal(semaphore.statistics().free, 1);
  });
});

describe("BoundedSemaphore", () => {
  // LOCK-003
  it("refuses a release when all permits are free", () => {
    const semaphore = new BoundedSemaphore(2);
    const release = semaphore.acquire().result();
    release();
    assert.throws(() => semaphore.release(), {
      name: "RangeError",
      message: "Cannot release the semaphore: all of its 2 permits are free, an acquire() before is wanted",
    });
    assert.equal(semaphore.statistics().free, 2);
  });

  it("hands a permit that comes back to the next one", () => {
    const semaphore = new BoundedSemaphore(1);
    const release = semaphore.acquire().result();
    const waiting = semaphore.acquire();
    release();
    assert.equal(waiting.done(), true);
  });

  it("logs, and keeps its bound, when a permit that a cancel hands back was released by hand", (t) => {
    const sim = simulation(t);
    const semaphore = new BoundedSemaphore(1);
    const waiter = coroutine(function* waiter() {
      yield* semaphore.acquire();
    });
    sim.loop.runSync(function* () {
      const release = yield* semaphore.acquire();
      const waiting = waiter();
      release();
      semaphore.release();
      waiting.cancel();
      yield* sleep(0);
    });
    assert.deepEqual(
      sim.takeErrors().map((error) => (error as Error).name),
      ["RangeError"],
    );
    assert.equal(semaphore.statistics().free, 1);
  });
});
