/** The seed's `gen.coroutine`, branch by branch: each test names the branch that it covers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExceptionStackContext } from "../../src/context/index.ts";
import { Future } from "../../src/future/index.ts";
import { coroutine, moment, Return, sleep } from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

describe("the seed's gen.coroutine", () => {
  // seed: coroutine.wrapper, `future = TracebackFuture()` ... `return future`
  it("returns a Future, whatever the body is", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      assert.ok(coroutine(() => 1)() instanceof Future);
      const waiting = coroutine(function* () {
        yield moment;
      })();
      assert.ok(waiting instanceof Future);
      yield waiting;
    });
  });

  // seed: coroutine.wrapper, `@functools.wraps(func)`
  it("keeps the name and the length of the body", () => {
    const wrapped = coroutine(function* upload(_name: string, _size: number) {});
    assert.equal(wrapped.name, "upload");
    assert.equal(wrapped.length, 2);
  });

  // seed: coroutine.wrapper, `result = func(*args, **kwargs)`
  it("passes `this` and the arguments to the body", (t) => {
    const { loop } = simulation(t);
    const store = {
      prefix: "survey",
      key: coroutine(function* (this: { prefix: string }, id: number, ...rest: string[]) {
        yield moment;
        return [this.prefix, id, ...rest];
      }),
    };
    assert.deepEqual(
      loop.runSync(() => store.key(7, "a", "b")),
      ["survey", 7, "a", "b"],
    );
  });

  // seed: coroutine.wrapper, `except (Return, StopIteration) as e: result = getattr(e, 'value', None)`
  it("takes the value of a Return that a plain function throws", () => {
    const work = coroutine((): number => {
      throw new Return(42);
    })();
    assert.equal(work.result(), 42);
  });

  // seed: coroutine.wrapper, `except Exception: deactivate(); future.set_exc_info(...); return future`
  it("puts the error of a plain function into the Future and does not throw", () => {
    const failure = new Error("not a generator");
    const work = coroutine((): number => {
      throw failure;
    })();
    assert.equal(work.error(), failure);
  });

  // seed: coroutine.wrapper, an exception before the first yield (runner.run() inside the call)
  it("puts an error before the first yield into the Future and does not throw", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const failure = new Error("before the first yield");
      const work = coroutine(function* () {
        throw failure;
      })();
      assert.equal(work.error(), failure);
    });
  });

  // seed: coroutine.wrapper, an exception while the arguments' defaults are made
  it("puts an error of a parameter's default into the Future and does not throw", () => {
    const failure = new Error("no default");
    const fail = (): string => {
      throw failure;
    };
    const work = coroutine(function* (name = fail()) {
      yield moment;
      return name;
    })();
    assert.equal(work.error(), failure);
  });

  // seed: coroutine.wrapper, `if isinstance(result, types.GeneratorType): ... runner.run()`
  it("runs a generator inside the call, up to its first wait", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = coroutine(function* () {
        events.push("inside the call");
        yield moment;
        events.push("later");
      })();
      events.push("after the call");
      yield work;
    });
    assert.deepEqual(events, ["inside the call", "after the call", "later"]);
  });

  // seed: coroutine.wrapper, `def final_callback(value): ... future.set_result(value)`
  it("settles the Future when the generator has ended", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = coroutine(function* () {
        yield sleep(5);
        return "value";
      })();
      assert.equal(work.done(), false);
      yield sleep(5);
      yield moment;
      assert.equal(work.result(), "value");
    });
  });

  // seed: coroutine.wrapper, `deactivate(); future.set_result(result); return future`
  it("gives the result of a plain function as a settled Future", () => {
    const work = coroutine((name: string) => name.length)("seven..");
    assert.equal(work.done(), true);
    assert.equal(work.result(), 7);
  });

  // seed: coroutine.wrapper, `deactivate()`, `runner.handle_exception` of a finished runner
  it("hands errors of callbacks that outlive it to the contexts of its caller", (t) => {
    const { loop, events } = simulation(t);
    const failure = new Error("a late callback");
    loop.runSync(function* () {
      const context = new ExceptionStackContext((error) => events.push(error));
      const work = context.run(() =>
        coroutine(function* () {
          loop.callLater(5, () => {
            throw failure;
          });
        })(),
      );
      assert.equal(work?.done(), true);
      yield sleep(10);
    });
    assert.deepEqual(events, [failure]);
  });

  // seed: coroutine.handle_exception, the error of a callback that the waiting generator registered
  it("does not throw the errors of its plain callbacks into the generator", (t) => {
    const sim = simulation(t);
    const { loop, events } = sim;
    const failure = new Error("a plain callback");
    loop.runSync(function* () {
      loop.callLater(1, () => {
        throw failure;
      });
      yield sleep(5);
      events.push("untouched");
    });
    assert.deepEqual(events, ["untouched"]);
    assert.deepEqual(sim.takeErrors(), [failure]);
  });
});
