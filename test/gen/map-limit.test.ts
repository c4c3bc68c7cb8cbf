import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import type { Future } from "../../src/future/index.ts";
import { call, mapLimit, run, sleep } from "../../src/gen/index.ts";
import { Queue } from "../../src/sync/index.ts";
import { errorOf } from "./outcomes.ts";
import { isType } from "./same-type.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** Takes as many ms as the item says, and counts how many run at once. */
function tracked({ loop, events }: Simulation) {
  const state = { running: 0, most: 0 };
  const work = function* (ms: number, index: number): Generator<unknown, string, unknown> {
    state.most = Math.max(state.most, ++state.running);
    let ended = "cancelled";
    try {
      yield sleep(ms);
      ended = "ended";
    } finally {
      state.running--;
      events.push(`${index} ${ended} at ${loop.time()}`);
    }
    return `${index}:${ms}`;
  };
  return { state, work };
}

describe("mapLimit()", () => {
  it("gives results in the order of the items, and never runs more than the limit", (t) => {
    const sim = simulation(t);
    const { state, work } = tracked(sim);
    const results = sim.loop.runSync(function* () {
      return isType<string[]>()(yield* mapLimit([30, 10, 10, 10, 5], 2, work));
    });
    assert.deepEqual(results, ["0:30", "1:10", "2:10", "3:10", "4:5"]);
    assert.equal(state.most, 2);
    assert.deepEqual(sim.events, [
      "1 ended at 10",
      "2 ended at 20",
      "0 ended at 30",
      "3 ended at 30",
      "4 ended at 35",
    ]);
  });

  it("begins the next item as soon as one has ended", (t) => {
    const sim = simulation(t);
    const { work } = tracked(sim);
    sim.loop.runSync(() => mapLimit([10, 10, 10], 1, work));
    assert.equal(sim.loop.time(), 30);
    sim.loop.runSync(() => mapLimit([10, 10, 10], 3, work));
    assert.equal(sim.loop.time(), 40);
  });

  it("takes plain and async functions, and an empty list", async () => {
    await run(function* () {
      assert.deepEqual(isType<number[]>()(yield* mapLimit([1, 2, 3], 2, (n) => n * 2)), [2, 4, 6]);
      assert.deepEqual(isType<number[]>()(yield* mapLimit([1, 2, 3], 2, async (n) => n * 2)), [2, 4, 6]);
      assert.deepEqual(yield* mapLimit([], 2, (n) => n), []);
    });
  });

  it("does not suspend, and makes no more than it needs, when nothing waits", (t) => {
    simulation(t);
    assert.deepEqual(mapLimit("abc", 1_000_000, (letter, index) => letter + index).result(), [
      "a0",
      "b1",
      "c2",
    ]);
  });

  it("pulls an item only when its turn has come, one at a time", (t) => {
    const sim = simulation(t);
    const { state, work } = tracked(sim);
    let pulling = 0;
    let pulled = 0;
    const source = {
      next: (): Future<IteratorResult<number, undefined>> =>
        call(function* () {
          assert.equal(++pulling, 1, "one pull at a time");
          yield* sleep(1);
          pulling--;
          if (++pulled > 5) return { done: true, value: undefined };
          assert.ok(pulled <= sim.events.length + 3, "no pull ahead of the limit");
          return { done: false, value: 10 };
        }),
    };
    const results = sim.loop.runSync(() => mapLimit(source, 3, work));
    assert.deepEqual(results, ["0:10", "1:10", "2:10", "3:10", "4:10"]);
    assert.equal(state.most, 3);
  });

  it("works off a queue in virtual time", (t) => {
    const sim = simulation(t);
    const { state, work } = tracked(sim);
    sim.loop.runSync(function* () {
      const queue = new Queue<number>();
      const workers = mapLimit(queue, 2, work);
      for (let i = 0; i < 4; i++) queue.putNowait(10);
      yield* sleep(30);
      queue.close();
      assert.equal((yield* workers).length, 4);
    });
    assert.equal(state.most, 2);
    assert.deepEqual(sim.events, ["0 ended at 10", "1 ended at 10", "2 ended at 20", "3 ended at 20"]);
  });

  it("stops at the first failure: no further item begins, and those that run have cleaned up", (t) => {
    const sim = simulation(t);
    const failure = new Error("on purpose");
    let closedAtMs = -1;
    function* items(): Generator<number> {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        closedAtMs = sim.loop.time();
      }
    }
    sim.loop.runSync(function* () {
      const work = mapLimit(items(), 3, function* (n) {
        sim.events.push(`begin ${n}`);
        try {
          yield* sleep(n * 10);
          if (n === 2) throw failure;
        } finally {
          yield* sleep(3);
          sim.events.push(`end ${n} at ${sim.loop.time()}`);
        }
      });
      assert.equal(yield* errorOf(work), failure);
    });
    assert.deepEqual(sim.events, [
      "begin 1",
      "begin 2",
      "begin 3",
      "end 1 at 13",
      "begin 4",
      "end 2 at 23",
      "end 4 at 26",
      "end 3 at 26",
    ]);
    assert.equal(closedAtMs, 26);
  });

  it("begins nothing more when the first item fails at once", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const failure = new Error("at once");
      const work = mapLimit([1, 2, 3], 2, (n) => {
        events.push(n);
        throw failure;
      });
      assert.equal(yield* errorOf(work), failure);
    });
    assert.deepEqual(events, [1]);
  });

  it("fails with what the source throws, and stops what runs", (t) => {
    const sim = simulation(t);
    const { work } = tracked(sim);
    const failure = new Error("source");
    function* broken(): Generator<number> {
      yield 10;
      yield 50;
      throw failure;
    }
    sim.loop.runSync(function* () {
      assert.equal(yield* errorOf(mapLimit(broken(), 2, work)), failure);
    });
    assert.deepEqual(sim.events, ["0 ended at 10", "1 cancelled at 10"]);
  });

  it("stops everything when it is cancelled", (t) => {
    const sim = simulation(t);
    const { work } = tracked(sim);
    sim.loop.runSync(function* () {
      const mapping = mapLimit([10, 50, 60, 70], 2, work);
      yield* sleep(20);
      mapping.cancel();
      assert.ok((yield* errorOf(mapping)) instanceof CancelledError);
    });
    assert.deepEqual(sim.events, ["0 ended at 10", "2 cancelled at 20", "1 cancelled at 20"]);
  });

  it("refuses what is no limit, no function, and gives no items", () => {
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => mapLimit([], limit, () => {}), RangeError);
    assert.throws(() => mapLimit([], 1, 5 as never), TypeError);
    assert.throws(() => mapLimit(5 as never, 1, () => {}), TypeError);
  });
});
