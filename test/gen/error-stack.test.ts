import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, coroutine, Future, IOLoop, sleep } from "../../src/index.ts";
import { SimPoller } from "../../src/sim/index.ts";

const disk = coroutine(function* disk(ms: number) {
  yield* sleep(ms);
  throw new Error("disk full\nreally");
});
const save = coroutine(function* save(ms: number) {
  yield disk(ms);
});
const post = coroutine(function* post(ms: number) {
  yield* all([save(ms), sleep(1)]);
});

/** The stack of what `fn` fails with on virtual time; function names and lines only. */
function framesOf(fn: () => unknown): string[] {
  const loop = new IOLoop({ poller: new SimPoller() });
  let stack: string | undefined;
  try {
    loop.runSync(fn);
  } catch (error) {
    stack = (error as Error).stack;
  }
  assert.ok(stack !== undefined, "it failed");
  const frames = stack.split("\n").filter((line) => line.startsWith("    at "));
  return frames.map((frame) => frame.replace(/^ +at (\S+) \(file:\/\/.*\/([^/]+:\d+:\d+)\)$/, "$1 $2"));
}

describe("the stack of an error that crosses coroutines", () => {
  it("has a line for each wait, innermost first, up to the root, and no others", () => {
    assert.deepEqual(
      framesOf(() => post(1)),
      ["disk error-stack.test.ts:8:9", "save error-stack.test.ts:11:3", "post error-stack.test.ts:14:3"],
    );
  });

  it("begins with the line that yields what cannot be waited for", () => {
    const wrong = coroutine(function* wrong(ms: number) {
      if (ms > 0) yield sleep(ms);
      yield 5;
    });
    const calls = coroutine(function* calls(ms: number) {
      yield wrong(ms);
    });
    const frames = ["wrong error-stack.test.ts:42:7", "calls error-stack.test.ts:45:13"];
    assert.deepEqual(framesOf(() => calls(0)).slice(0, 2), frames);
    assert.deepEqual(
      framesOf(() => calls(1)),
      ["wrong error-stack.test.ts:42:7", "calls error-stack.test.ts:45:7"],
    );
  });

  it("has that of a wait that would close a circle", () => {
    const alone = coroutine(function* alone() {
      yield* sleep(1);
      yield own;
    });
    let own: Future<unknown>;
    const frames = framesOf(() => {
      own = alone();
      return own;
    });
    assert.deepEqual(frames, ["alone error-stack.test.ts:58:7"]);
  });

  it("keeps a message of several lines", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    assert.throws(() => loop.runSync(() => post(1)), /^Error: disk full\nreally$/);
  });

  it("leaves what is no Error as it is", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const fails = coroutine(function* fails() {
      yield* sleep(1);
      throw 5;
    });
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield fails();
        }),
      (error) => error === 5,
    );
  });

  it("leaves the stack of a frozen error as it is", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const frozen = Object.freeze(new Error("frozen"));
    const fails = coroutine(function* fails() {
      yield* sleep(1);
      throw frozen;
    });
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield fails();
        }),
      (error) => error === frozen,
    );
  });

  it("does not collect the lines of all who wait for one shared failure", () => {
    const shared = new Error("shared");
    const loop = new IOLoop({ poller: new SimPoller() });
    loop.runSync(function* () {
      for (let i = 0; i < 20; i++) {
        const gate = new Future<void>();
        const waiter = coroutine(function* waiter() {
          yield* gate;
        })();
        gate.setError(shared);
        try {
          yield waiter;
        } catch {
          // looked at below
        }
      }
    });
    const waits = (shared.stack as string).split("\n").filter((line) => /at (waiter|anonymous)/.test(line));
    assert.ok(waits.length <= 2, shared.stack);
  });

  it("has a bounded number of lines of waits", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const nest = coroutine(function* nest(depth: number): Generator<unknown, void, unknown> {
      if (depth === 0) yield disk(1);
      else yield nest(depth - 1);
    });
    assert.throws(
      () => loop.runSync(() => nest(60)),
      (error: Error) => (error.stack as string).split("\n").length <= 40,
    );
  });
});
