import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { CancelledError, InvalidStateError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, each, forEach, race, run, sleep } from "../../src/gen/index.ts";
import { Queue } from "../../src/sync/index.ts";
import { errorOf } from "./outcomes.ts";
import { isType } from "./same-type.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** Numbers from 1, one each 10 ms, whose iterator takes 5 ms to close and notes it. */
function numbers({ loop, events }: Simulation, last = Number.POSITIVE_INFINITY) {
  let n = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: (): Future<IteratorResult<number, undefined>> =>
        call(function* next() {
          yield* sleep(10);
          n++;
          return n > last ? { done: true, value: undefined } : { done: false, value: n };
        }),
      return: (): Future<void> =>
        call(function* close() {
          yield* sleep(5);
          events.push(`closed at ${loop.time()}`);
        }),
    }),
  };
}

function* give<T>(ms: number, value: T): Generator<unknown, T, unknown> {
  yield sleep(ms);
  return value;
}

describe("each()", () => {
  it("gives one item after the other, and the end ever after", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const items = each(numbers(sim, 2));
      for (let item = yield* items.next(); !item.done; item = yield* items.next())
        sim.events.push(isType<number>()(item.value) + sim.loop.time() / 100);
      assert.deepEqual(yield* items.next(), { done: true, value: undefined });
    });
    // An iterator that has ended is not closed.
    assert.deepEqual(sim.events, [1.1, 2.2]);
  });

  it("takes plain iterables without a wait, and waits for promises and Futures among them", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const items = each(new Set(["a", "b"]));
      assert.equal(items.next().done(), true);
      assert.deepEqual(yield* items.next(), { done: false, value: "b" });
      const futures = each([call(give, 5, "a"), call(give, 3, 7)]);
      const first = yield* futures.next();
      isType<string | number | undefined>()(first.value);
      assert.deepEqual([first.value, loop.time()], ["a", 5]);
      assert.equal((yield* futures.next()).value, 7);
    });
    assert.equal(loop.time(), 5);
  });

  it("closes the iterator when the coroutine leaves early, and waits for that", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const first = yield* call(function* first() {
        const items = each(numbers(sim));
        return (yield* items.next()).value;
      });
      sim.events.push(`got ${first} at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["closed at 15", "got 1 at 15"]);
  });

  it("closes the iterator when the coroutine fails", (t) => {
    const sim = simulation(t);
    const failure = new Error("on purpose");
    sim.loop.runSync(function* () {
      const work = call(function* () {
        yield* each(numbers(sim)).next();
        throw failure;
      });
      assert.equal(yield* errorOf(work), failure);
    });
    assert.deepEqual(sim.events, ["closed at 15"]);
  });

  it("closes the iterator when the coroutine is cancelled, also while it waits for an item", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const between = call(function* () {
        const items = each(numbers(sim));
        yield* items.next();
        yield* sleep(100);
      });
      yield* sleep(20);
      between.cancel();
      assert.ok((yield* errorOf(between)) instanceof CancelledError);
      assert.deepEqual(sim.events, ["closed at 25"]);
      const waiting = call(function* () {
        yield* each(numbers(sim)).next();
      });
      yield* sleep(5);
      waiting.cancel();
      assert.ok((yield* errorOf(waiting)) instanceof CancelledError);
      yield* sleep(10);
    });
    assert.deepEqual(sim.events, ["closed at 25", "closed at 35"]);
  });

  it("is closed by hand once, and gives the end from then on", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const items = each(numbers(sim));
      yield* items.next();
      yield* items.close();
      yield* items.close();
      assert.deepEqual(yield* items.next(), { done: true, value: undefined });
      sim.events.push(`on at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, ["closed at 15", "on at 15"]);
  });

  it("throws what the source throws, which is then over and not closed", (t) => {
    const { loop, events } = simulation(t);
    const failure = new Error("on purpose");
    loop.runSync(function* () {
      const source = {
        next: (): PromiseLike<IteratorResult<number>> => {
          const failed = new Future<IteratorResult<number>>();
          failed.setError(failure);
          return failed;
        },
        return: () => events.push("closed"),
      };
      const items = each(source);
      assert.equal(yield* errorOf(items.next()), failure);
      assert.equal((yield* items.next()).done, true);
      const throwing = each({
        next: (): PromiseLike<IteratorResult<number>> => {
          throw failure;
        },
      });
      assert.equal(yield* errorOf(throwing.next()), failure);
    });
    assert.deepEqual(events, []);
  });

  it("throws an item that fails, and goes on behind it", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("on purpose");
    loop.runSync(function* () {
      const failed = new Future<number>();
      failed.setError(failure);
      const items = each([failed, 2]);
      assert.equal(yield* errorOf(items.next()), failure);
      assert.deepEqual(yield* items.next(), { done: false, value: 2 });
    });
  });

  it("does not lose an item that a race did not wait for", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const asked: number[] = [];
      const items = each({
        next: (): PromiseLike<IteratorResult<number>> => {
          asked.push(loop.time());
          const later = new Future<IteratorResult<number>>();
          loop.callLater(10, () => later.setResult({ done: false, value: asked.length }));
          return later;
        },
      });
      const first = yield* race({ item: items.next(), limit: sleep(5) });
      assert.equal(first.key, "limit");
      assert.deepEqual(yield* items.next(), { done: false, value: 1 });
      assert.deepEqual(asked, [0]);
      // Both are there at the same time: the item that came second is put back.
      const both = yield* race({ limit: sleep(10), item: items.next() });
      assert.equal(both.key, "limit");
      assert.deepEqual(yield* items.next(), { done: false, value: 2 });
    });
  });

  it("refuses a second pull while somebody waits for the first", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const items = each(numbers(sim, 1));
      const waiter = call(function* () {
        return yield* items.next();
      });
      assert.throws(() => items.next(), InvalidStateError);
      yield* waiter;
      yield* items.next();
    });
  });

  it("takes the items of a queue until it is closed, in virtual time", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const queue = new Queue<string>();
      const consumer = forEach(queue, (item) => events.push(`${item} at ${loop.time()}`));
      yield* sleep(5);
      queue.putNowait("a");
      yield* sleep(5);
      queue.putNowait("b");
      queue.close();
      yield* consumer;
    });
    assert.deepEqual(events, ["a at 5", "b at 10"]);
  });

  it("destroys a stream that is left, also one that never gives the chunk that is waited for", async () => {
    await run(function* () {
      const endless = new Readable({
        read() {
          this.push("chunk");
        },
      });
      const silent = new Readable({ read() {} });
      const untouched = new Readable({ read() {} });
      yield call(function* () {
        assert.equal(String((yield* each(endless).next()).value), "chunk");
        each(untouched);
      });
      const waiter = call(function* () {
        yield* each(silent).next();
      });
      yield* sleep(0);
      waiter.cancel();
      assert.ok((yield* errorOf(waiter)) instanceof CancelledError);
      assert.deepEqual(
        [endless, silent, untouched].map(({ destroyed }) => destroyed),
        [true, true, true],
      );
    });
  });

  it("reads a stream to its end, and gives its error", async () => {
    await run(function* () {
      const chunks: string[] = [];
      yield forEach(Readable.from(["a", "b"]), (chunk) => {
        chunks.push(chunk);
      });
      assert.deepEqual(chunks, ["a", "b"]);
      const broken = new Readable({
        read() {
          this.destroy(new Error("broken"));
        },
      });
      const error = yield* errorOf(each(broken).next());
      assert.equal((error as Error).message, "broken");
    });
  });

  it("cancels a web stream that is left, and unlocks it", async () => {
    let cancelled = 0;
    const stream = new ReadableStream<number>(
      {
        pull: (controller) => controller.enqueue(1),
        cancel: () => {
          cancelled++;
        },
      },
      { highWaterMark: 0 },
    );
    await run(function* () {
      yield call(function* () {
        const item = yield* each(stream).next();
        assert.equal(isType<number | undefined>()(item.value), 1);
        assert.throws(() => each(stream), TypeError);
      });
    });
    assert.equal(cancelled, 1);
    assert.equal(stream.locked, false);
    const silent = new ReadableStream<number>();
    const work = run(function* () {
      yield race([forEach(silent, () => {}), sleep(0)]);
    });
    await work;
    assert.equal(silent.locked, false);
  });

  it("takes async generators, and closes them", async () => {
    const events: string[] = [];
    async function* count(): AsyncGenerator<number> {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        await null;
        events.push("closed");
      }
    }
    const sum = await run(function* () {
      let sum = 0;
      yield* forEach(count(), (n) => {
        sum += n;
        return n < 3;
      });
      events.push("on");
      return sum;
    });
    assert.equal(sum, 6);
    assert.deepEqual(events, ["closed", "on"]);
  });

  it("tells a generator that is in the midst of an item, and does not wait for it", async () => {
    const gate = new Future<void>();
    const events: string[] = [];
    async function* slow(): AsyncGenerator<number> {
      try {
        await gate;
        yield 1;
      } finally {
        events.push("closed");
      }
    }
    await run(function* () {
      const waiter = call(function* () {
        yield* each(slow()).next();
      });
      yield* sleep(0);
      waiter.cancel();
      assert.ok((yield* errorOf(waiter)) instanceof CancelledError);
      assert.deepEqual(events, []);
      gate.setResult();
      yield* sleep(0);
      assert.deepEqual(events, ["closed"]);
    });
  });

  it("refuses what gives no items", async () => {
    assert.throws(() => each(5 as never), TypeError);
    assert.throws(() => each(null as never), TypeError);
    await assert.rejects(
      run(() => each({ next: () => Promise.resolve(5) as never }).next()),
      TypeError,
    );
  });
});

describe("forEach()", () => {
  it("runs generator, async and plain functions, one item after the other", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield* forEach(["a", "b"], function* (item, index) {
        isType<string>()(item);
        yield* sleep(10);
        sim.events.push(`${index}${item} at ${sim.loop.time()}`);
      });
      yield* forEach(numbers(sim, 2), (n) => sim.events.push(n));
    });
    assert.deepEqual(sim.events, ["0a at 10", "1b at 20", 1, 2]);
  });

  it("ends for false, for a failure and for a cancel, and closes the source before it settles", (t) => {
    const sim = simulation(t);
    const failure = new Error("on purpose");
    sim.loop.runSync(function* () {
      yield* forEach(numbers(sim), () => false);
      sim.events.push(`false at ${sim.loop.time()}`);
      const failing = forEach(numbers(sim), () => {
        throw failure;
      });
      assert.equal(yield* errorOf(failing), failure);
      sim.events.push(`failed at ${sim.loop.time()}`);
      const cancelled = forEach(numbers(sim), function* () {
        yield* sleep(100);
      });
      yield* sleep(20);
      cancelled.cancel();
      assert.ok((yield* errorOf(cancelled)) instanceof CancelledError);
      sim.events.push(`cancelled at ${sim.loop.time()}`);
    });
    assert.deepEqual(sim.events, [
      "closed at 15",
      "false at 15",
      "closed at 30",
      "failed at 30",
      "closed at 55",
      "cancelled at 55",
    ]);
  });

  it("keeps what closing throws beside a failure", (t) => {
    const { loop } = simulation(t);
    const [failure, closing] = [new Error("item"), new Error("closing")];
    loop.runSync(function* () {
      const work = forEach(
        {
          *[Symbol.iterator]() {
            try {
              yield 1;
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: a source that fails when it is closed
              throw closing;
            }
          },
        },
        () => {
          throw failure;
        },
      );
      const error = yield* errorOf(work);
      assert.equal(error, failure);
      assert.deepEqual((error as { suppressed?: unknown }).suppressed, [closing]);
    });
  });

  it("refuses what is no function", () => {
    assert.throws(() => forEach([], 5 as never), TypeError);
  });
});
