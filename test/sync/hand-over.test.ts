/** What becomes of a permit or an item whose waiter is cancelled when it has just been handed over. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeoutError } from "../../src/base/index.ts";
import {
  call,
  coroutine,
  currentCoroutine,
  Multi,
  race,
  sleep,
  until,
  WaitIterator,
  withTimeout,
  YieldFuture,
} from "../../src/gen/index.ts";
import { LifoQueue, Lock, PriorityQueue, Queue, Semaphore } from "../../src/sync/index.ts";
import { simulation } from "../gen/simulation.ts";

/** Ways to wait for a lock. */
const waits: Record<string, (lock: Lock) => Generator<unknown, unknown, unknown>> = {
  *"yield* acquire()"(lock) {
    return yield* lock.acquire();
  },
  *"yield acquire()"(lock) {
    return yield lock.acquire();
  },
  *"an acquire() with a limit of its own"(lock) {
    return yield* lock.acquire({ timeoutMs: 1000 });
  },
  *"withTimeout()"(lock) {
    return yield* withTimeout(1000, lock.acquire());
  },
  *"a list"(lock) {
    return yield [lock.acquire(), sleep(0)];
  },
  *"a list that still waits for another member"(lock) {
    return yield [lock.acquire(), sleep(1000)];
  },
  *"a list behind withTimeout()"(lock) {
    return yield* withTimeout(1000, { permit: lock.acquire() });
  },
  *"race()"(lock) {
    return yield* race([lock.acquire(), sleep(1000)]);
  },
  *YieldFuture(lock) {
    return yield* new YieldFuture(lock.acquire());
  },
  *Multi(lock) {
    return yield* new Multi([lock.acquire()]);
  },
  *WaitIterator(lock) {
    return yield* new WaitIterator(lock.acquire()).next();
  },
  *"a returned acquire()"(lock) {
    return lock.acquire();
  },
  *"run()"(lock) {
    return yield* lock.run(() => assert.fail("the function is called"));
  },
};

describe("a coroutine that is cancelled when the lock has just been handed to it", () => {
  for (const [name, wait] of Object.entries(waits)) {
    it(`hands it on to the next one, waiting by ${name}`, (t) => {
      const sim = simulation(t);
      const lock = new Lock();
      sim.loop.runSync(function* () {
        const release = yield* lock.acquire();
        const cancelled = call(wait, lock);
        const next = lock.acquire();
        yield* sleep(0);
        release();
        cancelled.cancel();
        (yield* withTimeout(5, next))();
        yield* sleep(0);
        assert.equal(cancelled.cancelled(), true);
      });
      assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
      assert.equal(sim.loop.time(), 0);
    });
  }

  it("leaves it free when nobody else waits", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const release = yield* lock.acquire();
      const cancelled = call(function* () {
        yield* lock.acquire();
      });
      release();
      cancelled.cancel();
      yield* sleep(0);
    });
    assert.equal(lock.statistics().locked, false);
  });

  it("hands it on before the clean-up of what it waits for beside it, which may need it", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    const child = coroutine(function* child() {
      try {
        yield* sleep(1000);
      } finally {
        (yield* lock.acquire())();
      }
    });
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield [lock.acquire(), child()];
      });
      yield* sleep(1);
      cancelled.cancel();
      yield* sleep(1);
      assert.equal(cancelled.cancelled(), true);
    });
  });

  it("hands on all of a chain of cancelled ones", (t) => {
    const sim = simulation(t);
    const semaphore = new Semaphore(0);
    sim.loop.runSync(function* () {
      const waiter = coroutine(function* waiter() {
        yield* semaphore.acquire();
      });
      const cancelled = [waiter(), waiter(), waiter()];
      const last = semaphore.acquire();
      semaphore.release();
      for (const each of cancelled) each.cancel();
      yield* withTimeout(5, last);
    });
    assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 0 });
  });
});

describe("a coroutine that is cancelled", () => {
  it("does not keep a free lock that it asks for at its next wait", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield* sleep(0);
        currentCoroutine()?.cancel();
        yield lock.acquire();
      });
      yield* sleep(1);
      assert.equal(cancelled.cancelled(), true);
    });
    assert.equal(lock.statistics().locked, false);
  });

  it("keeps the lock that it has received until it releases it", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const holder = call(function* () {
        const release = yield* lock.acquire();
        try {
          yield* sleep(1000);
        } finally {
          yield* sleep(5);
          release();
        }
      });
      yield* sleep(1);
      holder.cancel();
      (yield* lock.acquire())();
      assert.equal(sim.loop.time(), 6);
    });
  });

  it("leaves a wait alone that another one asked for", (t) => {
    const sim = simulation(t);
    const lock = new Lock();
    sim.loop.runSync(function* () {
      const release = yield* lock.acquire();
      const mine = lock.acquire();
      const other = call(function* () {
        yield mine;
      });
      release();
      other.cancel();
      yield* sleep(0);
      assert.equal(other.cancelled(), true);
      assert.equal(lock.statistics().locked, true);
      (yield* mine)();
    });
    assert.equal(lock.statistics().locked, false);
  });

  it("does not give an item back that it has received, when it waits for the same Future again", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    const asks = [() => queue.get(), () => race([queue.get()]), () => withTimeout(5, queue.get())];
    for (const ask of asks) {
      sim.loop.runSync(function* () {
        const cancelled = call(function* () {
          const wait = ask();
          sim.events.push(yield wait);
          currentCoroutine()?.cancel();
          yield wait;
        });
        queue.putNowait("a");
        yield* sleep(1);
        assert.equal(cancelled.cancelled(), true);
      });
      assert.equal(queue.size, 0);
    }
    assert.deepEqual(sim.events, ["a", "a", "a"]);
  });

  it("gives back once what it waited for twice in one list", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        const wait = queue.get();
        yield [wait, wait];
      });
      queue.putNowait("a");
      cancelled.cancel();
      yield* sleep(0);
    });
    assert.equal(queue.size, 1);
  });

  it("takes its place in the line of putters along, and its item", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>({ maxSize: 1 });
    sim.loop.runSync(function* () {
      queue.putNowait("first");
      const cancelled = call(function* () {
        yield* queue.put("cancelled");
      });
      const other = queue.put("other");
      cancelled.cancel();
      yield* sleep(0);
      assert.equal(queue.getNowait(), "first");
      yield* other;
      assert.equal(queue.getNowait(), "other");
      assert.equal(queue.statistics().unfinished, 2);
    });
  });

  it("has put its item when it was let in just before", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>({ maxSize: 1 });
    sim.loop.runSync(function* () {
      queue.putNowait("first");
      const cancelled = call(function* () {
        yield* queue.put("second");
      });
      assert.equal(queue.getNowait(), "first");
      cancelled.cancel();
      yield* sleep(0);
      assert.equal(queue.getNowait(), "second");
    });
  });
});

describe("an item that was handed to a coroutine which is cancelled before it takes it", () => {
  /** Start one that takes an item by `get`, hand it the item, and cancel it. */
  function* handAndCancel<T>(queue: Queue<T>, item: T, get: () => unknown = () => queue.get()) {
    const cancelled = call(function* () {
      yield get();
      assert.fail("goes on");
    });
    queue.putNowait(item);
    cancelled.cancel();
    yield* sleep(0);
    assert.equal(cancelled.cancelled(), true);
  }

  it("goes to the next one who waits", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield* queue.get();
      });
      const next = queue.get();
      queue.putNowait("a");
      cancelled.cancel();
      assert.equal(yield* withTimeout(5, next), "a");
    });
    assert.equal(queue.size, 0);
  });

  it("goes on by next(), too", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      yield* handAndCancel(queue, "a", () => queue.next());
    });
    assert.equal(queue.getNowait(), "a");
  });

  it("does not bring the end of a closed queue back as an item", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield* queue.next();
      });
      queue.close();
      cancelled.cancel();
      yield* sleep(0);
    });
    assert.equal(queue.size, 0);
  });

  it("is the first to leave when nobody waits", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    const queues = [queue, new LifoQueue<number>(), new PriorityQueue<number>({ compare: (a, b) => a - b })];
    for (const each of queues) {
      sim.loop.runSync(function* () {
        const cancelled = call(function* () {
          yield* each.get();
        });
        each.putNowait(5);
        each.putNowait(1);
        each.putNowait(9);
        cancelled.cancel();
        yield* sleep(0);
      });
      assert.equal(each.getNowait(), 5);
      assert.equal(each.size, 2);
    }
  });

  it("keeps its order among several", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>();
    sim.loop.runSync(function* () {
      const taker = coroutine(function* taker() {
        yield* queue.get();
      });
      const cancelled = [taker(), taker()];
      for (const item of [1, 2, 3]) queue.putNowait(item);
      for (const each of cancelled) each.cancel();
      yield* sleep(0);
    });
    assert.deepEqual([queue.getNowait(), queue.getNowait(), queue.getNowait()], [1, 2, 3]);
  });

  it("may fill the queue beyond maxSize, and then no putter is let in for it", (t) => {
    const sim = simulation(t);
    const queue = new Queue<number>({ maxSize: 1 });
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield* queue.get();
      });
      queue.putNowait(1);
      queue.putNowait(2);
      const putter = queue.put(3);
      cancelled.cancel();
      yield* sleep(0);
      assert.equal(queue.size, 2);
      assert.equal(queue.getNowait(), 1);
      assert.equal(putter.done(), false);
      assert.equal(queue.getNowait(), 2);
      assert.equal(putter.done(), true);
    });
  });

  it("stays unfinished, so that join() waits for who gets it", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      yield* handAndCancel(queue, "a");
      assert.equal(queue.join().done(), false);
      queue.getNowait();
      queue.taskDone();
      assert.equal(queue.join().done(), true);
    });
  });

  it("can be got from a queue that was closed meanwhile", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const cancelled = call(function* () {
        yield* queue.get();
      });
      queue.putNowait("a");
      queue.close();
      cancelled.cancel();
      yield* sleep(0);
    });
    assert.equal(queue.getNowait(), "a");
  });
});

describe("a limit around a wait", () => {
  it("takes the getter out of the line, so that the next item is not lost", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const late = withTimeout(5, queue.get());
      yield* sleep(5);
      assert.ok(late.error() instanceof TimeoutError);
      assert.equal(queue.statistics().getters, 0);
      queue.putNowait("a");
      assert.equal(queue.getNowait(), "a");
    });
  });

  it("gives an item back that a member of a list has, when it passes before the others are there", (t) => {
    const sim = simulation(t);
    const queue = new Queue<string>();
    sim.loop.runSync(function* () {
      const late = withTimeout(5, [queue.get(), sleep(1000)]);
      yield* sleep(1);
      queue.putNowait("a");
      assert.equal(queue.size, 0);
      yield* sleep(4);
      assert.ok(late.error() instanceof TimeoutError);
      assert.equal(queue.getNowait(), "a");
    });
    assert.equal(sim.loop.time(), 5);
  });
});

describe("a loser of race()", () => {
  it("takes no item with it when it lost", (t) => {
    const sim = simulation(t);
    const [left, right] = [new Queue<string>(), new Queue<string>()];
    sim.loop.runSync(function* () {
      const first = race([left.get(), right.get()]);
      right.putNowait("right");
      left.putNowait("left");
      assert.equal(yield* first, "right");
    });
    assert.equal(left.getNowait(), "left");
  });
});

describe("an async function that waits", () => {
  it("receives the item, though the coroutine that awaits it is cancelled", async () => {
    const queue = new Queue<string>();
    const taker = async (): Promise<string> => await queue.get();
    const taken = taker();
    const cancelled = call(function* () {
      yield* until(taken);
    });
    queue.putNowait("a");
    cancelled.cancel();
    assert.equal(await taken, "a");
    assert.equal(queue.size, 0);
  });
});
