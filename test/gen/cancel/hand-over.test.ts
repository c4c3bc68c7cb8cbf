/** What was given to a coroutine that is cancelled before it could take it goes to the next one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Future } from "../../../src/future/index.ts";
import { call, race, sleep, withTimeout } from "../../../src/gen/index.ts";
import { Condition, Lock, Queue, Semaphore } from "../../../src/sync/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { cancelOf } from "./support.ts";

type Wrapping = (source: Future<unknown>) => unknown;

const wrappings: { readonly [name: string]: Wrapping } = {
  "by itself": (source) => source,
  "behind a limit": (source) => withTimeout(500, source),
  "in a race": (source) => race([source, sleep(500)]),
  "in a list with something pending": (source) => [source, sleep(500)],
};

describe("a coroutine that is cancelled in the turn in which it is given", () => {
  for (const [how, wrap] of Object.entries(wrappings)) {
    it(
      `a lock, ${how}, leaves it free`,
      simulated(function* () {
        const lock = new Lock();
        const release = yield* lock.acquire();
        const work = call(function* () {
          yield wrap(lock.acquire());
        });
        release();
        work.cancel();
        yield* cancelOf(work);
        assert.deepEqual(lock.statistics(), { locked: false, waiting: 0, holder: undefined });
      }),
    );

    it(
      `a permit, ${how}, gives it back`,
      simulated(function* () {
        const semaphore = new Semaphore(0);
        const work = call(function* () {
          yield wrap(semaphore.acquire());
        });
        semaphore.release();
        work.cancel();
        yield* cancelOf(work);
        assert.deepEqual(semaphore.statistics(), { free: 1, waiting: 0 });
      }),
    );

    it(
      `an item, ${how}, leaves it in the queue`,
      simulated(function* () {
        const queue = new Queue<string>();
        const work = call(function* () {
          yield wrap(queue.get());
        });
        queue.putNowait("item");
        work.cancel();
        yield* cancelOf(work);
        assert.equal(queue.getNowait(), "item");
      }),
    );

    it(
      `a notification, ${how}, passes it on`,
      simulated(function* () {
        const condition = new Condition();
        const events: unknown[] = [];
        const work = call(function* () {
          yield wrap(condition.wait());
        });
        const other = call(function* () {
          events.push(yield* condition.wait());
        });
        condition.notify();
        work.cancel();
        yield* cancelOf(work);
        yield* other;
        assert.deepEqual(events, [true]);
      }),
    );
  }
});

describe("a coroutine that is cancelled while it holds", () => {
  it(
    "a lock of Lock.run releases it when its clean-up is over",
    simulated(function* (loop) {
      const lock = new Lock();
      const work = call(function* () {
        yield* lock.run(function* () {
          try {
            yield* sleep(1000);
          } finally {
            yield* sleep(20);
          }
        });
      });
      yield* sleep(10);
      work.cancel();
      yield* lock.acquire();
      assert.equal(loop.time(), 30);
      yield* cancelOf(work);
    }),
  );

  it(
    "a place that its item has got in a queue leaves the item there",
    simulated(function* () {
      const queue = new Queue<string>({ maxSize: 1 });
      queue.putNowait("first");
      const work = call(function* () {
        yield* queue.put("second");
      });
      queue.getNowait();
      work.cancel();
      yield* cancelOf(work);
      assert.equal(queue.getNowait(), "second");
    }),
  );
});
