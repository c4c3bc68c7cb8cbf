import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, InvalidStateError } from "../../src/base/index.ts";
import { StackContext } from "../../src/context/index.ts";
import { Future } from "../../src/future/index.ts";
import { coroutine, LostErrorReport, sleep } from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { simulation } from "../gen/simulation.ts";
import { collectGarbage } from "./garbage.ts";

describe("Future", () => {
  // FUT-001
  it("is done once it has a result, which it gives", () => {
    const future = new Future<number>();
    assert.equal(future.done(), false);
    future.setResult(7);
    assert.equal(future.done(), true);
    assert.equal(future.result(), 7);
    assert.equal(future.error(), undefined);
    assert.equal(future.cancelled(), false);
  });

  it("throws what it failed with, whatever that is", () => {
    for (const error of [new Error("failed"), 5, undefined]) {
      const future = new Future<number>();
      future.setError(error);
      assert.throws(
        () => future.result(),
        (thrown) => thrown === error,
      );
      assert.equal(future.error(), error);
    }
  });

  it("gives each iterator its own result, however many are driven side by side", () => {
    const [one, other] = [new Future<string>(), new Future<string>()];
    one.setResult("one");
    other.setResult("other");
    const [first, second] = [one[Symbol.iterator](), other[Symbol.iterator]()];
    assert.deepEqual([first.next().value, second.next().value], ["one", "other"]);
    const [firstResult, secondResult] = [one[Symbol.iterator]().next(), other[Symbol.iterator]().next()];
    assert.deepEqual([firstResult.value, secondResult.value], ["one", "other"]);
  });

  // FUT-007
  for (const [settled, settle, shown] of [
    ["a result", (future: Future<number>) => future.setResult(7), "it has the result 7"],
    ["an error", (future: Future<number>) => future.setError("no"), 'it failed with "no"'],
    ["a cancel", (future: Future<number>) => void future.cancel(), "it was cancelled"],
  ] as const) {
    it(`refuses a second outcome after ${settled}, and keeps the first`, () => {
      const future = new Future<number>();
      settle(future);
      for (const again of [() => future.setResult(8), () => future.setError(new Error("second"))]) {
        assert.throws(again, (error) => error instanceof InvalidStateError && error.message.includes(shown));
      }
      if (settled === "a result") assert.equal(future.result(), 7);
      else assert.notEqual((future.error() as Error).message, "second");
    });
  }

  // FUT-008
  it("throws InvalidStateError when it is read while it is pending", () => {
    const future = new Future<number>();
    assert.throws(() => future.result(), InvalidStateError);
    assert.throws(() => future.error(), InvalidStateError);
  });

  // FUT-009
  it("can be cancelled while it is pending, and not afterwards", () => {
    const pending = new Future<number>();
    assert.equal(pending.cancel("not needed"), true);
    assert.equal(pending.cancel(), false);
    const resolved = new Future<number>();
    resolved.setResult(7);
    assert.equal(resolved.cancel(), false);
    assert.equal(resolved.result(), 7);
  });

  // FUT-010
  it("is done when it is cancelled: its callbacks run, and reading it throws CancelledError", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<number>();
      future.addDoneCallback((done) => events.push(done.cancelled()));
      future.cancel("not needed");
      assert.equal(future.done(), true);
      assert.throws(
        () => future.result(),
        (error) => error instanceof CancelledError && error.reason === "not needed",
      );
      yield sleep(1);
    });
    assert.deepEqual(events, [true]);
  });

  // FUT-011
  it("ignores a result that comes unless cancelled, when it is cancelled", () => {
    const cancelled = new Future<number>();
    cancelled.cancel();
    cancelled.setResultUnlessCancelled(7);
    assert.equal(cancelled.cancelled(), true);
    const pending = new Future<number>();
    pending.setResultUnlessCancelled(7);
    assert.equal(pending.result(), 7);
    assert.throws(() => pending.setResultUnlessCancelled(8), InvalidStateError);
  });

  // FUT-011
  it("logs an error that comes unless cancelled, when it is cancelled", (t) => {
    const sim = simulation(t);
    const failure = new Error("nobody is left");
    sim.loop.runSync(function* () {
      const cancelled = new Future<number>();
      cancelled.cancel();
      cancelled.setErrorUnlessCancelled(failure);
      const pending = new Future<number>();
      pending.setErrorUnlessCancelled(failure);
      assert.equal(pending.error(), failure);
      yield sleep(1);
    });
    assert.deepEqual(sim.takeErrors(), [failure]);
  });
});

describe("addDoneCallback()", () => {
  // FUT-002
  it("does not call back at once for a settled Future, but from the ready queue", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<number>();
      future.setResult(7);
      loop.addCallback(() => events.push("the next pass"));
      future.addDoneCallback((done) => events.push(done.result()));
      events.push("added");
      yield sleep(1);
    });
    assert.deepEqual(events, ["added", 7, "the next pass"]);
  });

  // FUT-003
  it("does not call back inside setResult", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<number>();
      future.addDoneCallback((done) => events.push(done.result()));
      future.setResult(7);
      events.push("set");
      yield sleep(1);
    });
    assert.deepEqual(events, ["set", 7]);
  });

  // FUT-004
  it("calls back in the order of registration", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<void>();
      for (const name of ["first", "second", "third"]) future.addDoneCallback(() => events.push(name));
      future.setResult();
      yield sleep(1);
    });
    assert.deepEqual(events, ["first", "second", "third"]);
  });

  // FUT-005
  it("calls one that was added by another one behind all the others", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<void>();
      future.addDoneCallback(() => {
        events.push("1");
        future.addDoneCallback(() => events.push("1b"));
      });
      future.addDoneCallback(() => events.push("2"));
      future.setResult();
      yield sleep(1);
    });
    assert.deepEqual(events, ["1", "2", "1b"]);
  });

  // FUT-006
  it("logs what a callback throws, and calls the others all the same", (t) => {
    const sim = simulation(t);
    const failure = new Error("of a callback");
    sim.loop.runSync(function* () {
      const future = new Future<void>();
      future.addDoneCallback(() => {
        throw failure;
      });
      future.addDoneCallback(() => sim.events.push("the other one"));
      future.setResult();
      sim.events.push("set");
      yield sleep(1);
    });
    assert.deepEqual(sim.events, ["set", "the other one"]);
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  it("runs a callback in the contexts of who added it", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const future = new Future<void>();
      const context = new StackContext(function* () {
        events.push("in");
        yield;
        events.push("out");
      });
      context.run(() => future.addDoneCallback(() => events.push("callback")));
      events.length = 0;
      future.setResult();
      yield sleep(1);
    });
    assert.deepEqual(events, ["in", "callback", "out"]);
  });
});

describe("a failure of a Future that nobody takes", () => {
  /** The errors reported when the loop is closed after `body`. */
  function reported(
    sim: ReturnType<typeof simulation>,
    body: (failed: Future<void>, failure: Error) => void,
  ): unknown[] {
    const failed = new Future<void>();
    sim.loop.runSync(function* () {
      const failure = new Error("failed");
      body(failed, failure);
      if (!failed.done()) failed.setError(failure);
      yield sleep(1);
    });
    sim.close();
    assert.equal(failed.done(), true);
    return sim.takeReports().map((report) => {
      assert.ok(report instanceof LostErrorReport);
      return (report.error as Error).message;
    });
  }

  // FUT-012
  it("is not taken by adding a callback alone", (t) => {
    const sim = simulation(t);
    const errors = reported(sim, (failed) => failed.addDoneCallback((done) => sim.events.push(done.done())));
    assert.deepEqual(errors, ["failed"]);
    assert.deepEqual(sim.events, [true]);
  });

  // FUT-012
  it("is taken by error()", (t) => {
    const sim = simulation(t);
    const errors = reported(sim, (failed) => failed.addDoneCallback((done) => sim.events.push(done.error())));
    assert.deepEqual(errors, []);
    assert.equal(sim.events.length, 1);
  });

  // FUT-012
  it("is taken by result()", (t) => {
    const errors = reported(simulation(t), (failed, failure) => {
      failed.setError(failure);
      assert.throws(() => failed.result());
    });
    assert.deepEqual(errors, []);
  });

  it("is taken by a promise chain", async (t) => {
    const sim = simulation(t);
    let chained: Promise<void> | undefined;
    const errors = reported(sim, (failed) => {
      chained = failed.then();
    });
    assert.deepEqual(errors, []);
    await assert.rejects(async () => await chained, /failed/);
  });

  it("that a done callback takes is not lost, though others have looked on", (t) => {
    const sim = simulation(t);
    const errors = reported(sim, (failed) => {
      failed.addDoneCallback(() => {});
      failed.addDoneCallback((done) => sim.events.push(done.error()));
    });
    assert.deepEqual(errors, []);
  });

  // FUT-013
  it("is reported when the Future is collected, at the latest", async () => {
    const reports: string[] = [];
    const log = { warn: (message: string) => reports.push(message), error: () => {} };
    const loop = IOLoop.current();
    const before = loop.log;
    loop.log = log;
    try {
      (() => {
        new Future<void>().setError(new Error("forgotten by all"));
      })();
      for (let i = 0; i < 100 && reports.length === 0; i++) {
        collectGarbage();
        await new Promise(setImmediate);
      }
    } finally {
      loop.log = before;
    }
    assert.equal(reports.length, 1);
    assert.match(
      reports[0] ?? "",
      /^lost error: a Future failed and nobody took its error\n {2}Error: forgotten/,
    );
  });
});

describe("await of a Future", () => {
  // FUT-021
  it("gives the result", async () => {
    const future = new Future<number>();
    setImmediate(() => future.setResult(7));
    assert.equal(await future, 7);
  });

  it("throws the failure", async () => {
    const failure = new Error("failed");
    const future = new Future<number>();
    setImmediate(() => future.setError(failure));
    await assert.rejects(
      async () => await future,
      (error) => error === failure,
    );
  });

  // FUT-021
  it("goes on after setResult has returned", async () => {
    const events: string[] = [];
    const future = new Future<void>();
    const waiter = (async () => {
      await future;
      events.push("resumed");
    })();
    await null;
    future.setResult();
    events.push("set");
    await waiter;
    assert.deepEqual(events, ["set", "resumed"]);
  });

  it("waits for a coroutine", async () => {
    const work = coroutine(function* () {
      yield* sleep(1);
      return "result";
    });
    assert.equal(await work(), "result");
  });
});
