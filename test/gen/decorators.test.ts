/** `engine`, `call` and `run`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReturnValueIgnoredError } from "../../src/base/index.ts";
import { ExceptionStackContext } from "../../src/context/index.ts";
import { call, coroutine, currentCoroutine, engine, moment, run, sleep } from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

describe("coroutine()", () => {
  it("refuses what is no function", () => {
    assert.throws(() => coroutine("upload" as never), TypeError);
  });

  it("takes an async function, whose promise it waits for", async () => {
    const work = coroutine(async (a: number) => {
      await null;
      return a + 1;
    });
    assert.equal(await work(1), 2);
  });
});

describe("engine()", () => {
  // GEN-072
  it("throws an error before the first wait to its caller", () => {
    const failure = new Error("at once");
    const work = engine(function* () {
      throw failure;
    });
    assert.throws(
      () => work(),
      (error) => error === failure,
    );
  });

  // GEN-072
  it("returns undefined, and goes on by itself", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = engine(function* (name: string) {
        yield sleep(1);
        events.push(name);
      });
      assert.equal(work("went on"), undefined);
      yield sleep(5);
    });
    assert.deepEqual(events, ["went on"]);
  });

  // GEN-073
  it("gives a later error to the contexts of its caller", (t) => {
    const { loop, events } = simulation(t);
    const failure = new Error("later");
    loop.runSync(function* () {
      const work = engine(function* () {
        yield sleep(1);
        throw failure;
      });
      new ExceptionStackContext((error) => events.push(error)).run(() => work());
      yield sleep(5);
    });
    assert.deepEqual(events, [failure]);
  });

  // GEN-073
  it("logs a later error that no context takes", (t) => {
    const sim = simulation(t);
    const failure = new Error("later");
    sim.loop.runSync(function* () {
      engine(function* () {
        yield sleep(1);
        throw failure;
      })();
      yield sleep(5);
    });
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  // GEN-074
  it("throws ReturnValueIgnoredError when a value is returned", (t) => {
    const sim = simulation(t);
    assert.throws(
      () =>
        engine(function* upload() {
          return 7;
        })(),
      (error) => error instanceof ReturnValueIgnoredError && error.message.includes("upload"),
    );
    sim.loop.runSync(function* () {
      engine(function* () {
        yield sleep(1);
        return 7;
      })();
      yield sleep(5);
    });
    assert.ok(sim.takeErrors()[0] instanceof ReturnValueIgnoredError);
  });

  it("is nobody's child: its end is not its caller's affair", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const parent = coroutine(function* () {
        engine(function* () {
          events.push(currentCoroutine()?.owner);
          yield sleep(1);
        })();
        yield moment;
      });
      yield parent();
      yield sleep(5);
    });
    assert.deepEqual(events, [undefined]);
  });
});

describe("call()", () => {
  it("starts a generator function as a child", (t) => {
    const { loop } = simulation(t);
    function* add(a: number, b: number): Generator<unknown, string> {
      yield sleep(1);
      return `${currentCoroutine()?.owner?.name}: ${a + b}`;
    }
    const result = loop.runSync(function* parent() {
      return yield* call(add, 3, 4);
    });
    assert.equal(result, "parent: 7");
  });

  it("refuses to run an async generator function, which it would never see the end of", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(async function* items() {
        yield 1;
      });
      assert.match(
        String(work.error()),
        /TypeError: Cannot run "items #\d+": it is an async generator function/,
      );
    });
  });

  it("puts the error of a plain function into the Future", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("plain");
    loop.runSync(function* () {
      const work = call((): number => {
        throw failure;
      });
      assert.equal(work.error(), failure);
    });
  });
});

describe("run()", () => {
  it("gives a promise of the result", async () => {
    assert.equal(
      await run(function* () {
        yield* sleep(1);
        return "result";
      }),
      "result",
    );
  });

  it("rejects with what the function fails with", async () => {
    const failure = new Error("failed");
    await assert.rejects(
      run(function* () {
        yield* sleep(1);
        throw failure;
      }),
      (error) => error === failure,
    );
  });
});
