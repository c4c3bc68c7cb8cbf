import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, coroutine, runOnExecutor, sleep } from "../../src/gen/index.ts";
import { type Executor, type ExecutorTask, IOLoop } from "../../src/loop/index.ts";
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
      assert.throws(() => IOLoop.current().runInExecutor(executor as never, 1), {
        name: "TypeError",
        message: /^Cannot run in an executor: came .*, an Executor is wanted$/,
      });
    }
  });

  it("tells the executor what is handed over instead of copied", () => {
    const executor = new SlowExecutor();
    const buffer = new ArrayBuffer(8);
    IOLoop.current().runInExecutor(executor, buffer, { transferList: [buffer] });
    assert.deepEqual(executor.asked[0]?.options.transferList, [buffer]);
  });
});

describe("runInExecutor() with a module", () => {
  it("has the default executor run it", (t) => {
    const { loop } = simulation(t);
    const executor = new SlowExecutor();
    loop.setDefaultExecutor(executor);
    executor.answer.setResult("answer");
    const result = loop.runSync(function* () {
      const first = yield* loop.runInExecutor<string>(worker, 1, { name: "add" });
      const second = yield* loop.runInExecutor<string>("worker.js", 2);
      return [first, second];
    });
    assert.deepEqual(result, ["answer", "answer"]);
    assert.deepEqual(
      executor.asked.map(({ options: { filename, name } }) => [filename, name]),
      [
        [worker.href, "add"],
        ["worker.js", undefined],
      ],
    );
  });

  it("has threads of the loop's own run it, which end with the loop", async () => {
    const loop = new IOLoop();
    const sum = await loop.run(function* () {
      return yield* loop.runInExecutor<number>(worker, [3, 4], { name: "add" });
    });
    assert.equal(sum, 7);
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const spinning = loop.runInExecutor(worker, shared, { name: "spin" });
    while (Atomics.load(shared, 0) === 0) await wait(1);
    loop.close();
    await assert.rejects(spinning.then(), {
      name: "CancelledError",
      message: "The work was cancelled: its pool was closed",
    });
    let seen = -1;
    while (seen !== Atomics.load(shared, 1)) {
      seen = Atomics.load(shared, 1);
      await wait(20);
    }
  });

  it("has the loop's own threads run it again after the default executor was taken back", async () => {
    const loop = new IOLoop();
    loop.setDefaultExecutor(new SlowExecutor());
    loop.setDefaultExecutor(undefined);
    assert.equal(await loop.run(() => loop.runInExecutor(worker, [1, 1], { name: "add" })), 2);
    loop.close();
  });

  it("cannot be done by a loop that is closed", () => {
    const loop = new IOLoop();
    loop.close();
    assert.throws(() => loop.runInExecutor(worker, 1), {
      code: "GYRE_LOOP_STATE",
      message: "Cannot run in an executor: the loop is closed, make a new one",
    });
  });

  it("is not begun by a default executor that is none", () => {
    assert.throws(() => IOLoop.current().setDefaultExecutor({} as never), {
      name: "TypeError",
      message: "Cannot set the default executor: came an object of class Object, an Executor is wanted",
    });
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
