import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { QueueClosedError, QueueEmptyError, QueueFullError, TimeoutError } from "../../src/base/index.ts";
import type { Future } from "../../src/future/index.ts";
import { coroutine, run, sleep } from "../../src/gen/index.ts";
import { LifoQueue, PriorityQueue, Queue } from "../../src/sync/index.ts";
import { simulation } from "../gen/simulation.ts";

/** A queue that holds `items`. */
function filled<T>(items: readonly T[], queue: Queue<T> = new Queue<T>()): Queue<T> {
  for (const item of items) queue.putNowait(item);
  return queue;
}

/** All that can be got without waiting. */
function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  while (!queue.isEmpty()) items.push(queue.getNowait());
  return items;
}

function areDone(futures: readonly Future<unknown>[]): boolean[] {
  return futures.map((future) => future.done());
}

describe("new Queue()", () => {
  // QUEUE-008
  it("refuses a maxSize that is there and no number", () => {
    for (const maxSize of [undefined, null, "3"] as never[])
      assert.throws(() => new Queue({ maxSize }), TypeError);
  });

  // QUEUE-008
  it("refuses a negative maxSize, and NaN", () => {
    assert.throws(() => new Queue({ maxSize: -1 }), RangeError);
    assert.throws(() => new Queue({ maxSize: Number.NaN }), RangeError);
  });

  // QUEUE-008
  it("takes any number of items with a maxSize of 0, of Infinity, or without one", () => {
    for (const queue of [new Queue(), new Queue({ maxSize: 0 }), new Queue({ maxSize: Infinity })]) {
      for (let i = 0; i < 1000; i++) queue.putNowait(i);
      assert.equal(queue.isFull(), false);
    }
  });

  // QUEUE-008
  it("is full at the first whole number that is not below maxSize", () => {
    const queue = filled([1, 2], new Queue<number>({ maxSize: 1.5 }));
    assert.equal(queue.isFull(), true);
    assert.throws(() => queue.putNowait(3), QueueFullError);
    assert.equal(queue.maxSize, 1.5);
  });
});

describe("Queue", () => {
  it("gives the items in the order in which they were put", () => {
    const queue = new Queue<number>();
    const items = Array.from({ length: 200 }, (_, i) => i);
    const got: number[] = [];
    // Puts and gets by turns, so that the beginning moves through the memory behind it.
    for (const item of items) {
      queue.putNowait(item);
      if (item % 3 === 2) got.push(queue.getNowait());
    }
    assert.deepEqual([...got, ...drain(queue)], items);
  });

  it("tells its size, and whether it is empty or full", () => {
    const queue = new Queue<string>({ maxSize: 1 });
    assert.deepEqual([queue.size, queue.isEmpty(), queue.isFull()], [0, true, false]);
    queue.putNowait("a");
    assert.deepEqual([queue.size, queue.isEmpty(), queue.isFull()], [1, false, true]);
  });

  it("tells who waits", () => {
    const queue = new Queue<string>({ maxSize: 1 });
    filled(["a"], queue).put("b");
    queue.join();
    const idle = { getters: 0, putters: 0, joiners: 0, closed: false };
    assert.deepEqual(queue.statistics(), { ...idle, size: 1, putters: 1, joiners: 1, unfinished: 1 });
    const empty = new Queue<string>();
    empty.get();
    assert.deepEqual(empty.statistics(), { ...idle, size: 0, getters: 1, unfinished: 0 });
  });

  it("holds items that are undefined", () => {
    assert.deepEqual(drain(filled([undefined, undefined])), [undefined, undefined]);
  });
});

describe("Queue.put()", () => {
  it("does not wait while there is a place", () => {
    const queue = new Queue<string>({ maxSize: 2 });
    assert.deepEqual(areDone([queue.put("a"), queue.put("b"), queue.put("c")]), [true, true, false]);
  });

  // QUEUE-001
  it("hands the item to one who waits for it", () => {
    const queue = new Queue<string>();
    const waiting = queue.get();
    queue.put("a");
    assert.equal(waiting.result(), "a");
    const { size, unfinished } = queue.statistics();
    assert.deepEqual({ size, unfinished }, { size: 0, unfinished: 1 });
  });

  it("serves those who wait to get in the order in which they came", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    const taker = coroutine(function* taker(name: string) {
      sim.events.push(`${name} ${yield* queue.get()}`);
    });
    sim.loop.runSync(function* () {
      const work = [taker("a"), taker("b"), taker("c")];
      for (const item of [1, 2, 3]) queue.put(item);
      yield work;
    });
    assert.deepEqual(sim.events, ["a 1", "b 2", "c 3"]);
  });

  // QUEUE-002
  it("waits while the queue is full, first come, first served", () => {
    const queue = filled([1], new Queue<number>({ maxSize: 1 }));
    const putters = [queue.put(2), queue.put(3), queue.put(4)];
    assert.deepEqual(areDone(putters), [false, false, false]);
    assert.equal(queue.getNowait(), 1);
    assert.deepEqual(areDone(putters), [true, false, false]);
    assert.deepEqual(drain(queue), [2, 3, 4]);
  });

  // QUEUE-002
  it("puts the item of one who waited at the end", () => {
    const queue = filled([1, 2], new Queue<number>({ maxSize: 2 }));
    queue.put(3);
    assert.deepEqual(drain(queue), [1, 2, 3]);
  });

  // QUEUE-003
  it("puts nothing when the limit passes first", (t) => {
    const sim = simulation(t);
    const queue = filled([1], new Queue<number>({ maxSize: 1 }));
    sim.loop.runSync(function* () {
      const late = queue.put(2, { timeoutMs: 5 });
      const patient = queue.put(3, { timeoutMs: 50 });
      yield* sleep(10);
      assert.ok(late.error() instanceof TimeoutError);
      assert.equal(yield* queue.get(), 1);
      yield patient;
    });
    assert.deepEqual(drain(queue), [3]);
    assert.equal(queue.statistics().unfinished, 2);
  });

  // LOCK-010
  it("fails at once with a limit of 0 when the queue is full", () => {
    const queue = filled([1], new Queue<number>({ maxSize: 1 }));
    assert.ok(queue.put(2, { timeoutMs: 0 }).error() instanceof TimeoutError);
    assert.equal(queue.statistics().putters, 0);
  });

  // LOCK-011
  it("refuses a limit that is no duration, and then puts nothing", () => {
    const queue = new Queue<number>();
    assert.throws(() => queue.put(1, { timeoutMs: -1 }), RangeError);
    assert.throws(() => queue.put(1, { timeoutMs: new Date() as never }), TypeError);
    assert.equal(queue.size, 0);
  });
});

describe("Queue.get()", () => {
  it("fails with TimeoutError when the limit passes first", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    sim.loop.runSync(function* () {
      const late = queue.get({ timeoutMs: 5 });
      yield* sleep(5);
      assert.ok(late.error() instanceof TimeoutError);
    });
  });

  // QUEUE-004
  it("is passed over when its limit has passed", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    sim.loop.runSync(function* () {
      const impatient = [queue.get({ timeoutMs: 5 }), queue.get({ timeoutMs: 5 })];
      const patient = queue.get({ timeoutMs: 50 });
      yield* sleep(10);
      queue.putNowait(1);
      assert.equal(yield* patient, 1);
      for (const late of impatient) assert.ok(late.error() instanceof TimeoutError);
    });
  });

  // LOCK-010
  it("does not wait with a limit of 0", () => {
    const queue = filled([1]);
    assert.equal(queue.get({ timeoutMs: 0 }).result(), 1);
    assert.ok(queue.get({ timeoutMs: 0 }).error() instanceof TimeoutError);
  });

  // LOCK-012
  it("keeps nothing of those whose limit has passed", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    sim.loop.runSync(function* () {
      const late = Array.from({ length: 200 }, () => queue.get({ timeoutMs: 1 }));
      yield* sleep(1);
      for (const each of late) each.error();
    });
    assert.equal(queue.statistics().getters, 0);
  });

  // LOCK-011
  it("refuses a limit that is no duration, and then takes nothing", () => {
    const queue = filled([1]);
    assert.throws(() => queue.get({ timeoutMs: -1 }), RangeError);
    assert.equal(queue.size, 1);
  });
});

describe("Queue.putNowait() and getNowait()", () => {
  // QUEUE-005
  it("throw when the queue is full, or empty", () => {
    const queue = new Queue<number>({ maxSize: 1 });
    assert.throws(
      () => queue.getNowait(),
      (error: QueueEmptyError) => {
        return error instanceof QueueEmptyError && error.code === "GYRE_QUEUE_EMPTY";
      },
    );
    queue.putNowait(1);
    assert.throws(
      () => queue.putNowait(2),
      (error: QueueFullError) => {
        return error instanceof QueueFullError && error.code === "GYRE_QUEUE_FULL";
      },
    );
    assert.deepEqual(drain(queue), [1]);
  });

  // QUEUE-005
  it("serve those who wait", () => {
    const queue = new Queue<number>({ maxSize: 1 });
    const getter = queue.get();
    queue.putNowait(1);
    assert.equal(getter.result(), 1);
    queue.putNowait(2);
    const putter = queue.put(3);
    assert.equal(queue.getNowait(), 2);
    assert.equal(putter.done(), true);
  });
});

describe("Queue.join()", () => {
  // QUEUE-007
  it("does not wait when nothing was put", () => {
    assert.equal(new Queue().join().done(), true);
  });

  // QUEUE-007
  it("waits until each item is done, and again after the next put", () => {
    const queue = filled([1, 2]);
    const first = queue.join();
    drain(queue);
    queue.taskDone();
    assert.equal(first.done(), false);
    queue.taskDone();
    assert.equal(first.done(), true);
    queue.putNowait(3);
    assert.equal(queue.join().done(), false);
  });

  it("fails with TimeoutError when the limit passes first, and at once for 0", (t) => {
    const sim = simulation(t);
    const queue = filled([1]);
    assert.ok(queue.join({ timeoutMs: 0 }).error() instanceof TimeoutError);
    sim.loop.runSync(function* () {
      const late = queue.join({ timeoutMs: 5 });
      yield* sleep(5);
      assert.ok(late.error() instanceof TimeoutError);
    });
    assert.equal(queue.statistics().joiners, 0);
  });
});

describe("Queue.taskDone()", () => {
  // QUEUE-006
  it("throws when it is called more often than items were put", () => {
    const queue = filled([1]);
    queue.taskDone();
    assert.throws(() => queue.taskDone(), RangeError);
  });
});

describe("Queue.close()", () => {
  it("refuses items from then on", () => {
    const queue = new Queue<number>();
    queue.close();
    assert.ok(queue.put(1).error() instanceof QueueClosedError);
    assert.throws(() => queue.putNowait(1), QueueClosedError);
    assert.equal(queue.size, 0);
  });

  it("lets the items that are inside be got, and fails then", () => {
    const queue = filled([1, 2]);
    queue.close();
    assert.equal(queue.get().result(), 1);
    assert.equal(queue.getNowait(), 2);
    assert.ok(queue.get().error() instanceof QueueClosedError);
    assert.throws(
      () => queue.getNowait(),
      (error: QueueClosedError) => error.code === "GYRE_QUEUE_CLOSED",
    );
  });

  it("fails those who wait to put, and does not take their items in", () => {
    const queue = filled([1], new Queue<number>({ maxSize: 1 }));
    const putter = queue.put(2);
    queue.close();
    assert.ok(putter.error() instanceof QueueClosedError);
    assert.deepEqual(drain(queue), [1]);
    assert.equal(queue.statistics().unfinished, 1);
  });

  it("fails those who wait to get", () => {
    const queue = new Queue<number>();
    const getter = queue.get();
    queue.close();
    assert.ok(getter.error() instanceof QueueClosedError);
  });

  it("leaves who joins waiting for what is unfinished", () => {
    const queue = filled([1]);
    const joined = queue.join();
    queue.close();
    assert.equal(joined.done(), false);
    queue.getNowait();
    queue.taskDone();
    assert.equal(joined.done(), true);
  });

  it("may be called twice", () => {
    const queue = filled([1]);
    queue.close();
    queue.close();
    assert.deepEqual(drain(queue), [1]);
  });
});

describe("going through a queue", () => {
  // QUEUE-011
  it("ends a coroutine's loop over next() when the queue is closed and empty", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    const reader = coroutine(function* reader() {
      for (let step = yield* queue.next(); !step.done; step = yield* queue.next())
        sim.events.push(step.value);
      sim.events.push("end");
    });
    sim.loop.runSync(function* () {
      const work = reader();
      filled(["a", "b"], queue);
      yield* sleep(1);
      queue.putNowait("c");
      queue.close();
      yield work;
    });
    assert.deepEqual(sim.events, ["a", "b", "c", "end"]);
  });

  // QUEUE-011
  it("ends `for await` when the queue is closed while it waits", async () => {
    const queue = filled([1, 2]);
    const seen: number[] = [];
    const reader = async (): Promise<void> => {
      for await (const item of queue) seen.push(item);
    };
    await run(function* () {
      const reading = reader();
      yield* sleep(0);
      queue.putNowait(3);
      yield* sleep(0);
      queue.close();
      yield reading;
    });
    assert.deepEqual(seen, [1, 2, 3]);
  });

  it("leaves the rest inside when the loop is left", async () => {
    const queue = filled([1, 2, 3]);
    for await (const item of queue) if (item === 2) break;
    assert.deepEqual(drain(queue), [3]);
  });
});

describe("PriorityQueue", () => {
  it("gives the items by their priority", () => {
    const items = [5, 3, 9, 1, 7, 3, 8, 2, 6, 4, 0];
    const queue = filled(items, new PriorityQueue<number>({ compare: (a, b) => a - b }));
    assert.deepEqual(
      drain(queue),
      items.toSorted((a, b) => a - b),
    );
  });

  // QUEUE-009
  it("gives equals in the order in which they came, and compares them no further", () => {
    const items = Array.from({ length: 40 }, (_, i) => [i % 3, Symbol(i)] as const);
    const queue = filled(items, new PriorityQueue<(typeof items)[0]>({ compare: ([a], [b]) => a - b }));
    assert.deepEqual(
      drain(queue),
      items.toSorted(([a], [b]) => a - b),
    );
  });

  // QUEUE-002
  it("considers the item of one who waits for a place before it gives one out", () => {
    const queue = filled([5], new PriorityQueue<number>({ maxSize: 1, compare: (a, b) => a - b }));
    queue.put(1);
    assert.deepEqual(drain(queue), [1, 5]);
  });

  it("refuses to be made without a comparer", () => {
    assert.throws(() => new PriorityQueue({} as never), TypeError);
  });

  /** Numbers in order; refuses to compare anything else. */
  function compareNumbers(a: unknown, b: unknown): number {
    if (typeof a !== "number" || typeof b !== "number") throw new Error("not comparable");
    return a - b;
  }

  it("throws from the put whose item cannot be compared, and stays as it was", () => {
    const queue = filled<unknown>([3, 1, 2], new PriorityQueue({ compare: compareNumbers }));
    assert.throws(() => queue.putNowait("x"), /not comparable/);
    assert.equal(queue.statistics().unfinished, 3);
    assert.deepEqual(drain(queue), [1, 2, 3]);
  });

  it("fails the waiting put whose item cannot be compared, and serves the one behind it", () => {
    const queue = filled<unknown>([1], new PriorityQueue({ maxSize: 1, compare: compareNumbers }));
    const [bad, good] = [queue.put("x"), queue.put(2)];
    assert.equal(queue.getNowait(), 1);
    assert.match(String(bad.error()), /not comparable/);
    assert.equal(good.done(), true);
    assert.deepEqual(drain(queue), [2]);
  });

  it("loses no item when the comparer throws during a get", () => {
    let broken = false;
    const compare = (a: number, b: number): number => {
      if (broken) throw new Error("broken");
      return a - b;
    };
    const queue = filled([4, 2, 3, 1], new PriorityQueue<number>({ compare }));
    broken = true;
    assert.throws(() => queue.getNowait(), /broken/);
    broken = false;
    assert.deepEqual(drain(queue), [1, 2, 3, 4]);
  });
});

describe("LifoQueue", () => {
  // QUEUE-010
  it("gives the item that was put last", () => {
    assert.deepEqual(drain(filled([1, 2, 3], new LifoQueue<number>())), [3, 2, 1]);
  });

  // QUEUE-002
  it("takes the item of one who waits for a place as the one that was put last", () => {
    const queue = filled([1, 2], new LifoQueue<number>({ maxSize: 2 }));
    queue.put(3);
    assert.deepEqual(drain(queue), [3, 2, 1]);
  });
});

describe("the options of a queue", () => {
  it("are refused when they are none", () => {
    assert.throws(() => new Queue(2 as never), { name: "TypeError", message: /the options are 2/ });
  });

  it("are refused when one is unknown", () => {
    assert.throws(() => new Queue({ maxsize: 1 } as never), {
      name: "TypeError",
      message: /no option "maxsize"/,
    });
  });
});
