/** Coroutines whose body is no generator, and those that return something to be waited for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import { call, coroutine, race, signal, sleep, until, withTimeout } from "../../../src/gen/index.ts";
import { IOLoop } from "../../../src/loop/index.ts";
import { realTime, simulated } from "../../../src/testing/index.ts";
import { cancelOf, worker } from "./support.ts";

describe("a returned Future", () => {
  it(
    "of a child is cancelled, and its clean-up waited for",
    simulated(function* (loop) {
      const events: unknown[] = [];
      const work = call(function* () {
        yield* sleep(1);
        return worker(events, "child", 1000, 20);
      });
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual([events, loop.time()], [["child cleans up", "child over"], 30]);
    }),
  );

  it(
    "of a child of a child is cancelled",
    simulated(function* () {
      const events: unknown[] = [];
      const work = call(() => call(() => worker(events, "child")));
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, ["child cleans up", "child over"]);
    }),
  );

  it(
    "of somebody else is left alone",
    simulated(function* (loop) {
      const other = worker([], "other", 20);
      const work = call(() => other);
      yield* sleep(10);
      work.cancel();
      yield* cancelOf(work);
      assert.equal(loop.time(), 10);
      assert.equal(yield* other, "other");
    }),
  );

  it(
    "of a limit is cancelled, and its timer goes",
    simulated(function* (loop) {
      yield* sleep(1);
      const { timers } = loop.statistics();
      const work = call(() => withTimeout(500, sleep(1000)));
      work.cancel();
      yield* cancelOf(work);
      assert.equal(loop.statistics().timers, timers);
    }),
  );
});

describe("an async function as a body", () => {
  it(
    "is let go at once by a cancel, because nothing can stop it",
    realTime(function* () {
      let finish: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const events: string[] = [];
      const work = coroutine(async () => {
        await gate;
        events.push("ran on");
      })();
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, []);
      finish();
      yield* until(gate);
      yield* until(Promise.resolve());
      assert.deepEqual(events, ["ran on"]);
    }),
  );

  it(
    "hears of the cancel by its signal, which it may pass on",
    realTime(function* () {
      const work = coroutine(async () => {
        const given = signal();
        await new Promise((_resolve, reject) => {
          given.addEventListener("abort", () => reject(given.reason));
        });
      })();
      work.cancel("of the coroutine");
      assert.equal((yield* cancelOf(work)).reason, "of the coroutine");
    }),
  );

  it(
    "gets the cancel of a coroutine that it awaits as a rejection",
    realTime(function* () {
      const child = worker([], "child");
      const work = call(async () => {
        try {
          await child;
        } catch (error) {
          return error;
        }
        return undefined;
      });
      child.cancel("of the child");
      const error = yield* work;
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "of the child");
    }),
  );
});

describe("a promise that rejects after its waiter was cancelled", () => {
  const waits: { readonly [name: string]: (promise: Promise<void>) => unknown } = {
    "by a yield": (promise) => promise,
    "by until": (promise) => until(promise),
    "in a list": (promise) => [promise, sleep(1000)],
    "in a race": (promise) => race([promise, sleep(1000)]),
    "behind a limit": (promise) => withTimeout(1000, promise),
    "as a thenable": (promise) => ({
      then: (...args: Parameters<typeof promise.then>) => void promise.then(...args),
    }),
    "as a body": (promise) => call(async () => await promise),
  };
  for (const [how, wait] of Object.entries(waits)) {
    it(`${how} is no lost error, also when its loop is closed`, async () => {
      const reports: string[] = [];
      const loop = new IOLoop();
      loop.onReport(({ text }) => reports.push(text));
      await loop.run(function* () {
        let reject: (error: unknown) => void = () => {};
        const promise = new Promise<void>((_resolve, fail) => {
          reject = fail;
        });
        const work = call(function* () {
          yield wait(promise);
        });
        work.cancel();
        yield* cancelOf(work);
        reject(new Error("too late"));
        yield new Promise<void>((resolve) => setImmediate(resolve));
      });
      loop.close();
      assert.deepEqual(reports, []);
    });
  }
});

describe("a plain function as a body", () => {
  it(
    "that returns a pending Future is ended by a cancel, and the Future left alone",
    simulated(function* () {
      const pending = new Future<string>();
      const work = call(() => pending);
      work.cancel();
      yield* cancelOf(work);
      assert.equal(pending.done(), false);
      pending.setResult("later");
    }),
  );
});
