import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { CancelledError, GyreError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  call,
  cancelOn,
  coroutine,
  currentCoroutine,
  defer,
  run,
  signal,
  sleep,
} from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { simulation } from "./simulation.ts";

describe("signal()", () => {
  it("is aborted inside the cancel call, with the error that is thrown", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let own: AbortSignal | undefined;
      const work = call(function* () {
        own = signal();
        yield* sleep(100);
      });
      yield* sleep(10);
      assert.equal(own?.aborted, false);
      work.cancel("enough");
      assert.equal(own?.aborted, true);
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.equal(own?.reason, error);
      assert.equal(error.reason, "enough");
    });
  });

  it("is the same one for a coroutine, and another one for each", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const own = signal();
      yield* sleep(1);
      assert.equal(signal(), own);
      const child = yield* call(() => ({ signal: signal() }));
      assert.notEqual(child.signal, own);
    });
  });

  it("is aborted from the start when the cancel was asked for before", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        currentCoroutine()?.cancel("from inside");
        assert.equal(signal().aborted, true);
        yield* sleep(1);
      });
      assert.equal(signal().aborted, false);
      yield* errorOf(work);
    });
  });

  it("is not aborted by an ordinary end or a failure", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const signals: AbortSignal[] = [];
      yield* call(function* () {
        signals.push(signal());
        yield* sleep(1);
      });
      yield* errorOf(
        call(() => {
          signals.push(signal());
          throw new Error("on purpose");
        }),
      );
      yield* sleep(10);
      assert.deepEqual(
        signals.map(({ aborted }) => aborted),
        [false, false],
      );
    });
  });

  it("is aborted in a child that a cancel reaches through its owner", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let inner: AbortSignal | undefined;
      const owner = call(function* owner() {
        yield* call(function* child() {
          inner = signal();
          yield* sleep(100);
        });
      });
      owner.cancel();
      yield* errorOf(owner);
      assert.equal(inner?.aborted, true);
    });
  });

  it("runs what listens to it on nobody's behalf", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let listener: unknown = "not called";
      const work = call(function* () {
        signal().addEventListener("abort", () => {
          listener = currentCoroutine();
        });
        yield* sleep(100);
      });
      work.cancel();
      assert.equal(listener, undefined);
      yield* errorOf(work);
    });
  });

  it("stops a fetch that its coroutine waits for", async () => {
    const requests: Promise<unknown>[] = [];
    const server = createServer((request) => {
      requests.push(new Promise((resolve) => request.once("close", resolve)));
      arrived.setResult();
    });
    const arrived = new Future<void>();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const work = coroutine(function* work() {
        yield fetch(`http://127.0.0.1:${port}/`, { signal: signal() });
      })();
      await arrived;
      work.cancel("not needed");
      await assert.rejects(work.then(), CancelledError);
      // The server sees the connection go.
      await Promise.all(requests);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("refuses to be called outside of a coroutine", () => {
    assert.throws(
      () => signal(),
      (error) => error instanceof GyreError && error.code === "GYRE_NO_COROUTINE",
    );
  });
});

describe("cancelOn()", () => {
  it("cancels with the signal's reason, and gives the future back", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const controller = new AbortController();
      const reason = new Error("the user left");
      const work = call(() => sleep(100));
      assert.equal(cancelOn(controller.signal, work), work);
      yield* sleep(10);
      controller.abort(reason);
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, reason);
      assert.equal(error.cause, reason);
      assert.equal(loop.time(), 10);
    });
  });

  it("cancels at once when the signal is aborted already", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const future = cancelOn(AbortSignal.abort("before"), new Future<void>());
      assert.equal(future.cancelled(), true);
      yield* errorOf(future);
    });
  });

  it("leaves no listener on the signal once the work has ended", (t) => {
    const { loop } = simulation(t);
    const controller = new AbortController();
    const listeners = (): number => getEventListeners(controller.signal, "abort").length;
    loop.runSync(function* () {
      const works = [1, 2, 3].map((ms) =>
        cancelOn(
          controller.signal,
          call(() => sleep(ms)),
        ),
      );
      assert.equal(listeners(), 3);
      for (const work of works) yield* work;
      assert.equal(listeners(), 0);
      cancelOn(controller.signal, works[0] as Future<void>);
      assert.equal(listeners(), 0);
      const cancelled = cancelOn(
        controller.signal,
        call(() => sleep(100)),
      );
      cancelled.cancel();
      yield* errorOf(cancelled);
      assert.equal(listeners(), 0);
    });
  });

  it("does not count as waiting: orphans and lost errors are reported", (t) => {
    const sim = simulation(t);
    const { signal: never } = new AbortController();
    sim.loop.runSync(function* () {
      yield* call(function* forgetful() {
        cancelOn(
          never,
          call(function* () {
            yield* sleep(1);
            throw new Error("lost");
          }),
        );
        cancelOn(
          never,
          call(() => sleep(10)),
        );
        yield* sleep(5);
      });
    });
    sim.loop.start();
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["lost-error", "orphan"],
    );
  });

  it("refuses what is no signal or no future", () => {
    assert.throws(() => cancelOn({} as AbortSignal, new Future()), TypeError);
    assert.throws(() => cancelOn(AbortSignal.abort(), Promise.resolve() as never), TypeError);
  });
});

describe("call() with a signal", () => {
  it("passes arguments, is typed as without, and is cancelled by the abort", (t) => {
    const { loop } = simulation(t);
    const controller = new AbortController();
    loop.runSync(function* () {
      const add = function* (a: number, b: number): Generator<unknown, number, unknown> {
        yield sleep(10);
        return a + b;
      };
      const sum: number = yield* call({ signal: controller.signal }, add, 1, 2);
      assert.equal(sum, 3);
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
      const work = call({ signal: controller.signal }, add, 1, 2);
      controller.abort("enough");
      assert.equal(((yield* errorOf(work)) as CancelledError).reason, "enough");
    });
  });

  it("does not call the function when the signal is aborted already", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call({ signal: AbortSignal.abort("before") }, () => events.push("called"));
      assert.equal(work.cancelled(), true);
      assert.equal(((yield* errorOf(work)) as CancelledError).reason, "before");
      assert.equal(yield* call({}, () => "called"), "called");
    });
    assert.deepEqual(events, []);
  });

  it("lets clean-ups run to their end", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const controller = new AbortController();
      const work = call({ signal: controller.signal }, function* () {
        defer(function* () {
          yield sleep(5);
          events.push(`cleaned at ${loop.time()}`);
        });
        yield* sleep(100);
      });
      yield* sleep(10);
      controller.abort();
      yield* errorOf(work);
    });
    assert.deepEqual(events, ["cleaned at 15"]);
  });

  it("refuses what is no signal, and no function", () => {
    assert.throws(() => call({ signal: 5 as never }, () => {}), TypeError);
    assert.throws(() => call({}, 5 as never), TypeError);
    assert.throws(() => call(null as never), TypeError);
  });
});

describe("run() with a signal", () => {
  it("is cancelled by the abort, with the signal's reason", async () => {
    const controller = new AbortController();
    const result = run(
      function* () {
        yield new Future();
      },
      { signal: controller.signal },
    );
    controller.abort("enough");
    await assert.rejects(result, (error) => error instanceof CancelledError && error.reason === "enough");
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });

  it("does not call the function when the signal is aborted already", async () => {
    const called = run(() => assert.fail("called"), { signal: AbortSignal.abort() });
    await assert.rejects(called, CancelledError);
  });
});
