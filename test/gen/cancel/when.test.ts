/** When a cancel may come, and what its answer means. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CancelledError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import { type Coroutine, call, coroutine, currentCoroutine, moment, sleep } from "../../../src/gen/index.ts";
import { simulated } from "../../../src/testing/index.ts";
import { cancelOf, worker } from "./support.ts";

describe("a cancel before the first step", () => {
  it(
    "by a signal keeps the function from being called",
    simulated(function* () {
      const events: unknown[] = [];
      const controller = new AbortController();
      controller.abort("too late");
      const work = call({ signal: controller.signal }, worker, events, "work");
      assert.equal((yield* cancelOf(work)).reason, "too late");
      assert.deepEqual(events, []);
    }),
  );

  it(
    "of the owner ends at its wait a child that it still starts",
    simulated(function* () {
      const events: unknown[] = [];
      const work = call(function* () {
        currentCoroutine()?.cancel();
        yield worker(events, "child");
      });
      yield* cancelOf(work);
      assert.deepEqual(events, ["child cleans up", "child over"]);
    }),
  );
});

describe("a cancel of a coroutine that runs", () => {
  it(
    "by itself is thrown at its next wait",
    simulated(function* () {
      const events: string[] = [];
      const work = call(function* () {
        events.push(`${currentCoroutine()?.cancel()}`, "runs on");
        try {
          yield moment;
          events.push("not reached");
        } finally {
          events.push("finally");
        }
      });
      yield* cancelOf(work);
      assert.deepEqual(events, ["true", "runs on", "finally"]);
    }),
  );

  it(
    "by a child that it starts is thrown at its next wait",
    simulated(function* () {
      const events: string[] = [];
      const work: Coroutine<void> = call(function* (): Generator<unknown, void, unknown> {
        const self = currentCoroutine() as Coroutine<unknown>;
        yield call(() => self.cancel("by the child"));
        events.push("the child has ended");
        yield* sleep(1);
        events.push("not reached");
      });
      assert.equal((yield* cancelOf(work)).reason, "by the child");
      assert.deepEqual(events, []);
    }),
  );

  it(
    "by itself comes to nothing when it ends without another wait",
    simulated(function* () {
      const work = call(function* (): Generator<unknown, string, unknown> {
        yield* sleep(1);
        currentCoroutine()?.cancel();
        return "done all the same";
      });
      assert.equal(yield* work, "done all the same");
    }),
  );

  it(
    "by itself ends a child whose Future it returns",
    simulated(function* () {
      const events: unknown[] = [];
      const work = call(function* (): Generator<unknown, unknown, unknown> {
        currentCoroutine()?.cancel();
        return worker(events, "child");
      });
      yield* cancelOf(work);
      assert.deepEqual(events, ["child cleans up", "child over"]);
    }),
  );
});

describe("a cancel of a coroutine that is about to go on", () => {
  it(
    "comes in place of the result that it has not received yet",
    simulated(function* () {
      const events: unknown[] = [];
      const source = new Future<string>();
      const work = call(function* () {
        events.push(yield source);
      });
      source.setResult("there");
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, []);
    }),
  );

  it(
    "comes after a result that it has received",
    simulated(function* () {
      const events: unknown[] = [];
      const source = new Future<string>();
      const work = call(function* () {
        events.push(yield source);
        yield* sleep(100);
      });
      source.setResult("there");
      yield moment;
      work.cancel();
      yield* cancelOf(work);
      assert.deepEqual(events, ["there"]);
    }),
  );

  it(
    "may come in the turn in which it would have ended",
    simulated(function* () {
      const work = worker([], "work", 10);
      yield* sleep(10);
      assert.equal(work.done(), true);
      assert.equal(work.cancel(), false);
      assert.equal(yield* work, "work");
    }),
  );
});

describe("the answer of cancel()", () => {
  it(
    "is false for one that has a result, which stays",
    simulated(function* () {
      const work = call(() => 7);
      assert.equal(work.cancel(), false);
      assert.deepEqual([work.cancelled(), yield* work], [false, 7]);
    }),
  );

  it(
    "is false for one that has failed, and the failure stays",
    simulated(function* () {
      const failure = new Error("on purpose");
      const work = call(() => {
        throw failure;
      });
      assert.equal(work.cancel(), false);
      assert.equal(work.error(), failure);
      yield moment;
    }),
  );

  it(
    "is false for one that was cancelled and has ended",
    simulated(function* () {
      const work = worker([], "work");
      work.cancel("first");
      yield* cancelOf(work);
      assert.equal(work.cancel("second"), false);
      assert.equal((work.error() as CancelledError).reason, "first");
    }),
  );

  it(
    "comes before anything of the cancelled coroutine runs",
    simulated(function* () {
      const events: unknown[] = [];
      const work = worker(events, "work");
      work.cancel();
      events.push("cancel() has returned");
      assert.equal(work.done(), false);
      yield* cancelOf(work);
      assert.deepEqual(events, ["cancel() has returned", "work cleans up", "work over"]);
    }),
  );
});

describe("several cancels in one turn", () => {
  it(
    "are delivered in the order in which they were asked for",
    simulated(function* () {
      const events: string[] = [];
      const wait = coroutine(function* (name: string) {
        try {
          yield new Future<void>();
        } finally {
          events.push(name);
        }
      });
      const works = [wait("a"), wait("b"), wait("c")] as const;
      works[2].cancel();
      works[0].cancel();
      works[1].cancel();
      for (const work of works) yield* cancelOf(work);
      assert.deepEqual(events, ["c", "a", "b"]);
    }),
  );
});
