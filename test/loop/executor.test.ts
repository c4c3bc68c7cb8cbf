import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { threadId } from "node:worker_threads";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, coroutine, run, runOnExecutor, sleep } from "../../src/gen/index.ts";
import { type Executor, type ExecutorTask, IOLoop, WorkerPool } from "../../src/loop/index.ts";
import { simulation } from "../gen/simulation.ts";

const worker = new URL("./executor-worker.mjs", import.meta.url);

/** Answers when a test says so, and keeps what it was asked. */
class SlowExecutor implements Executor {
  readonly asked: { task: unknown; options: ExecutorTask }[] = [];
  readonly answer = new Future<string>();

  run(task: unknown, options: ExecutorTask): PromiseLike<unknown> {
    this.asked.push({ task, options });
    return this.answer;
  }
}

describe("runInExecutor()", () => {
  it("gives the Future of what the executor answers", (t) => {
    const { loop } = simulation(t);
    const executor = new SlowExecutor();
    loop.callLater(5, () => executor.answer.setResult("answer"));
    assert.equal(
      loop.runSync(function* () {
        return yield* loop.runInExecutor<string>(executor, [1, 2], { name: "add" });
      }),
      "answer",
    );
    assert.deepEqual(
      executor.asked.map(({ task, options: { name } }) => [task, name]),
      [[[1, 2], "add"]],
    );
  });

  it("puts what the executor throws into the Future", () => {
    const failure = new Error("cannot run");
    const executor: Executor = {
      run() {
        throw failure;
      },
    };
    assert.equal(IOLoop.current().runInExecutor(executor, 1).error(), failure);
  });

  it("aborts the work when the only one who waits is cancelled", (t) => {
    const { loop } = simulation(t);
    const executor = new SlowExecutor();
    loop.runSync(function* () {
      const work = call(function* () {
        yield loop.runInExecutor(executor, 1);
      });
      assert.equal(executor.asked[0]?.options.signal.aborted, false);
      work.cancel();
      try {
        yield work;
      } catch (error) {
        assert.ok(error instanceof CancelledError);
      }
      assert.equal(executor.asked[0]?.options.signal.aborted, true);
    });
  });

  it("lets the work go on for the others when one of those who wait is cancelled", (t) => {
    const { loop } = simulation(t);
    const executor = new SlowExecutor();
    const result = loop.runSync(function* () {
      const future = loop.runInExecutor<string>(executor, 1);
      const wait = coroutine(function* () {
        return yield* future;
      });
      const [first, second] = [wait(), wait()];
      first.cancel();
      loop.callLater(5, () => executor.answer.setResult("answer"));
      try {
        yield first;
      } catch {}
      return yield second;
    });
    assert.equal(result, "answer");
  });

  it("refuses what is no executor", () => {
    for (const executor of [undefined, null, {}, () => {}]) {
      assert.throws(() => IOLoop.current().runInExecutor(executor as never, 1), TypeError);
    }
  });
});

describe("WorkerPool", () => {
  it("runs the functions of its file in other threads", async () => {
    const pool = new WorkerPool(worker);
    const loop = IOLoop.current();
    await run(function* () {
      assert.equal(yield loop.runInExecutor(pool, [3, 4], { name: "add" }), 7);
      assert.equal(yield loop.runInExecutor(pool, "export"), "default of export");
      assert.notEqual(yield loop.runInExecutor(pool, [], { name: "where" }), threadId);
      yield pool.close();
    });
  });

  it("fails with what the function throws there", async () => {
    const pool = new WorkerPool(worker);
    await assert.rejects(
      run(function* () {
        try {
          yield IOLoop.current().runInExecutor(pool, ["too far"], { name: "fail" });
        } finally {
          yield pool.close();
        }
      }),
      /^RangeError: too far$/,
    );
  });

  it("ends a thread in the midst of its work when the work is cancelled", async () => {
    const pool = new WorkerPool(worker, { maxThreads: 1 });
    const shared = new Int32Array(new SharedArrayBuffer(8));
    await run(function* () {
      const spinning = IOLoop.current().runInExecutor(pool, shared, { name: "spin" });
      while (Atomics.load(shared, 0) === 0) yield sleep(1);
      spinning.cancel("enough");
      // The only thread is free again.
      assert.equal(yield IOLoop.current().runInExecutor(pool, [1, 2], { name: "add" }), 3);
      yield pool.close();
    });
  });

  it("can be closed before it was used, and twice", async () => {
    const pool = new WorkerPool(worker);
    await pool.close();
    await pool.close();
  });
});

describe("runOnExecutor()", () => {
  // FUT-020
  it("looks the executor up at each call, and settles on the loop", (t) => {
    const { loop, events } = simulation(t);
    class Images {
      executor = new SlowExecutor();
      readonly resize = runOnExecutor<[width: number, height: number], string>("resize");
    }
    const images = new Images();
    const second = new SlowExecutor();
    loop.runSync(function* () {
      const first = images.resize(3, 4);
      first.addDoneCallback(() => events.push(IOLoop.current() === loop));
      images.executor.answer.setResult("first");
      images.executor = second;
      second.answer.setResult("second");
      events.push(yield first);
      events.push(yield images.resize(5, 6));
      yield sleep(1);
    });
    assert.deepEqual(events, ["first", "second", true]);
    assert.deepEqual(
      second.asked.map(({ task, options: { name } }) => [task, name]),
      [[[5, 6], "resize"]],
    );
  });

  it("takes another property when it is told to, and says so when there is none", () => {
    const images = { resize: runOnExecutor("resize", { executor: "pool" }) };
    assert.throws(
      () => images.resize(),
      /Cannot run "resize": the property "pool" of an object of class Object is undefined/,
    );
    assert.equal(images.resize.name, "resize");
  });
});
