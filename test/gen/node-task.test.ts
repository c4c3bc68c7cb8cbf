import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { call, nodeTask, run, sleep } from "../../src/gen/index.ts";
import { isType } from "./same-type.ts";
import { simulation } from "./simulation.ts";

type Callback<T> = (error: Error | null, value: T) => void;

describe("nodeTask()", () => {
  it("calls the function with its arguments and gives what the callback gets", (t) => {
    const { loop } = simulation(t);
    const add = (a: number, b: number, callback: Callback<number>): void => {
      loop.callLater(5, callback, null, a + b);
    };
    const sum = loop.runSync(function* () {
      return isType<number>()(yield* nodeTask(add, 1, 2));
    });
    assert.equal(sum, 3);
    assert.equal(loop.time(), 5);
  });

  it("gives undefined for no value, and an array for several", (t) => {
    const { loop } = simulation(t);
    const none = (callback: (error: Error | null) => void): void => callback(null);
    const two = (n: number, callback: (error: Error | null, a: number, b: string) => void): void =>
      callback(null, n, "b");
    const optional = (n: number, callback: (error: Error | null, a?: number) => void): void =>
      callback(null, n);
    loop.runSync(function* () {
      assert.equal(isType<undefined>()(yield* nodeTask(none)), undefined);
      assert.deepEqual(isType<[a: number, b: string]>()(yield* nodeTask(two, 1)), [1, "b"]);
      assert.equal(isType<number | undefined>()(yield* nodeTask(optional, 2)), 2);
    });
  });

  it("does not suspend when the callback is called at once", (t) => {
    simulation(t);
    assert.equal(nodeTask<string>((callback) => callback(null, "there")).result(), "there");
  });

  it("throws the error that the callback gets, and the one that the function throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("on purpose");
    loop.runSync(function* () {
      for (const fail of [
        (callback: Callback<number>): unknown => loop.callLater(1, callback, failure, 0),
        (_callback: Callback<number>): unknown => {
          throw failure;
        },
      ]) {
        try {
          yield* nodeTask(fail);
          assert.fail("it has to throw");
        } catch (error) {
          assert.equal(error, failure);
        }
      }
    });
  });

  it("ignores a second call of the callback, and a throw after the first", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const value = yield* nodeTask<number>((callback) => {
        callback(null, 1);
        callback(new Error("second"), 2);
        throw new Error("third");
      });
      assert.equal(value, 1);
    });
  });

  it("lets a cancelled waiter go, and drops what comes of it", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const waiter = call(function* waiter() {
        try {
          yield* nodeTask<void>((callback) => loop.callLater(20, callback, new Error("late"), undefined));
        } finally {
          events.push(`let go at ${loop.time()}`);
        }
      });
      yield* sleep(10);
      waiter.cancel();
      try {
        yield* waiter;
      } catch (error) {
        assert.ok(error instanceof CancelledError);
      }
      yield* sleep(20);
    });
    assert.deepEqual(events, ["let go at 10"]);
  });

  it("takes Node's own functions", async () => {
    await run(function* () {
      const folder = isType<string>()(yield* nodeTask(mkdtemp, join(tmpdir(), "gyre-")));
      assert.equal(yield* nodeTask(access, folder), undefined);
      const [out] = yield* nodeTask<[string, string]>((done) => {
        execFile(process.execPath, ["-p", "6 * 7"], (error, ...outs) => done(error, outs));
      });
      assert.equal(out.trim(), "42");
      yield* nodeTask(rm, folder, { recursive: true });
      try {
        const text = yield* nodeTask<string>((done) => readFile(join(folder, "none"), "utf8", done));
        isType<string>()(text);
        assert.fail("the file is gone");
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
      }
    });
  });

  it("refuses what is no function", () => {
    assert.throws(() => nodeTask("stat" as never), TypeError);
  });
});
