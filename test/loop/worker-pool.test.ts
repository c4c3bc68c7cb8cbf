import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { threadId } from "node:worker_threads";
import { run, sleep } from "../../src/gen/index.ts";
import { IOLoop, WorkerPool } from "../../src/loop/index.ts";
import { runChild } from "./child.ts";

const worker = new URL("./executor-worker.mjs", import.meta.url);

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

  it("runs the tasks that wait after a cancel has ended its only thread", async () => {
    const pool = new WorkerPool(worker, { maxThreads: 1 });
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const loop = IOLoop.current();
    await run(function* () {
      const spinning = loop.runInExecutor(pool, shared, { name: "spin" });
      const waiting = loop.runInExecutor(pool, [1, 2], { name: "add" });
      while (Atomics.load(shared, 0) === 0) yield sleep(1);
      spinning.cancel("enough");
      assert.equal(yield waiting, 3);
      yield pool.close();
    });
  });

  it("cancels what runs and what waits when it is closed, and starts anew afterwards", async () => {
    const pool = new WorkerPool(worker, { maxThreads: 1 });
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const loop = IOLoop.current();
    await run(function* () {
      const spinning = loop.runInExecutor(pool, shared, { name: "spin" });
      const waiting = loop.runInExecutor(pool, [1, 2], { name: "add" });
      while (Atomics.load(shared, 0) === 0) yield sleep(1);
      const closed = pool.close();
      for (const future of [spinning, waiting]) {
        try {
          yield future;
          assert.fail("it ends well");
        } catch (error) {
          assert.equal(String(error), "CancelledError: The work was cancelled: its pool was closed");
        }
      }
      yield closed;
      assert.equal(yield loop.runInExecutor(pool, [1, 2], { name: "add" }), 3);
      yield pool.close();
    });
  });

  it("runs the functions of any module that a task names", async () => {
    const pool = new WorkerPool();
    const loop = IOLoop.current();
    const text =
      "module.exports = { double: (n) => 2 * n }; Object.assign(module.exports, { half: (n) => n / 2 });";
    const folder = mkdtempSync(join(tmpdir(), "gyre-pool-"));
    writeFileSync(join(folder, "common.cjs"), text);
    loop.setDefaultExecutor(pool);
    await run(function* () {
      assert.equal(yield loop.runInExecutor(worker, [1, 2], { name: "add" }), 3);
      assert.equal(yield loop.runInExecutor(fileURLToPath(worker), 1), "default of 1");
      assert.equal(yield loop.runInExecutor(join(folder, "common.cjs"), 4, { name: "half" }), 2);
      assert.equal(yield loop.runInExecutor("data:text/javascript,export default (n) => n + 1", 4), 5);
      yield pool.close();
    });
    loop.setDefaultExecutor(undefined);
    rmSync(folder, { recursive: true });
  });

  it("hands over what the task says, instead of a copy", async () => {
    const pool = new WorkerPool(worker);
    const buffer = new ArrayBuffer(8);
    await run(function* () {
      const options = { name: "size", transferList: [buffer] };
      assert.equal(yield IOLoop.current().runInExecutor(pool, buffer, options), 8);
      yield pool.close();
    });
    assert.equal(buffer.byteLength, 0);
  });

  it("can be closed before it was used, and twice", async () => {
    const pool = new WorkerPool(worker);
    await pool.close();
    await pool.close();
  });
});

describe("a WorkerPool's error", () => {
  const pool = new WorkerPool(worker);
  after(() => pool.close());

  /** What `name(task)` throws in its thread, as it is told here. */
  async function thrownBy(name: string, task?: unknown, where = pool): Promise<unknown> {
    try {
      await IOLoop.current().runInExecutor(where, task, { name });
    } catch (error) {
      return error;
    }
    assert.fail("it ends well");
  }

  it("has the class, where that is JavaScript's own, and the stack of its thread", async () => {
    const error = await thrownBy("failLater", "too far");
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, "too far");
    assert.match(String(error.stack), /^RangeError: too far\n +at .*failLater .*executor-worker\.mjs:\d+/);
  });

  it("has its name, its fields and its cause, without what cannot be sent", async () => {
    const error = (await thrownBy("failSpecially", "text")) as Error & Record<string, unknown>;
    assert.ok(error instanceof Error);
    assert.equal(String(error), "SpecialError: text");
    assert.deepEqual([error.code, error.details, error.retry], ["E_SPECIAL", { row: 7 }, undefined]);
    assert.ok(error.cause instanceof TypeError);
    assert.equal(error.cause.message, "the cause");
  });

  it("comes without its cause when that cannot be sent", async () => {
    const error = (await thrownBy("failWithCauseThatCannotBeSent")) as Error;
    assert.deepEqual([error.message, error.cause], ["outer", undefined]);
  });

  it("has the errors that it stands for", async () => {
    const error = (await thrownBy("failTogether")) as AggregateError;
    assert.deepEqual([error.name, error.message], ["AggregateError", "both"]);
    assert.deepEqual(error.errors.map(String), ["RangeError: one", "SyntaxError: two"]);
  });

  for (const value of [null, undefined, 7, "text", { a: 1 }]) {
    it(`may be any value: ${JSON.stringify(value)}`, async () => {
      assert.deepEqual(await thrownBy("throwValue", value), value);
    });
  }

  it("that cannot be sent comes in words", async () => {
    assert.equal(await thrownBy("throwFunction"), 'the function "throwFunction"');
  });

  it("says that a task cannot be sent", async () => {
    const error = (await thrownBy("add", () => 1)) as Error;
    assert.ok(error instanceof TypeError);
    assert.match(
      error.message,
      /^Cannot send the task of "add" to a thread: it cannot be copied, data is wanted/,
    );
  });

  it("says that a result cannot be sent", async () => {
    assert.equal(
      String(await thrownBy("giveFunction")),
      'TypeError: Cannot take the result of "giveFunction" from its thread: it cannot be copied, data is wanted',
    );
  });

  it("says which functions there are when the one that is named is none", async () => {
    assert.match(
      String(await thrownBy("number")),
      /^TypeError: Cannot run "number" in a thread: in file:.*executor-worker\.mjs it is 3, a function is wanted \(exported: .*add, .*where\)$/,
    );
    assert.match(String(await thrownBy("missing")), /it is undefined, a function is wanted/);
  });

  it("says that its thread has ended", async () => {
    assert.match(String(await thrownBy("exit")), /exited with code: 3/);
    assert.equal(await IOLoop.current().runInExecutor(pool, [1, 2], { name: "add" }), 3);
  });

  it("says that there is no such file, and hurts nobody else", async () => {
    const error = await thrownBy("default", 1, new WorkerPool("/nowhere/worker.js"));
    assert.equal((error as NodeJS.ErrnoException).code, "ERR_MODULE_NOT_FOUND");
  });

  it("says what the file throws while it is loaded", async () => {
    const error = await thrownBy(
      "default",
      1,
      new WorkerPool("data:text/javascript,throw new SyntaxError('at load')"),
    );
    assert.equal(String(error), "SyntaxError: at load");
  });

  it("says that no file is named", async () => {
    assert.equal(
      String(await thrownBy("add", 1, new WorkerPool())),
      'TypeError: Cannot run "add" in a thread: its file is undefined, a path or a URL is wanted',
    );
  });
});

describe("the process, with a WorkerPool", { concurrency: 2 }, () => {
  /** A program of its own prints exactly `lines` and ends by itself. */
  async function prints(text: string, lines: string[]): Promise<void> {
    assert.deepEqual(await runChild(text), { lines, stderr: "", end: 0 });
  }

  it("waits for its tasks, and not for its idle threads", async () => {
    await prints(
      `const loop = IOLoop.current();
       const later = "data:text/javascript,export default () => new Promise((resolve) => setTimeout(resolve, 50, 7))";
       loop.runInExecutor(later, 0).addDoneCallback((future) => console.log(future.result()));`,
      ["7"],
    );
  });

  it("is told which package to install when there is no piscina", async () => {
    await prints(
      `const { Module } = await import("node:module");
       const resolve = Module._resolveFilename;
       Module._resolveFilename = (name, ...rest) => resolve(name === "piscina" ? "piscina-that-is-not-there" : name, ...rest);
       const error = IOLoop.current().runInExecutor("worker.js", 1).error();
       console.log(error.code, error.message);`,
      [
        'GYRE_PEER_MISSING Cannot run in a worker thread: the package "piscina" cannot be loaded, an installed one is wanted (npm install piscina)',
      ],
    );
  });

  it("loads piscina with the first task", async () => {
    await prints(
      `const { createRequire } = await import("node:module");
       const loaded = () => Object.keys(createRequire(process.cwd() + "/").cache).some((path) => /[\\\\/]piscina[\\\\/]/.test(path));
       const pool = new WorkerPool("data:text/javascript,export default () => 1");
       console.log(loaded());
       IOLoop.current().runInExecutor(pool, 1);
       console.log(loaded());`,
      ["false", "true"],
    );
  });
});
