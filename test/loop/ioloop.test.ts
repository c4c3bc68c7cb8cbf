import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FatalError, LoopStateError } from "../../src/base/index.ts";
import { ExceptionStackContext, StackContext, wrap } from "../../src/context/index.ts";
import { Future, READY_BUDGET_STEPS } from "../../src/future/index.ts";
import { IOLoop, READ } from "../../src/loop/index.ts";
import { rig } from "./rig.ts";

function fail(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** A stack context that notes when it is entered. */
function noting(events: unknown[], name: string): StackContext {
  return new StackContext(function* () {
    events.push(`enter ${name}`);
    yield;
  });
}

describe("IOLoop", () => {
  describe("callbacks", () => {
    // LOOP-001
    it("run in the order in which they were added", (t) => {
      const { loop, events, note } = rig(t);
      for (const name of ["a", "b", "c"]) loop.addCallback(note(name));
      loop.start();
      assert.deepEqual(events, ["a", "b", "c"]);
    });

    // LOOP-002
    it("that are added during a pass run in the next one", (t) => {
      const { loop, poller, events } = rig(t);
      const again = (): void => {
        events.push(poller.polls.length);
        if (events.length < 3) loop.addCallback(again);
      };
      loop.addCallback(again);
      loop.start();
      assert.deepEqual(events, [0, 1, 2]);
    });

    // LOOP-003
    it("run before timers, and timers before handlers", (t) => {
      const { loop, poller, events, note } = rig(t);
      poller.raise(7, READ);
      loop.addHandler(7, () => events.push("handler", loop.stop()), READ);
      loop.callLater(0, note("timer"));
      loop.addCallback(note("callback"));
      loop.start();
      assert.deepEqual(events, ["callback", "timer", "handler", undefined]);
    });

    // LOOP-004
    it("that add themselves for ever let a poll come in every pass", (t) => {
      const { loop, poller, events } = rig(t);
      const again = (): void => loop.addCallback(again);
      loop.addCallback(again);
      loop.addHandler(7, () => events.push(poller.polls.length, loop.stop()), READ);
      poller.answers.push(
        () => [],
        () => [],
        () => [[7, READ]],
      );
      loop.start();
      assert.deepEqual(events, [3, undefined]);
      assert.deepEqual(poller.polls, [0, 0, 0]);
    });

    // LOOP-010
    it("that throw are not run again", (t) => {
      const { loop, events, takeErrors } = rig(t);
      loop.addCallback(() => {
        events.push("run");
        throw new Error("once");
      });
      loop.start();
      loop.start();
      assert.deepEqual(events, ["run"]);
      assert.equal(takeErrors().length, 1);
    });

    // LOOP-011
    it("get their arguments, the very same", (t) => {
      const { loop, events } = rig(t);
      const argument = { key: 1 };
      loop.addCallback(
        (...args: unknown[]) => events.push(args.length, args[0] === argument, args[1]),
        argument,
        2,
      );
      loop.start();
      assert.deepEqual(events, [2, true, 2]);
    });

    // LOOP-012
    it("may return anything that is no work", (t) => {
      const { loop, poller } = rig(t);
      for (const value of [[], {}, 7, "text", null, false]) loop.addCallback(() => value);
      loop.start();
      assert.deepEqual(poller.polls, []);
    });

    // LOOP-013
    it("that return a Future have its failure logged", (t) => {
      const { loop, takeLogged } = rig(t);
      const future = new Future<void>();
      const error = new Error("failed later");
      loop.addCallback(function upload() {
        return future;
      });
      loop.addCallback(() => future.setError(error));
      loop.start();
      assert.deepEqual(takeLogged(), [{ message: 'Error in callback "upload"', error }]);
    });

    // LOOP-013
    it("that return a promise have its rejection logged", async (t) => {
      const { loop, takeErrors } = rig(t);
      const error = new Error("rejected");
      loop.addCallback(() => Promise.reject(error));
      loop.start();
      await Promise.resolve();
      assert.deepEqual(takeErrors(), [error]);
    });

    it("that return a cancelled Future have nothing logged", (t) => {
      const { loop, takeLogged } = rig(t);
      const future = new Future<void>();
      future.cancel("enough");
      loop.addCallback(() => future);
      loop.start();
      assert.deepEqual(takeLogged(), []);
    });

    it("that return a generator have it logged that nothing runs it", (t) => {
      const { loop, takeErrors } = rig(t);
      loop.addCallback(function* upload() {});
      loop.start();
      assert.match(String(takeErrors()[0]), /"upload" returned: a generator, which nothing runs/);
    });

    it("are refused when they are no functions", (t) => {
      const { loop } = rig(t);
      assert.throws(() => loop.addCallback("upload" as never), {
        name: "TypeError",
        message: 'Cannot add a callback: came "upload", a function is wanted',
      });
    });

    it("run in the stack contexts in which they were added", (t) => {
      const { loop, events, note } = rig(t);
      noting(events, "context").run(() => loop.addCallback(note("callback")));
      loop.start();
      assert.deepEqual(events, ["enter context", "enter context", "callback"]);
    });

    it("do not enter a wrapped function's contexts twice", (t) => {
      const { loop, events, note } = rig(t);
      const wrapped = noting(events, "context").run(() => wrap(note("callback")));
      events.length = 0;
      noting([], "other").run(() => loop.addCallback(wrapped as () => void));
      loop.start();
      assert.deepEqual(events, ["enter context", "callback"]);
    });
  });

  describe("addCallbackFromSignal()", () => {
    // LOOP-056
    it("runs its callback without a stack context", (t) => {
      const { loop, events, note } = rig(t);
      noting(events, "context").run(() => loop.addCallbackFromSignal(note("callback")));
      loop.start();
      assert.deepEqual(events, ["enter context", "callback"]);
    });

    it("hands its arguments on", (t) => {
      const { loop, events } = rig(t);
      loop.addCallbackFromSignal((name, number) => events.push(name, number), "SIGTERM", 15);
      loop.start();
      assert.deepEqual(events, ["SIGTERM", 15]);
    });
  });

  describe("spawnCallback()", () => {
    it("runs its function without a stack context", (t) => {
      const { loop, events, note } = rig(t);
      noting(events, "context").run(() => loop.spawnCallback(note("spawned")));
      loop.start();
      assert.deepEqual(events, ["enter context", "spawned"]);
    });

    it("logs a failure under the function's name", (t) => {
      const { loop, takeLogged } = rig(t);
      const error = new Error("failed");
      loop.spawnCallback(async function upload() {
        throw error;
      });
      loop.start();
      return Promise.resolve().then(() => {
        loop.start();
        assert.deepEqual(takeLogged(), [{ message: 'Error in callback "upload"', error }]);
      });
    });
  });

  describe("addFuture()", () => {
    it("runs its callback in a later pass, when the Future is settled already", (t) => {
      const { loop, events } = rig(t);
      const future = new Future<number>();
      future.setResult(7);
      loop.addCallback(() => {
        loop.addFuture(future, (settled) => events.push(settled.result()));
        events.push("added");
      });
      loop.start();
      assert.deepEqual(events, ["added", 7]);
    });

    it("runs its callback in the stack contexts in which it was added", (t) => {
      const { loop, events, note } = rig(t);
      const future = new Future<void>();
      noting(events, "context").run(() => loop.addFuture(future, note("callback")));
      loop.addCallback(() => future.setResult());
      loop.start();
      assert.deepEqual(events, ["enter context", "enter context", "callback"]);
    });
  });

  describe("what is ready", () => {
    it("runs after the callback that made it ready, before the next one", (t) => {
      const { loop, events, note } = rig(t);
      const future = new Future<void>();
      loop.addCallback(() => {
        future.addDoneCallback(note("ready"));
        future.setResult();
        events.push("callback");
      });
      loop.addCallback(note("next callback"));
      loop.start();
      assert.deepEqual(events, ["callback", "ready", "next callback"]);
    });

    it("gets one budget in a pass, however many callbacks there are", (t) => {
      const { loop, poller } = rig(t);
      let steps = 0;
      let goesOn = true;
      const wakeAgain = (): void => {
        steps++;
        if (!goesOn) return;
        const next = new Future<void>();
        next.addDoneCallback(wakeAgain);
        next.setResult();
      };
      loop.addCallback(wakeAgain);
      for (let i = 0; i < 20; i++) loop.addCallback(() => undefined);
      poller.answers.push(() => {
        goesOn = false;
        return [];
      });
      loop.start();
      assert.ok(steps > READY_BUDGET_STEPS, `${steps} steps`);
      assert.ok(steps < 2 * READY_BUDGET_STEPS, `${steps} steps`);
      assert.equal(poller.polls[0], 0);
    });
  });

  describe("poll", () => {
    // LOOP-020
    it("takes no time while callbacks are queued", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(100, () => undefined);
      loop.addCallback(() => loop.addCallback(() => undefined));
      loop.start();
      assert.equal(poller.polls[0], 0);
    });

    // LOOP-021
    it("takes what is left until the first deadline after the callbacks took their time", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(100, () => undefined);
      loop.addCallback(() => poller.advance(30));
      loop.start();
      assert.deepEqual(poller.polls, [70]);
    });

    // LOOP-021
    it("takes no time when the callbacks took longer than that", (t) => {
      const { loop, poller } = rig(t);
      loop.callLater(100, () => undefined);
      loop.addCallback(() => poller.advance(130));
      loop.start();
      assert.deepEqual(poller.polls, [0]);
    });

    // LOOP-022
    it("takes an hour, again and again, while nothing is scheduled", (t) => {
      const { loop, poller } = rig(t, { stopWhenIdle: false });
      const nothing = (): [] => [];
      poller.answers.push(nothing, nothing, () => {
        loop.stop();
        return [];
      });
      loop.start();
      assert.deepEqual(poller.polls, [3_600_000, 3_600_000, 3_600_000]);
    });

    // LOOP-022
    it("does not come when nothing is scheduled and the loop ends when idle", (t) => {
      const { loop, poller } = rig(t, { stopWhenIdle: true });
      loop.start();
      assert.deepEqual(poller.polls, []);
    });

    it("comes once more in virtual time when only handlers are left, and then the loop ends", (t) => {
      const { loop, poller } = rig(t);
      loop.addHandler(7, () => undefined, READ);
      loop.start();
      assert.deepEqual(poller.polls, [0]);
      assert.equal(loop.time(), 0);
    });
  });

  describe("start() and stop()", () => {
    // LOOP-040
    it("start() returns at once after a stop(), and keeps what is queued for the next one", (t) => {
      const { loop, events, note } = rig(t);
      loop.addCallback(note("callback"));
      loop.stop();
      assert.ok(loop.start().done());
      assert.deepEqual(events, []);
      loop.start();
      assert.deepEqual(events, ["callback"]);
    });

    // LOOP-041
    it("stop() lets the other callbacks and due timers of its pass run", (t) => {
      const { loop, poller, events, note } = rig(t);
      loop.addCallback(() => loop.stop());
      loop.addCallback(note("callback"));
      loop.callLater(0, note("timer"));
      loop.start();
      assert.deepEqual(events, ["callback", "timer"]);
      assert.deepEqual(poller.polls, []);
    });

    // LOOP-042
    it("callbacks added in the pass that stops run at the next start", (t) => {
      const { loop, events, note } = rig(t);
      loop.addCallback(() => {
        loop.stop();
        loop.addCallback(note("kept"));
      });
      loop.start();
      assert.deepEqual(events, []);
      loop.start();
      assert.deepEqual(events, ["kept"]);
    });

    // LOOP-043
    it("stop() in a handler lets the other handlers and one more round of callbacks run", (t) => {
      const { loop, poller, events, note } = rig(t);
      const stop = (): void => {
        loop.addCallback(note("callback"));
        loop.stop();
      };
      loop.addHandler(7, stop, READ);
      loop.addHandler(8, note("other handler"), READ);
      poller.answers.push(() => [
        [7, READ],
        [8, READ],
      ]);
      loop.start();
      assert.deepEqual(events, ["other handler", "callback"]);
      assert.equal(poller.polls.length, 1);
    });

    // LOOP-044
    it("may be repeated, each start with what the last one left", (t) => {
      const { loop, events } = rig(t);
      const again = (n: number): void => {
        events.push(n);
        loop.addCallback(again, n + 1);
        loop.stop();
      };
      loop.addCallback(again, 1);
      for (let i = 0; i < 3; i++) loop.start();
      assert.deepEqual(events, [1, 2, 3]);
    });

    // LOOP-045
    it("start() while running is refused", (t) => {
      const { loop, takeErrors } = rig(t);
      loop.addCallback(() => loop.start());
      loop.start();
      const [error] = takeErrors();
      assert.ok(error instanceof LoopStateError);
      assert.match(error.message, /already running/);
    });

    it("stop() and start() in one callback end the loop, as the start consumes the stop", (t) => {
      const { loop, events } = rig(t, { stopWhenIdle: false });
      loop.addCallback(() => {
        loop.stop();
        events.push(loop.start().done());
      });
      assert.ok(loop.start().done());
      assert.deepEqual(events, [true]);
    });

    it("a second start before the end is refused", (t) => {
      const { loop, takeErrors } = rig(t, { stopWhenIdle: false });
      loop.addCallback(() => {
        loop.stop();
        loop.start();
        loop.start();
      });
      loop.start();
      assert.match(String(takeErrors()[0]), /has not ended/);
    });

    // LOOP-051
    it("start() makes the loop current, and restores the former one also after an error", (t) => {
      const { loop, poller, events } = rig(t);
      const before = IOLoop.current();
      loop.callLater(1, () => undefined);
      loop.addCallback(() => events.push(IOLoop.current() === loop));
      poller.answers.push(fail(new Error("poll")));
      assert.throws(() => loop.start(), { message: "poll" });
      assert.deepEqual(events, [true]);
      assert.equal(IOLoop.current(), before);
    });

    it("start() fails when the clock does, and can be called again with what was queued", (t) => {
      const { loop, poller, events, note } = rig(t);
      const now = t.mock.method(poller, "now", fail(new Error("no clock")));
      loop.addCallback(note("callback"));
      assert.throws(() => loop.start(), { message: "no clock" });
      now.mock.restore();
      loop.start();
      assert.deepEqual(events, ["callback"]);
    });

    it("close() is possible after a start() that failed in a pass", (t) => {
      const { loop, poller } = rig(t);
      t.mock.method(poller, "now", fail(new Error("no clock")));
      assert.throws(() => loop.start(), { message: "no clock" });
      loop.close();
      assert.throws(() => loop.start(), LoopStateError);
    });
  });

  describe("errors", () => {
    // LOOP-060
    it("of a callback or a timer are logged, and the rest of the pass goes on", (t) => {
      const { loop, events, note, takeErrors } = rig(t);
      const errors = [new Error("callback"), new Error("timer")];
      loop.addCallback(fail(errors[0]));
      loop.addCallback(note("callback"));
      loop.callLater(0, fail(errors[1]));
      loop.callLater(0, note("timer"));
      loop.start();
      assert.deepEqual(events, ["callback", "timer"]);
      assert.deepEqual(takeErrors(), errors);
    });

    // LOOP-061
    it("go to handleCallbackError with the callback, also a timer's that has arguments", (t) => {
      const { loop, events } = rig(t);
      const upload = (name: string): never => fail(new Error(name))();
      loop.handleCallbackError = (error, callback) => events.push(String(error), callback === upload);
      loop.addCallback(upload, "callback");
      loop.callLater(0, upload, "timer");
      loop.start();
      assert.deepEqual(events, ["Error: callback", true, "Error: timer", true]);
    });

    // LOOP-062
    it("of handleCallbackError itself are logged with the first, and the loop goes on", (t) => {
      const { loop, events, note, takeErrors } = rig(t);
      const errors = [new Error("first"), new Error("second")];
      loop.handleCallbackError = fail(errors[1]);
      loop.addCallback(fail(errors[0]));
      loop.addCallback(note("next"));
      loop.start();
      assert.deepEqual(takeErrors(), errors);
      assert.deepEqual(events, ["next"]);
    });

    it("are given to a stack context first, which may consume them", (t) => {
      const { loop, events } = rig(t);
      const error = new Error("consumed");
      const context = new ExceptionStackContext((thrown) => events.push(thrown === error));
      context.run(() => loop.addCallback(fail(error)));
      loop.start();
      assert.deepEqual(events, [true]);
    });

    it("of a report's listener are logged, and the other listeners are told", (t) => {
      const { loop, events, takeErrors } = rig(t);
      const other = new IOLoop({ poller: loop.poller, log: loop.log });
      const error = new Error("listener");
      const report = { kind: "test", text: "text" };
      other.onReport(fail(error));
      other.onReport((seen) => events.push(seen));
      other._report(report);
      assert.deepEqual(takeErrors(), [error]);
      assert.deepEqual(events, [report]);
    });
  });

  describe("FatalError", () => {
    // LOOP-054
    it("thrown by a callback ends start(), which fails with it after the pass", (t) => {
      const { loop, poller, events, note } = rig(t);
      const error = new FatalError("the disk is gone");
      loop.addCallback(fail(error));
      loop.addCallback(note("same pass"));
      loop.callLater(10, note("later"));
      assert.throws(
        () => loop.start(),
        (thrown) => thrown === error,
      );
      assert.deepEqual(events, ["same pass"]);
      assert.deepEqual(poller.polls, []);
    });

    it("is the first one thrown in a pass", (t) => {
      const { loop } = rig(t);
      loop.addCallback(fail(new FatalError("first")));
      loop.addCallback(fail(new FatalError("second")));
      assert.throws(() => loop.start(), { message: "first" });
    });

    // LOOP-054
    it("leaves a loop that can be started again", (t) => {
      const { loop, events, note } = rig(t);
      loop.addCallback(fail(new FatalError("the disk is gone")));
      loop.callLater(10, note("later"));
      assert.throws(() => loop.start(), FatalError);
      loop.start();
      assert.deepEqual(events, ["later"]);
    });

    it("thrown by a handler ends start()", (t) => {
      const { loop, poller } = rig(t);
      loop.addHandler(7, fail(new FatalError("the disk is gone")), READ);
      poller.answers.push(() => [[7, READ]]);
      assert.throws(() => loop.start(), FatalError);
    });

    it("thrown by handleCallbackError makes an error fatal", (t) => {
      const { loop, takeErrors } = rig(t);
      const first = new Error("first");
      loop.handleCallbackError = fail(new FatalError("no error is allowed"));
      loop.addCallback(fail(first));
      assert.throws(() => loop.start(), { message: "no error is allowed" });
      assert.deepEqual(takeErrors(), [first]);
    });

    it("is what an error becomes that not even the log takes", (t) => {
      const { loop } = rig(t);
      loop.log = { warn: () => undefined, error: fail(new Error("disk full")) };
      loop.addCallback(fail(new Error("first")));
      assert.throws(() => loop.start(), { message: "disk full" });
    });

    it("is what a warning becomes that the log does not take", (t) => {
      const { loop } = rig(t);
      const quiet = new IOLoop({
        poller: loop.poller,
        log: { warn: fail(new Error("disk full")), error: () => undefined },
      });
      quiet.addCallback(() => quiet._report({ kind: "test", text: "text" }));
      assert.throws(() => quiet.start(), { message: "disk full" });
    });
  });

  describe("close()", () => {
    // LOOP-052
    it("makes callbacks and timers that come later be dropped, and counted", (t) => {
      const { loop } = rig(t);
      loop.close();
      loop.addCallback(() => assert.fail("a dropped callback runs"));
      loop.callLater(0, () => assert.fail("a dropped timer runs"));
      const { callbacks, timers, droppedCallbacks } = loop.statistics();
      assert.deepEqual(
        { callbacks, timers, droppedCallbacks },
        { callbacks: 0, timers: 0, droppedCallbacks: 2 },
      );
    });

    it("drops the callbacks and timers that are queued", (t) => {
      const { loop } = rig(t);
      loop.addCallback(() => undefined);
      const timeout = loop.callLater(5, () => undefined);
      loop.close();
      const { callbacks, timers } = loop.statistics();
      assert.deepEqual({ callbacks, timers }, { callbacks: 0, timers: 0 });
      assert.equal(timeout._callback, undefined);
    });

    it("makes a callback for a Future be dropped that is settled later", (t) => {
      const { loop } = rig(t);
      const future = new Future<void>();
      loop.addFuture(future, () => assert.fail("a dropped callback runs"));
      loop.close();
      future.setResult();
      assert.equal(loop.statistics().droppedCallbacks, 1);
    });

    // LOOP-053
    it("with allFds closes every watched descriptor once, also when called twice", (t) => {
      const { loop, poller } = rig(t);
      loop.addHandler(7, () => undefined, READ);
      loop.addHandler(8, () => undefined, READ);
      loop.close(true);
      loop.close(true);
      assert.deepEqual(poller.descriptors.closed, [7, 8]);
    });

    it("leaves the descriptors open otherwise, and watches them no longer", (t) => {
      const { loop, poller } = rig(t);
      loop.addHandler(7, () => undefined, READ);
      loop.close();
      assert.deepEqual(poller.descriptors.closed, []);
      assert.equal(poller.descriptors.size, 0);
    });

    it("is refused while the loop runs", (t) => {
      const { loop, takeErrors } = rig(t);
      loop.addCallback(() => loop.close());
      loop.start();
      assert.match(String(takeErrors()[0]), /it is running, stop it and wait for its end/);
    });

    it("is refused in the pass that a stop() ends", (t) => {
      const { loop, takeErrors } = rig(t);
      loop.addCallback(() => {
        loop.stop();
        loop.close();
      });
      loop.start();
      assert.equal(takeErrors().length, 1);
    });

    it("makes start() and run() refuse", async (t) => {
      const { loop } = rig(t);
      loop.close();
      assert.throws(() => loop.start(), LoopStateError);
      assert.throws(() => loop.runSync(() => 1), LoopStateError);
      await assert.rejects(
        loop.run(() => 1),
        LoopStateError,
      );
    });
  });

  describe("statistics()", () => {
    it("counts what waits", (t) => {
      const { loop } = rig(t);
      loop.addCallback(() => undefined);
      loop.callLater(1, () => undefined);
      const removed = loop.callLater(2, () => undefined);
      loop.removeTimeout(removed);
      loop.addHandler(7, () => undefined, READ);
      assert.deepEqual(loop.statistics(), {
        callbacks: 1,
        timers: 1,
        removedTimers: 1,
        ready: 0,
        handlers: 1,
        droppedCallbacks: 0,
      });
      loop.close();
    });
  });
});
