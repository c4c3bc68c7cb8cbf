/** A cancel stops what belongs to who is cancelled, whoever else waits for it, and leaves alone all that does not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadYieldError, type CancelledError } from "../../../src/base/index.ts";
import { chainFuture, Future } from "../../../src/future/index.ts";
import { all, type Coroutine, call, detach, sleep } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { errorOf } from "../outcomes.ts";
import { cancelOf, worker } from "./support.ts";

/** A coroutine that only waits for `source`. */
function waiterFor<T>(source: Future<T>): Coroutine<T> {
  return call(function* (): Generator<unknown, T, unknown> {
    return yield* source;
  });
}

describe("a coroutine that several wait for", () => {
  it(
    "ends all of their waits when it is cancelled itself, after its clean-up",
    simulated(function* (loop) {
      const shared = worker([], "shared", 1000, 20);
      const waiters = [waiterFor(shared), waiterFor(shared)] as const;
      shared.cancel("of the shared one");
      for (const waiter of waiters) assert.equal((yield* cancelOf(waiter)).reason, "of the shared one");
      assert.equal(loop.time(), 20);
    }),
  );

  it(
    "goes on when one of them is cancelled, and the others get its result",
    simulated(function* (loop) {
      const shared = worker([], "shared", 20);
      const cancelled = waiterFor(shared);
      const other = waiterFor(shared);
      yield* sleep(10);
      cancelled.cancel();
      yield* cancelOf(cancelled);
      assert.equal(loop.time(), 10);
      assert.equal(yield* other, "shared");
    }),
  );

  it(
    "goes on when all of them are cancelled",
    simulated(function* () {
      const shared = worker([], "shared", 20);
      const waiters = [waiterFor(shared), waiterFor(shared)] as const;
      for (const waiter of waiters) waiter.cancel();
      for (const waiter of waiters) yield* cancelOf(waiter);
      assert.equal(yield* shared, "shared");
    }),
  );

  it(
    "is stopped by the cancel of its owner also when somebody else waits for it",
    simulated(function* () {
      let child: Coroutine<string> | undefined;
      const owner = call(function* () {
        child = worker([], "child", 1000, 20);
        yield child;
      });
      const other = waiterFor(child as Coroutine<string>);
      owner.cancel("of the owner");
      assert.equal((yield* cancelOf(other)).reason, "of the owner");
      yield* cancelOf(owner);
    }),
  );

  it(
    "goes on when its owner is cancelled that waits for something else, as somebody waits for it",
    simulated(function* () {
      let child: Coroutine<string> | undefined;
      const owner = call(function* () {
        child = worker([], "child", 20);
        yield* sleep(1000);
      });
      const other = waiterFor(child as Coroutine<string>);
      yield* sleep(10);
      owner.cancel();
      yield* cancelOf(owner);
      assert.equal(yield* other, "child");
    }),
  );

  it(
    "goes on when it was detached from who waits for it and is cancelled",
    simulated(function* () {
      let child: Coroutine<string> | undefined;
      const owner = call(function* () {
        child = detach(worker([], "child", 20), "is used by others");
        yield child;
      });
      yield* sleep(10);
      owner.cancel();
      yield* cancelOf(owner);
      assert.equal(yield* child as Coroutine<string>, "child");
    }),
  );
});

describe("a list that several wait for", () => {
  it(
    "is not hurt by the cancel of one that did not make it",
    simulated(function* () {
      const list = all([worker([], "a", 20), worker([], "b", 10)]);
      const waiter = waiterFor(list);
      waiter.cancel();
      yield* cancelOf(waiter);
      assert.deepEqual(yield* list, ["a", "b"]);
    }),
  );

  it(
    "stops with the cancel of the one that made it, the others' members go on",
    simulated(function* () {
      const foreign = worker([], "foreign", 20);
      let list: Future<unknown> | undefined;
      const maker = call(function* () {
        list = all([foreign, worker([], "own")]);
        yield list;
      });
      const waiter = waiterFor(list as Future<unknown>);
      maker.cancel();
      yield* cancelOf(maker);
      yield* cancelOf(waiter);
      assert.equal(yield* foreign, "foreign");
    }),
  );
});

describe("coroutines that wait for each other", () => {
  it(
    "over a Future that nobody can see through are both ended by a cancel of one",
    simulated(function* () {
      const events: string[] = [];
      const link = new Future<unknown>();
      const first = call(function* first() {
        try {
          yield link;
        } finally {
          events.push("first");
        }
      });
      const second = call(function* second() {
        try {
          yield first;
        } finally {
          events.push("second");
        }
      });
      chainFuture(second, link);
      first.cancel("cut");
      for (const work of [first, second]) assert.equal((yield* cancelOf(work)).reason, "cut");
      assert.deepEqual(events, ["first", "second"]);
    }),
  );

  it(
    "cannot be made by a clean-up: it gets an error, which is kept on the cancel",
    simulated(function* () {
      const owner: Coroutine<void> = call(function* outer(): Generator<unknown, void, unknown> {
        yield call(function* inner() {
          try {
            yield* sleep(1000);
          } finally {
            yield owner;
          }
        });
      });
      yield* sleep(1);
      owner.cancel();
      const [error] = (yield* cancelOf(owner)).suppressed;
      assert.ok(error instanceof BadYieldError);
      assert.match(error.message, /would wait for itself/);
    }),
  );

  it(
    "may cancel each other in their clean-ups",
    simulated(function* () {
      const events: string[] = [];
      let child: Coroutine<unknown> | undefined;
      const owner: Coroutine<void> = call(function* outer(): Generator<unknown, void, unknown> {
        child = call(function* inner() {
          try {
            yield* sleep(1000);
          } finally {
            events.push(`owner ${owner.cancel()}`);
            yield* sleep(1);
          }
        });
        try {
          yield child;
        } finally {
          events.push(`child ${child.cancel()}`);
        }
      });
      yield* sleep(1);
      owner.cancel();
      yield* cancelOf(owner);
      assert.deepEqual(events, ["owner true", "child false"]);
    }),
  );
});

describe("somebody else's cancel, met in a wait,", () => {
  it(
    "can be caught there like any error",
    simulated(function* () {
      const work = worker([], "work");
      const waiter = call(function* (): Generator<unknown, string, unknown> {
        const error = (yield* errorOf(work)) as CancelledError;
        yield* sleep(1);
        return `went on without: ${error.reason}`;
      });
      work.cancel("not needed");
      assert.equal(yield* waiter, "went on without: not needed");
    }),
  );

  it(
    "leaves the waiter open to a cancel of its own",
    simulated(function* (loop) {
      const work = worker([], "work");
      const waiter = call(function* () {
        yield* errorOf(work);
        yield* sleep(1000);
      });
      work.cancel("of the work");
      yield* sleep(10);
      waiter.cancel("its own");
      assert.equal((yield* cancelOf(waiter)).reason, "its own");
      assert.equal(loop.time(), 10);
    }),
  );
});
