import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopStateError, TimeoutError } from "../../src/base/index.ts";
import { coroutine, currentCoroutine, moment, sleep } from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { rig } from "./rig.ts";

function caught(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("runSync()", () => {
  // LOOP-046
  it("inside a running loop is refused, and its function never runs", (t) => {
    const { loop, events, takeErrors } = rig(t);
    loop.addCallback(() => loop.runSync(() => events.push("inner")));
    loop.callLater(5, () => events.push("outer goes on"));
    loop.start();
    assert.match(String(takeErrors()[0]), /already running/);
    assert.deepEqual(events, ["outer goes on"]);
  });

  // LOOP-047
  it("returns what a plain function returns", (t) => {
    assert.equal(
      rig(t).loop.runSync(() => 7),
      7,
    );
  });

  // LOOP-047
  it("returns what a generator function returns", (t) => {
    const { loop } = rig(t);
    const result: number = loop.runSync(function* () {
      yield sleep(10);
      return 7;
    });
    assert.equal(result, 7);
  });

  // LOOP-047
  it("returns what a coroutine returns", (t) => {
    const { loop } = rig(t);
    const work = coroutine(function* (): Generator<unknown, number, unknown> {
      yield moment;
      return 7;
    });
    assert.equal(loop.runSync(work), 7);
  });

  // LOOP-047
  it("throws what its function throws, the very same", (t) => {
    const { loop } = rig(t);
    const error = new Error("failed");
    const thrown = caught(() =>
      loop.runSync(function* () {
        yield sleep(10);
        throw error;
      }),
    );
    assert.equal(thrown, error);
  });

  // LOOP-047
  it("throws TimeoutError at the limit", (t) => {
    const { loop } = rig(t);
    const error = caught(() => loop.runSync(() => sleep(100), { timeoutMs: 30 }));
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.limitMs, 30);
    assert.equal(error.cause, undefined);
    assert.equal(loop.time(), 30);
  });

  // LOOP-048
  it("returns a value that cannot be waited for as it is", (t) => {
    const value = { key: 1 };
    assert.equal(
      rig(t).loop.runSync(() => value),
      value,
    );
  });

  // LOOP-049
  it("throws LoopStateError when somebody else stops the loop", (t) => {
    const { loop } = rig(t);
    loop.callLater(10, () => loop.stop());
    const error = caught(() => loop.runSync(() => sleep(100)));
    assert.ok(error instanceof LoopStateError);
    assert.match(error.message, /ended before it was done/);
  });

  it("throws LoopStateError, and reports what waits, when nothing is left that could go on", () => {
    const loop = new IOLoop({ poller: new SimPoller() });
    const kinds: string[] = [];
    loop.onReport(({ kind }) => kinds.push(kind));
    assert.throws(() => loop.runSync(() => new Promise(() => undefined)), LoopStateError);
    assert.deepEqual(kinds, ["deadlock"]);
  });

  // LOOP-050
  it("removes its timer when the function is done first", (t) => {
    const { loop } = rig(t);
    loop.runSync(() => sleep(10), { timeoutMs: 100 });
    assert.equal(loop.statistics().timers, 0);
  });

  // LOOP-050
  it("cancels the function at the limit, and waits for its clean-up", (t) => {
    const { loop, events } = rig(t);
    const work = function* (): Generator<unknown, void, unknown> {
      try {
        yield sleep(100);
      } finally {
        yield sleep(5);
        events.push(loop.time());
      }
    };
    assert.throws(() => loop.runSync(work, { timeoutMs: 30 }), TimeoutError);
    assert.deepEqual(events, [35]);
  });

  it("gives an error of that clean-up as the cause", (t) => {
    const { loop } = rig(t);
    const cleanup = new Error("clean-up");
    const work = function* (): Generator<unknown, void, unknown> {
      try {
        yield sleep(100);
      } finally {
        yield sleep(5);
        // biome-ignore lint/correctness/noUnsafeFinally: an error of a clean-up is what is tested
        throw cleanup;
      }
    };
    const error = caught(() => loop.runSync(work, { timeoutMs: 30 })) as Error;
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual((error.cause as { suppressed: unknown[] }).suppressed, [cleanup]);
  });

  it("returns the result of a function that is done in the pass of its limit", (t) => {
    const { loop, poller } = rig(t);
    const work = function* (): Generator<unknown, string, unknown> {
      yield sleep(29);
      return "done";
    };
    poller.answers.push(
      () => [],
      () => {
        poller.advance(100);
        return [];
      },
    );
    assert.equal(loop.runSync(work, { timeoutMs: 30 }), "done");
  });

  it("does not begin its function later when a stop() before made it return", (t) => {
    const { loop, events, note } = rig(t);
    loop.stop();
    assert.throws(() => loop.runSync(note("begun")), LoopStateError);
    loop.start();
    assert.deepEqual(events, []);
  });

  it("is no longer able to stop the loop when it has ended", (t) => {
    const { loop, events } = rig(t);
    loop.callLater(10, () => loop.stop());
    assert.throws(() => loop.runSync(() => sleep(20)), LoopStateError);
    loop.callLater(50, () => events.push("later"));
    loop.start();
    assert.deepEqual(events, ["later"]);
  });

  it("leaves nothing behind when the poll fails", (t) => {
    const { loop, poller } = rig(t);
    poller.answers.push(() => {
      throw new Error("poll");
    });
    assert.throws(() => loop.runSync(() => sleep(100), { timeoutMs: 500 }), { message: "poll" });
    assert.equal(loop.statistics().timers, 1);
    loop.start();
  });

  it("refuses what is no function, and a limit that is no duration, before anything runs", (t) => {
    const { loop } = rig(t);
    assert.throws(() => loop.runSync(7 as never), TypeError);
    assert.throws(() => loop.runSync(() => 1, { timeoutMs: -1 }), RangeError);
    assert.equal(loop.statistics().callbacks, 0);
  });

  it("of a loop in virtual time works inside a coroutine of another loop, which is no owner of what runs there", (t) => {
    const outer = rig(t);
    const inner = rig(t);
    const result = outer.loop.runSync(function* () {
      yield sleep(10);
      const inside = inner.loop.runSync(function* () {
        inner.loop.addCallback(() => {
          const child = coroutine(function* child() {
            yield sleep(5);
          })();
          inner.events.push(child.owner);
        });
        yield sleep(100);
        return inner.loop.time();
      });
      yield sleep(10);
      return [inside, outer.loop.time()];
    });
    assert.deepEqual(result, [100, 20]);
    assert.deepEqual(inner.events, [undefined]);
  });

  it("of a loop in virtual time works inside a callback of Node's loop", async (t) => {
    const inner = rig(t);
    const outer = new IOLoop();
    const result = await outer.run(() => {
      const inside = inner.loop.runSync(function* () {
        yield sleep(60_000);
        return IOLoop.current() === inner.loop;
      });
      return [inside, IOLoop.current() === outer];
    });
    assert.deepEqual(result, [true, true]);
  });

  it("is refused over a poller that waits for real time", () => {
    assert.throws(() => new IOLoop().runSync(() => 1), LoopStateError);
  });
});

describe("run()", () => {
  it("resolves with the result", async () => {
    assert.equal(
      await new IOLoop().run(function* () {
        yield sleep(1);
        return 7;
      }),
      7,
    );
  });

  it("rejects with what the function throws", async () => {
    const error = new Error("failed");
    const failing = async (): Promise<never> => {
      throw error;
    };
    await assert.rejects(new IOLoop().run(failing), (thrown) => thrown === error);
  });

  it("rejects when the loop runs already, and its function never runs", async () => {
    const loop = new IOLoop();
    const second = await loop.run(() => loop.run(() => assert.fail("it runs")).catch((error) => error));
    assert.ok(second instanceof LoopStateError);
  });

  it("works on the process's own loop", async () => {
    assert.equal(await IOLoop.current().run(async () => 7), 7);
  });

  it("works on the process's own loop from one of its callbacks", async () => {
    const loop = IOLoop.current();
    const outcome = await new Promise((resolve) => {
      loop.addCallback(() => {
        resolve(loop.run(() => IOLoop.current() === loop));
      });
    });
    assert.equal(outcome, true);
    assert.equal(loop.running, false);
  });
});

describe("spawnCallback()", () => {
  it("starts a generator function as a coroutine of its name, with its arguments, on nobody's behalf", (t) => {
    const { loop, events } = rig(t);
    loop.spawnCallback(function* upload(file: string) {
      yield moment;
      events.push(file, currentCoroutine()?.name, currentCoroutine()?.owner);
    }, "a.png");
    loop.start();
    assert.deepEqual(events, ["a.png", "upload", undefined]);
  });
});
