/** Random programs, each made by its seed: whatever is cancelled or late, nothing is lost and nothing doubled. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { CancelledError, TimeoutError } from "../../src/base/index.ts";
import type { Future } from "../../src/future/index.ts";
import { type Coroutine, call, race, sleep, withTimeout } from "../../src/gen/index.ts";
import {
  BoundedSemaphore,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  type Release,
} from "../../src/sync/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";
import { Random } from "./random.ts";

const SEEDS = 150;
const WORKERS = 8;
const STEPS = 6;

/** A wait for `ask()`'s result, by a way that the random numbers choose. */
function* waitSomehow<T>(random: Random, ask: (timeoutMs?: number) => Future<T>) {
  switch (random.below(5)) {
    case 0:
      return yield* ask(random.below(4));
    case 1:
      return yield* withTimeout(random.below(4), ask());
    case 2:
      return ((yield [ask(), sleep(random.below(3))]) as [T])[0];
    case 3: {
      const first = yield* race({ asked: ask(), limit: sleep(random.below(4)) });
      if (first.key === "asked") return first.value;
      throw new TimeoutError("the race was lost", 0);
    }
    default:
      return yield* ask();
  }
}

/** Run workers that now and then cancel each other, and at last cancel those that still wait. */
function runWorkers(
  { loop }: Simulation,
  random: Random,
  work: (index: number) => Generator<unknown, void, unknown>,
): void {
  loop.runSync(function* () {
    const workers: Coroutine<void>[] = [];
    for (let i = 0; i < WORKERS; i++) {
      const worker = call(function* () {
        for (let step = 0; step < STEPS; step++) {
          if (random.below(2) === 0) yield* sleep(random.below(3));
          try {
            yield* work(i);
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
          }
          // In the same step as what was handed over, so before the other one takes it.
          if (random.below(6) === 0) random.pick(workers)?.cancel();
        }
      });
      workers.push(worker);
    }
    yield* sleep(100);
    for (const worker of workers) worker.cancel();
    for (const worker of workers) {
      try {
        yield* worker;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
      }
    }
  });
}

function forEachSeed(t: TestContext, check: (sim: Simulation, random: Random) => void): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      check(simulation(t), new Random(seed));
    } catch (cause) {
      throw new Error(`The program of seed ${seed} went wrong`, { cause });
    }
  }
}

describe("a queue under random programs", () => {
  const queues: Record<string, (maxSize: number) => Queue<number>> = {
    Queue: (maxSize) => new Queue<number>({ maxSize }),
    LifoQueue: (maxSize) => new LifoQueue<number>({ maxSize }),
    PriorityQueue: (maxSize) => new PriorityQueue<number>({ maxSize, compare: (a, b) => (a % 5) - (b % 5) }),
  };
  for (const [name, make] of Object.entries(queues)) {
    it(`gives each item of a ${name} out once, or keeps it`, (t) => {
      forEachSeed(t, (sim, random) => {
        const queue = make(random.below(4));
        const puts: Future<void>[] = [];
        const got: number[] = [];
        runWorkers(sim, random, function* () {
          if (random.below(2) === 0) {
            yield* waitSomehow(random, (timeoutMs) => {
              const put = queue.put(puts.length, { timeoutMs });
              puts.push(put);
              return put;
            });
          } else if (random.below(3) === 0) {
            const step = yield* waitSomehow(random, () => queue.next());
            if (!step.done) got.push(step.value);
          } else got.push(yield* waitSomehow(random, (timeoutMs) => queue.get({ timeoutMs })));
        });
        const { putters, getters, unfinished } = queue.statistics();
        assert.deepEqual({ putters, getters }, { putters: 0, getters: 0 });
        while (!queue.isEmpty()) got.push(queue.getNowait());
        const accepted = [...puts.keys()].filter((item) => puts[item]?.error() === undefined);
        assert.deepEqual(
          got.toSorted((a, b) => a - b),
          accepted,
        );
        assert.equal(unfinished, accepted.length);
      });
    });
  }
});

describe("permits under random programs", () => {
  it("never lets more in than a semaphore has permits, and has all of them at the end", (t) => {
    forEachSeed(t, (sim, random) => {
      const value = 1 + random.below(3);
      const semaphore = new BoundedSemaphore(value);
      checkPermits(sim, random, value, (timeoutMs) => semaphore.acquire({ timeoutMs }));
      assert.deepEqual(semaphore.statistics(), { free: value, waiting: 0 });
    });
  });

  it("never lets more than one hold a lock, and leaves it free at the end", (t) => {
    forEachSeed(t, (sim, random) => {
      const lock = new Lock();
      checkPermits(sim, random, 1, (timeoutMs) => lock.acquire({ timeoutMs }));
      assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
    });
  });
});

function checkPermits(
  sim: Simulation,
  random: Random,
  value: number,
  acquire: (timeoutMs?: number) => Future<Release>,
): void {
  let held = 0;
  runWorkers(sim, random, function* () {
    const release = yield* waitSomehow(random, acquire);
    try {
      held++;
      assert.ok(held <= value, `${held} hold one of ${value} permits`);
      yield* sleep(random.below(3));
    } finally {
      held--;
      release();
    }
  });
}
