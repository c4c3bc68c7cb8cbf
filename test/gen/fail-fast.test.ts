import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import { all, call, coroutine, Multi, sleep } from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** A coroutine that ends after `ms`, with `failure` if there is one; notes how it ends, after a clean-up of 5 ms. */
function steps({ loop, events }: Simulation) {
  return coroutine(function* work(ms: number, failure?: Error) {
    let ended = "cancelled";
    try {
      yield* sleep(ms);
      ended = "ended";
      if (failure !== undefined) throw failure;
      return ms;
    } finally {
      yield* sleep(5);
      events.push(`${ms} ${ended} at ${loop.time()}`);
    }
  });
}

describe("all() with failFast", () => {
  it("throws the first failure in time, once the members it started have cleaned up", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const [early, late] = [new Error("early"), new Error("late")];
      const failed = all([work(60, late), work(50), work(10, early)], { failFast: true });
      assert.equal(yield* errorOf(failed), early);
      assert.equal(sim.loop.time(), 20);
    });
    assert.deepEqual(sim.events, ["10 ended at 15", "60 cancelled at 20", "50 cancelled at 20"]);
  });

  it("gives all results when none fails", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const results = sim.loop.runSync(function* () {
      return yield* all({ a: work(10), b: work(20) }, { failFast: true });
    });
    assert.deepEqual(results, { a: 10, b: 20 });
  });

  it("lets members of others go, and does not wait for them", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const failure = new Error("first");
    sim.loop.runSync(function* () {
      const others = work(50);
      yield* call(function* group() {
        assert.equal(
          yield* errorOf(all([others, work(10, failure), new Future()], { failFast: true })),
          failure,
        );
        assert.equal(sim.loop.time(), 15);
      });
      yield* others;
    });
    assert.deepEqual(sim.events, ["10 ended at 15", "50 ended at 55"]);
  });

  it("stops the others also when one has failed already", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const failure = new Error("before");
    sim.loop.runSync(function* () {
      const failed = new Future<void>();
      failed.setError(failure);
      assert.equal(yield* errorOf(all([work(10), failed, work(20)], { failFast: true })), failure);
    });
    assert.deepEqual(sim.events, ["10 cancelled at 5", "20 cancelled at 5"]);
  });

  it("logs what a clean-up of the others throws", (t) => {
    const sim = simulation(t);
    const [first, second] = [new Error("first"), new Error("clean-up")];
    const untidy = coroutine(function* untidy() {
      try {
        yield* sleep(50);
      } finally {
        yield call(function* (): Generator<unknown, void, unknown> {
          yield sleep(1);
          throw second;
        });
      }
    });
    const work = steps(sim);
    sim.loop.runSync(function* () {
      assert.equal(yield* errorOf(all([untidy(), work(10, first)], { failFast: true })), first);
    });
    assert.deepEqual(sim.takeErrors(), [second]);
  });

  it("is an option of Multi too", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    const failure = new Error("early");
    sim.loop.runSync(function* () {
      assert.equal(yield* errorOf(new Multi([work(50), work(10, failure)], { failFast: true })), failure);
    });
    assert.deepEqual(sim.events, ["10 ended at 15", "50 cancelled at 20"]);
  });

  it("waits for all without it, and throws the first failure in order", (t) => {
    const sim = simulation(t);
    const work = steps(sim);
    sim.loop.runSync(function* () {
      const [early, late] = [new Error("early"), new Error("late")];
      assert.equal(yield* errorOf(all([work(60, late), work(10, early)])), late);
      assert.deepEqual(sim.takeErrors(), [early]);
    });
    assert.deepEqual(sim.events, ["10 ended at 15", "60 ended at 65"]);
  });
});
