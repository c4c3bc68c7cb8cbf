import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, formatWaitingTree, waitingTree, withoutOwner } from "../../src/gen/index.ts";
import {
  BoundedSemaphore,
  Condition,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RateLimiter,
  Semaphore,
} from "../../src/sync/index.ts";
import { simulation } from "../gen/simulation.ts";

const compare = (a: number, b: number): number => a - b;

/** `things` after something was done to each. */
function after<T>(thing: T, fn: (thing: T) => unknown): T {
  fn(thing);
  return thing;
}

const full = { maxSize: 1, name: "jobs" };
const put = (queue: Queue<number>): void => queue.putNowait(1);

/** Waits by the words for them, with a name and without. */
const waits: Readonly<Record<string, () => unknown>> = {
  "lock A, held by waiter #n": () => after(new Lock({ name: "A" }), (lock) => lock.acquire()).acquire(),
  "a lock, held by waiter #n": () => after(new Lock(), (lock) => lock.acquire()).acquire(),
  "lock B": () => withoutOwner(() => after(new Lock({ name: "B" }), (lock) => lock.acquire())).acquire(),
  "a permit of semaphore db": () => new Semaphore(0, { name: "db" }).acquire(),
  "a permit of semaphore pool": () => new BoundedSemaphore(0, { name: "pool" }).acquire(),
  "a semaphore's permit": () => new Semaphore(0).acquire(),
  "event ready": () => new Event({ name: "ready" }).wait(),
  "an event": () => new Event().wait(),
  "condition room": () => new Condition({ name: "room" }).wait(),
  "a condition": () => new Condition().wait(),
  "an item of queue jobs": () => new Queue({ name: "jobs" }).get(),
  "an item of queue steps": () => new LifoQueue({ name: "steps" }).next(),
  "an item of queue ranks": () => new PriorityQueue({ name: "ranks", compare }).get(),
  "an item of a queue": () => new Queue().get(),
  "a place in queue jobs": () => after(new Queue<number>(full), put).put(2),
  "a place in a queue": () => after(new Queue<number>({ maxSize: 1 }), put).put(2),
  "queue jobs's items to be done": () => after(new Queue<number>(full), put).join(),
  "a queue's items to be done": () => after(new Queue<number>(), put).join(),
  "a permit of rate limiter api": () => spent({ name: "api" }).acquire(),
  "2 permits of rate limiter api": () => spent({ name: "api" }).acquire(2),
  "a rate limiter's permit": () => spent({}).acquire(),
};

function spent(options: { readonly name?: string }): RateLimiter {
  return after(new RateLimiter({ ratePerSecond: 1, burst: 2, ...options }), (limiter) => limiter.acquire(2));
}

describe("the name of", () => {
  for (const [words, wait] of Object.entries(waits)) {
    it(`what is waited for is told: "${words}"`, (t) => {
      const sim = simulation(t);
      let tree = "";
      sim.loop.addCallback(() => {
        coroutine(function* waiter() {
          yield wait();
        })();
        tree = formatWaitingTree(waitingTree(sim.loop));
      });
      sim.loop.start();
      sim.close();
      sim.takeReports();
      const told = tree.replace(/^waiter #\d+ waits for | at \S+:\d+:\d+$/g, "");
      assert.equal(told.replace(/#\d+/, "#n"), words);
    });
  }

  for (const [what, make] of [
    ["a lock", (options: object) => new Lock(options)],
    ["a semaphore", (options: object) => new Semaphore(1, options)],
    ["a semaphore", (options: object) => new BoundedSemaphore(1, options)],
    ["an event", (options: object) => new Event(options)],
    ["a condition", (options: object) => new Condition(options)],
    ["a queue", (options: object) => new Queue(options)],
    ["a queue", (options: object) => new LifoQueue(options)],
    ["a rate limiter", (options: object) => new RateLimiter({ ratePerSecond: 1, ...options })],
  ] as const) {
    it(`${what} is a string`, () => {
      const message = `Cannot make ${what}: its name is 7, a string is wanted`;
      assert.throws(() => make({ name: 7 }), { name: "TypeError", message });
    });
  }

  it("a thing is an option of it, not the first argument", () => {
    const message = 'Cannot make an event: the options are "ready", such as { name: "a" } are wanted';
    assert.throws(() => new Event("ready" as never), { name: "TypeError", message });
    assert.throws(() => new Semaphore(1, null as never), { name: "TypeError" });
  });
});
