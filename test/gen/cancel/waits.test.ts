/** A cancel ends every kind of wait at once, and leaves nothing behind: no timer, no place in a line, no listener. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../../src/future/index.ts";
import {
  all,
  allSettled,
  any,
  Callback,
  call,
  Multi,
  moment,
  race,
  scope,
  sleep,
  Task,
  until,
  Wait,
  WaitAll,
  WaitIterator,
  withTimeout,
  YieldFuture,
} from "../../../src/gen/index.ts";
import { Condition, Event, Lock, Queue, Semaphore } from "../../../src/sync/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { cancelOf } from "./support.ts";

interface WaitCase {
  /** What the coroutine that is cancelled waits for. */
  readonly wait: () => unknown;
  /** Run by it before, for what is waited for by a key. */
  readonly before?: () => Generator<unknown, void, unknown>;
  /** The state of what is waited for, the same before the wait and after the cancel. */
  readonly state?: () => unknown;
}

const never = (): Future<void> => new Future<void>();
const ignore = (_callback: (result: unknown) => void): void => {};

function* register(...keys: string[]): Generator<unknown, void, unknown> {
  for (const key of keys) yield new Callback(key);
}

function heldLock(): Lock {
  const lock = new Lock();
  lock.acquire();
  return lock;
}

function filledQueue(): Queue<string> {
  const queue = new Queue<string>({ maxSize: 1 });
  queue.putNowait("inside");
  return queue;
}

/** A wait by `use` of something that tells by `statistics()` who waits. */
function on<P extends { statistics(): unknown }>(primitive: P, use: (primitive: P) => unknown): WaitCase {
  return { wait: () => use(primitive), state: () => primitive.statistics() };
}

const cases: { readonly [name: string]: () => WaitCase } = {
  "a sleep": () => ({ wait: () => sleep(1000) }),
  "a Future": () => ({ wait: never }),
  "a promise": () => ({ wait: () => new Promise(() => {}) }),
  "a thenable": () => ({ wait: () => ({ then: ignore }) }),
  "until a promise": () => ({ wait: () => until(new Promise(() => {})) }),
  "a child": () => ({ wait: () => call(() => sleep(1000)) }),
  "a generator object": () => ({
    wait: function* helper() {
      yield sleep(1000);
    },
  }),
  "an array": () => ({ wait: () => [sleep(1000), never(), call(() => sleep(500))] }),
  "a record": () => ({ wait: () => ({ a: sleep(1000), b: { c: call(() => sleep(500)), d: never() } }) }),
  "a Multi": () => ({ wait: () => new Multi([sleep(1000), sleep(500)]) }),
  "all with failFast": () => ({ wait: () => all([sleep(1000), never()], { failFast: true }) }),
  allSettled: () => ({ wait: () => allSettled([sleep(1000), call(() => sleep(500))]) }),
  "a race": () => ({ wait: () => race({ a: sleep(1000), b: call(() => sleep(500)), c: never() }) }),
  any: () => ({ wait: () => any([sleep(1000), call(() => sleep(500))]) }),
  "a limit around a child": () => ({
    wait: () =>
      withTimeout(
        500,
        call(() => sleep(1000)),
      ),
  }),
  "a limit around a Future": () => ({ wait: () => withTimeout(500, never()) }),
  "a limit around a race of limits": () => ({
    wait: () => withTimeout(500, race([withTimeout(400, sleep(1000)), withTimeout(300, [sleep(1000)])])),
  }),
  "a scope": () => ({
    wait: () =>
      scope(function* (group) {
        group.start(() => sleep(500));
        yield* sleep(1000);
      }),
  }),
  "a Task": () => ({ wait: () => new Task(ignore) }),
  "a Wait": () => ({ before: () => register("key"), wait: () => new Wait("key") }),
  "a WaitAll": () => ({ before: () => register("a", "b"), wait: () => new WaitAll(["a", "b"]) }),
  "a YieldFuture": () => ({ wait: () => new YieldFuture(sleep(1000)) }),
  "a WaitIterator": () => ({ wait: () => new WaitIterator(sleep(1000), sleep(500)).next() }),
  "a lock": () => on(heldLock(), (lock) => lock.acquire()),
  "a lock with a limit": () => on(heldLock(), (lock) => lock.acquire({ timeoutMs: 500 })),
  "the turn to run with a lock": () => on(heldLock(), (lock) => lock.run(() => sleep(1000))),
  "what runs with a lock": () => on(new Lock(), (lock) => lock.run(() => sleep(1000))),
  "a semaphore": () => on(new Semaphore(0), (semaphore) => semaphore.acquire({ timeoutMs: 500 })),
  "a condition": () => on(new Condition(), (condition) => condition.wait({ timeoutMs: 500 })),
  "an event": () => on(new Event(), (event) => event.wait({ timeoutMs: 500 })),
  "an item of a queue": () => on(new Queue<string>(), (queue) => queue.get({ timeoutMs: 500 })),
  "a step of a queue": () => on(new Queue<string>(), (queue) => queue.next()),
  "a place in a queue": () => on(filledQueue(), (queue) => queue.put("outside", { timeoutMs: 500 })),
  "the end of a queue's items": () => on(filledQueue(), (queue) => queue.join({ timeoutMs: 500 })),
  "a limit around a lock and an item": () => {
    const lock = heldLock();
    const queue = new Queue<string>();
    return {
      wait: () => withTimeout(500, { permit: lock.acquire(), item: queue.get() }),
      state: () => [lock.statistics(), queue.statistics()],
    };
  },
};

describe("a cancel of a coroutine that waits for", () => {
  for (const [name, make] of Object.entries(cases)) {
    it(
      `${name} ends the wait at once and leaves nothing behind`,
      simulated(function* (loop) {
        const { wait, before, state = () => undefined } = make();
        yield moment;
        const { timers } = loop.statistics();
        const stateBefore = state();
        const work = call(function* () {
          if (before !== undefined) yield* before();
          yield wait();
          assert.fail("it went on");
        });
        yield* sleep(10);
        work.cancel();
        yield* cancelOf(work);
        yield moment;
        const { timers: timersAfter, callbacks, ready } = loop.statistics();
        assert.deepEqual(
          { timers: timersAfter, callbacks, ready, state: state(), atMs: loop.time() },
          { timers, callbacks: 0, ready: 0, state: stateBefore, atMs: 10 },
        );
      }),
    );
  }

  it(
    "the next turn of the loop ends before that turn",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* () {
        try {
          yield moment;
        } finally {
          events.push("finally");
        }
      });
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, ["finally"]);
    }),
  );
});
