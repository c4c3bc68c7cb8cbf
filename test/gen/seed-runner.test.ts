/** The seed's `Runner`, branch by branch: each test names the branch that it covers. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadYieldError, KeyReuseError, LeakedCallbackError, UnknownKeyError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  Arguments,
  Callback,
  coroutine,
  currentCoroutine,
  moment,
  Return,
  type Runner,
  Wait,
  YieldPoint,
} from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

/** A yield point whose three methods a test fills in, and which keeps the runner that started it. */
class Probe<T> extends YieldPoint<T> {
  runner: Runner | undefined = undefined;
  ready = false;
  calls: string[] = [];
  readonly #result: () => T;
  readonly #onStart: (runner: Runner) => void;

  constructor(result: () => T, onStart: (runner: Runner) => void = () => {}) {
    super();
    this.#result = result;
    this.#onStart = onStart;
  }

  override start(runner: Runner): void {
    this.calls.push("start");
    this.runner = runner;
    this.#onStart(runner);
  }

  override isReady(): boolean {
    this.calls.push("isReady");
    return this.ready;
  }

  override getResult(): T {
    this.calls.push("getResult");
    return this.#result();
  }

  becomeReady(): void {
    this.ready = true;
    this.runner?.run();
  }
}

describe("the seed's Runner.run", () => {
  // seed: Runner.run, `if self.running or self.finished: return` (running)
  it("goes on in the outer call when a callback comes while the generator runs", (t) => {
    const { loop, events } = simulation(t);
    const result = loop.runSync(function* () {
      const callback = yield new Callback("key");
      callback("early");
      events.push("after the callback");
      return yield new Wait("key");
    });
    assert.equal(result, "early");
    assert.deepEqual(events, ["after the callback"]);
  });

  // seed: Runner.run, `if self.running or self.finished: return` (running, by run() itself)
  it("does not re-enter a generator whose own step calls run()", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const probe = new Probe(() => "value");
      loop.addCallback(() => probe.becomeReady());
      yield probe;
      events.push("resumed");
      probe.runner?.run();
      events.push("still in the same step");
    });
    assert.deepEqual(events, ["resumed", "still in the same step"]);
  });

  // seed: Runner.run, `if self.running or self.finished: return` (finished)
  it("does nothing once the generator has finished", (t) => {
    const { loop } = simulation(t);
    const probe = new Probe(() => "value");
    let advances = 0;
    const result = loop.runSync(function* () {
      loop.addCallback(() => probe.becomeReady());
      yield probe;
      advances++;
      return "done";
    });
    probe.becomeReady();
    loop.start();
    assert.equal(result, "done");
    assert.equal(advances, 1);
  });

  // seed: Runner.run, `if not self.yield_point.is_ready(): return`
  it("leaves the generator where it is while the yield point is not ready", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const probe = new Probe(() => "value");
      loop.addCallback(() => {
        probe.runner?.run();
        events.push("asked in vain");
      });
      loop.callLater(5, () => probe.becomeReady());
      events.push(yield probe);
    });
    assert.deepEqual(events, ["asked in vain", "value"]);
  });

  // seed: Runner.run, `next = self.yield_point.get_result()`
  it("asks a ready yield point for its result once, right after the start", (t) => {
    const { loop } = simulation(t);
    const probe = new Probe(() => "value");
    probe.ready = true;
    assert.equal(
      loop.runSync(function* () {
        return yield probe;
      }),
      "value",
    );
    assert.deepEqual(probe.calls, ["start", "isReady", "getResult"]);
  });

  // seed: Runner.run, `except Exception: self.exc_info = sys.exc_info()` (get_result raises)
  it("throws at the yield what getResult throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("no result");
    const probe = new Probe(() => {
      throw failure;
    });
    probe.ready = true;
    const caught = loop.runSync(function* () {
      try {
        yield probe;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // seed: Runner.run, `except Exception: self.exc_info = sys.exc_info()` (is_ready raises)
  it("throws at the yield what isReady throws", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      try {
        yield new Wait("never registered");
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(caught instanceof UnknownKeyError);
  });

  // seed: Runner.run, `yielded = self.gen.throw(*exc_info)`
  it("throws an error into the generator, once, and goes on by sending", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const failed = new Future<string>();
      failed.setError(new Error("thrown in"));
      const settled = new Future<string>();
      settled.setResult("sent");
      try {
        yield failed;
      } catch (error) {
        events.push((error as Error).message);
      }
      events.push(yield settled);
    });
    assert.deepEqual(events, ["thrown in", "sent"]);
  });

  // seed: Runner.run, `yielded = self.gen.send(next)`
  it("sends the result as the value of the yield, and undefined at first", (t) => {
    const { loop } = simulation(t);
    const sent: unknown[] = [];
    const byHand = {
      next(value: unknown): IteratorResult<unknown, string> {
        sent.push(value);
        if (sent.length > 1) return { done: true, value: "end" };
        const future = new Future<number>();
        future.setResult(7);
        return { done: false, value: future };
      },
      throw(error: unknown): never {
        throw error;
      },
      [Symbol.iterator]() {
        return this;
      },
    };
    assert.equal(loop.runSync(coroutine(() => byHand as unknown)), "end");
    assert.deepEqual(sent, [undefined, 7]);
  });

  // seed: Runner.run, `except (StopIteration, Return) as e` (StopIteration)
  it("gives the returned value to the Future", (t) => {
    const { loop } = simulation(t);
    assert.equal(
      loop.runSync(function* () {
        yield moment;
        return 42;
      }),
      42,
    );
  });

  // seed: Runner.run, `except (StopIteration, Return) as e` (Return)
  it("gives the value of a thrown Return to the Future", (t) => {
    const { loop } = simulation(t);
    assert.equal(
      loop.runSync(function* () {
        yield moment;
        throw new Return(42);
      }),
      42,
    );
  });

  // seed: Runner.run, `getattr(e, 'value', None)`
  it("gives undefined for a return, or a Return, without a value", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const plain = coroutine(function* () {
        yield moment;
      });
      const byReturn = coroutine(function* () {
        yield moment;
        throw new Return();
      });
      return yield [plain(), byReturn()];
    });
    assert.deepEqual(results, [undefined, undefined]);
  });

  // seed: Runner.run, `raise LeakedCallbackError`
  it("fails with LeakedCallbackError when it ends before its callbacks were waited for", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* leaky() {
          yield new Callback("forgotten");
          return "a value that is lost";
        }),
      (error) =>
        error instanceof LeakedCallbackError &&
        error.message.includes('"forgotten"') &&
        error.message.includes("leaky"),
    );
  });

  // seed: Runner.run, `raise LeakedCallbackError` (called, but not waited for)
  it("counts a callback as leaked also when it was called, as long as nobody waited", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* () {
          const callback = yield new Callback("key");
          callback("nobody asks");
        }),
      LeakedCallbackError,
    );
  });

  // seed: Runner.run, `and not self.had_exception`
  it("does not complain about leaked callbacks after an error was thrown in", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      yield new Callback("orphaned by the error");
      const failed = new Future<void>();
      failed.setError(new Error("thrown in"));
      try {
        yield failed;
      } catch {}
      return "ended";
    });
    assert.equal(result, "ended");
  });

  // seed: Runner.run, `self.final_callback(...); self.final_callback = None`
  it("settles the Future once, however often run() is called afterwards", (t) => {
    const { loop, events } = simulation(t);
    const probe = new Probe(() => "value");
    loop.runSync(function* () {
      const child = coroutine(function* () {
        yield probe;
        return "result";
      })();
      child.addDoneCallback((future) => events.push(future.result()));
      loop.addCallback(() => probe.becomeReady());
      yield child;
      probe.runner?.run();
      probe.runner?.run();
    });
    assert.deepEqual(events, ["result"]);
  });

  // seed: Runner.run, `except Exception: self.finished = True; raise`
  it("puts any other error that leaves the generator into the Future", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("left the generator");
    const caught = loop.runSync(function* () {
      const child = coroutine(function* () {
        yield moment;
        throw failure;
      });
      try {
        yield child();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // seed: Runner.run, `if isinstance(yielded, list): yielded = Multi(yielded)`
  it("waits for all members of a yielded array", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const later = new Future<string>();
      loop.callLater(5, () => later.setResult("future"));
      const probe = new Probe(() => "point");
      loop.callLater(10, () => probe.becomeReady());
      return yield [later, probe];
    });
    assert.deepEqual(results, ["future", "point"]);
  });

  // seed: Runner.run, `elif isinstance(yielded, Future): yielded = YieldFuture(yielded)`
  it("waits for a yielded Future", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const future = new Future<string>();
      loop.callLater(5, () => future.setResult("value"));
      return yield future;
    });
    assert.equal(result, "value");
    assert.equal(loop.time(), 5);
  });

  // seed: Runner.run, `self.yield_point.start(self)`
  it("starts a yielded point inside the yield, with its runner", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const probe = new Probe(
        () => "value",
        () => events.push("started"),
      );
      probe.ready = true;
      events.push("before");
      yield probe;
      events.push("after");
      assert.ok(probe.runner !== undefined);
    });
    assert.deepEqual(events, ["before", "started", "after"]);
  });

  // seed: Runner.run, `except Exception: self.exc_info = sys.exc_info()` (start raises)
  it("throws at the yield what start throws", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("cannot start");
    const caught = loop.runSync(function* () {
      try {
        yield new Probe(
          () => "never",
          () => {
            throw failure;
          },
        );
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  // seed: Runner.run, `self.exc_info = (BadYieldError(...),)`
  it("throws BadYieldError at the yield of anything else, and goes on when it is caught", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      try {
        yield 5;
      } catch (error) {
        assert.ok(error instanceof BadYieldError);
        const settled = new Future<string>();
        settled.setResult("went on");
        return yield settled;
      }
      return "not thrown";
    });
    assert.equal(result, "went on");
  });

  // seed: Runner.run, `finally: self.running = False`
  it("leaves nobody running behind, however a step ends", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* parent() {
      const self = currentCoroutine();
      coroutine(function* returns() {})();
      assert.equal(currentCoroutine(), self);
      const failed = coroutine(function* throws() {
        throw new Error("at once");
      })();
      assert.equal(currentCoroutine(), self);
      const waiting = coroutine(function* waits() {
        yield moment;
      })();
      assert.equal(currentCoroutine(), self);
      assert.equal((failed.error() as Error).message, "at once");
      yield waiting;
      assert.equal(currentCoroutine(), self);
    });
    assert.equal(currentCoroutine(), undefined);
  });
});

describe("the seed's Runner, as a yield point sees it", () => {
  /** The runner of a coroutine that waits for ever. */
  function waitingRunner(): { runner: Runner; work: Future<unknown>; probe: Probe<string> } {
    const probe = new Probe(() => "probed");
    const work = coroutine(function* () {
      return yield probe;
    })();
    return { runner: probe.runner as Runner, work, probe };
  }

  // seed: Runner.register_callback, `self.pending_callbacks.add(key)`
  it("knows a key once it is registered", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const { runner, work, probe } = waitingRunner();
      runner.registerCallback("key");
      assert.equal(runner.isReady("key"), false);
      runner.popResult("key");
      probe.becomeReady();
      yield work;
    });
  });

  // seed: Runner.register_callback, `raise KeyReuseError`
  it("refuses a key that is pending", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const { runner, work, probe } = waitingRunner();
      runner.registerCallback("key");
      assert.throws(() => runner.registerCallback("key"), KeyReuseError);
      runner.popResult("key");
      probe.becomeReady();
      yield work;
    });
  });

  // seed: Runner.is_ready, `raise UnknownKeyError`
  it("refuses to answer for a key that nobody registered", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const { runner, work, probe } = waitingRunner();
      assert.throws(() => runner.isReady("key"), UnknownKeyError);
      probe.becomeReady();
      yield work;
    });
  });

  // seed: Runner.is_ready, `return key in self.results`
  it("is ready for a key once its result is set, also when that is undefined", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const { runner, work, probe } = waitingRunner();
      runner.registerCallback("key");
      runner.setResult("key", undefined);
      assert.equal(runner.isReady("key"), true);
      runner.popResult("key");
      probe.becomeReady();
      yield work;
    });
  });

  // seed: Runner.set_result, `self.results[key] = result; self.run()`
  it("resumes the generator that waits for the key whose result is set", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const waiting = coroutine(function* () {
        const callback = yield new Callback("key");
        loop.addCallback(() => {
          callback("result");
          events.push("set");
        });
        events.push(yield new Wait("key"));
      });
      yield waiting();
    });
    assert.deepEqual(events, ["set", "result"]);
  });

  // seed: Runner.pop_result, `self.pending_callbacks.remove(key); return self.results.pop(key)`
  it("gives a result out once, and the key is unknown afterwards", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const { runner, work, probe } = waitingRunner();
      runner.registerCallback("key");
      runner.setResult("key", "result");
      assert.equal(runner.popResult("key"), "result");
      assert.throws(() => runner.isReady("key"), UnknownKeyError);
      probe.becomeReady();
      yield work;
    });
  });

  for (const [given, args, expected] of [
    // seed: Runner.result_callback, `if kwargs or len(args) > 1: result = Arguments(args, kwargs)`
    ["several arguments", [1, "two"], new Arguments([1, "two"])],
    // seed: Runner.result_callback, `elif args: result = args[0]`
    ["one argument", ["one"], "one"],
    // seed: Runner.result_callback, `else: result = None`
    ["no argument", [], undefined],
  ] as const) {
    it(`makes a callback whose result, given ${given}, is ${expected === undefined ? "undefined" : expected instanceof Arguments ? "all of them as Arguments" : "that"}`, (t) => {
      const { loop } = simulation(t);
      const result = loop.runSync(function* () {
        const callback = yield new Callback("key");
        loop.addCallback(() => callback(...args));
        return yield new Wait("key");
      });
      assert.deepEqual(result, expected);
    });
  }

  // seed: Runner.result_callback, `return wrap(inner)`
  it("resumes in the coroutine's own contexts, whoever calls the callback", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const callback = yield new Callback("key");
      loop.addCallback(() => callback("result"));
      yield new Wait("key");
      events.push(currentCoroutine() !== undefined);
    });
    assert.deepEqual(events, [true]);
  });

  // seed: Runner.handle_exception, `self.exc_info = ...; self.run(); return True`
  it("throws a handled error at the yield of a generator that waits", (t) => {
    const { loop, events } = simulation(t);
    const failure = new Error("from outside");
    const caught = loop.runSync(function* () {
      const probe = new Probe(() => "never");
      loop.addCallback(() => events.push(probe.runner?.handleException(failure)));
      try {
        yield probe;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
    assert.deepEqual(events, [true]);
  });

  // seed: Runner.handle_exception, `else: return False` (running)
  it("does not handle an error while the generator runs", (t) => {
    const { loop } = simulation(t);
    const answer = loop.runSync(function* () {
      const probe = new Probe(() => "value");
      probe.ready = true;
      yield probe;
      return probe.runner?.handleException(new Error("while it runs"));
    });
    assert.equal(answer, false);
  });

  // seed: Runner.handle_exception, `else: return False` (finished)
  it("does not handle an error once the generator has finished", (t) => {
    const { loop } = simulation(t);
    const probe = new Probe(() => "value");
    probe.ready = true;
    loop.runSync(function* () {
      yield probe;
    });
    assert.equal(probe.runner?.handleException(new Error("too late")), false);
  });
});
