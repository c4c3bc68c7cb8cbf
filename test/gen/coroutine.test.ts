/** Calling and stepping: what a coroutine does, and in which turn. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidStateError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { coroutine, isCoroutineFunction, moment, Return, run, sleep, until } from "../../src/gen/index.ts";
import { collectGarbage } from "../future/garbage.ts";
import { failedWith, settledWith } from "./outcomes.ts";
import { simulation } from "./simulation.ts";

/** Counts turns of the ready queue, from its start until `stop()`; each turn of its own is one. */
function countTurns(): { turns: number; stop: () => void } {
  const counter = { turns: 0, stop: () => {} };
  let counting = true;
  counter.stop = () => {
    counting = false;
  };
  const turn = (): void => {
    const settled = new Future<void>();
    settled.setResult();
    settled.addDoneCallback(() => {
      if (!counting) return;
      counter.turns++;
      turn();
    });
  };
  turn();
  return counter;
}

describe("coroutine(), called", () => {
  // GEN-001
  it("runs the body in the caller's stack, up to the first yield of something not done", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const pending = new Future<void>();
      const work = coroutine(function* body() {
        events.push(new Error().stack?.includes("namedCaller"));
        yield settledWith(1);
        events.push("after a settled one");
        yield pending;
        events.push("after the pending one");
      });
      const namedCaller = (): Future<void> => work();
      const started = namedCaller();
      events.push("called");
      pending.setResult();
      yield started;
    });
    assert.deepEqual(events, [true, "after a settled one", "called", "after the pending one"]);
  });

  // GEN-002
  it("never throws: an error before the first yield is the Future's", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const failure = new Error("at once");
      const work = coroutine(function* () {
        throw failure;
      })();
      assert.equal(work.error(), failure);
    });
  });

  // GEN-002
  it("does not throw for a result whose `then` cannot be read", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("no then");
    const unreadable = {
      get then(): unknown {
        throw failure;
      },
    };
    loop.runSync(function* () {
      assert.equal(coroutine(() => unreadable)().error(), failure);
      const returned = coroutine(function* () {
        throw new Return(unreadable);
      })();
      assert.equal(returned.error(), failure);
    });
  });

  // GEN-003
  it("gives the result of a plain function as a settled Future", () => {
    const work = coroutine((a: number, b: number) => a + b)(3, 4);
    assert.equal(work.result(), 7);
  });

  // GEN-003
  it("gives the error of a plain function as a failed Future", () => {
    const failure = new Error("plain");
    const work = coroutine((): void => {
      throw failure;
    })();
    assert.equal(work.error(), failure);
  });

  // GEN-004
  it("has ended before the call returns when it yields settled Futures only", () => {
    const work = coroutine(function* () {
      const a: number = yield settledWith(3);
      const b: number = yield settledWith(4);
      return a + b;
    })();
    assert.equal(work.result(), 7);
  });

  // GEN-005
  it("takes 100 000 settled Futures in one call, without recursion", () => {
    let depth = 0;
    const work = coroutine(function* () {
      const settled = settledWith(1);
      let sum = 0;
      for (let i = 0; i < 100_000; i++) sum += yield settled;
      depth = new Error().stack?.split("\n").length ?? 0;
      return sum;
    })();
    assert.equal(work.result(), 100_000);
    assert.ok(depth < 50, `the stack is ${depth} deep`);
  });

  // GEN-006
  it("is not resumed inside setResult, but in one turn of the ready queue", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const pending = new Future<string>();
      const work = coroutine(function* () {
        events.push(yield pending);
      })();
      loop.addCallback(() => {
        loop.addCallback(() => events.push("the next pass"));
        pending.setResult("resumed");
        events.push("setResult has returned");
      });
      yield work;
      yield moment;
    });
    assert.deepEqual(events, ["setResult has returned", "resumed", "the next pass"]);
  });

  // GEN-007
  it("costs one turn for each of a chain of waiters", (t) => {
    const { loop } = simulation(t);
    const innermost = new Future<string>();
    const chain = coroutine(function* (depth: number): Generator<unknown, string, string> {
      return depth === 0 ? yield innermost : yield chain(depth - 1);
    });
    let counted = { turns: -1, stop: () => {} };
    const result = loop.runSync(function* () {
      const outermost = chain(6);
      loop.addCallback(() => {
        counted = countTurns();
        innermost.setResult("value");
      });
      const value = yield outermost;
      counted.stop();
      return value;
    });
    assert.equal(result, "value");
    // Seven coroutines, and this one that waits for the outermost.
    assert.equal(counted.turns, 8);
  });

  // GEN-008
  it("consumes a result that comes while it runs", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const pending = new Future<string>();
      const settler = coroutine(function* () {
        pending.setResult("settled by who waits for it");
        return yield pending;
      });
      return yield settler();
    });
    assert.equal(result, "settled by who waits for it");
  });

  // GEN-009
  it("is not run again once it has ended, by a wait that a cancel left behind", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const pending = new Future<string>();
      const work = coroutine(function* () {
        try {
          yield pending;
        } catch {
          events.push("cancelled");
        }
      })();
      work.cancel();
      pending.setResult("too late");
      yield work;
      yield moment;
    });
    assert.deepEqual(events, ["cancelled"]);
  });

  // GEN-010
  it("evaluates a yield to the result of the Future, as the same object", (t) => {
    const { loop } = simulation(t);
    const value = { some: "object" };
    const received = loop.runSync(function* () {
      const pending = new Future<object>();
      loop.callLater(1, () => pending.setResult(value));
      const got: object = yield pending;
      return { got };
    });
    assert.equal(received.got, value);
  });

  // GEN-011
  it("throws a failure at the yield, and may wait again after catching it", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const pending = new Future<void>();
      loop.callLater(1, () => pending.setError(new Error("failed")));
      try {
        yield pending;
      } catch (error) {
        events.push((error as Error).message);
      }
      yield sleep(1);
      events.push("went on");
    });
    assert.deepEqual(events, ["failed", "went on"]);
  });

  // GEN-012
  it("throws the very object that the child threw, with the child's frames", (t) => {
    const { loop } = simulation(t);
    const failures: unknown[] = [];
    const caught = loop.runSync(function* () {
      const thrower = coroutine(function* innermostChild() {
        yield moment;
        const failure = new Error("from the child");
        failures.push(failure);
        throw failure;
      });
      try {
        yield thrower();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failures[0]);
    assert.match((caught as Error).stack ?? "", /innermostChild/);
  });

  // GEN-013
  it("fails with an error that leaves the body, and runs nothing behind the failing yield", (t) => {
    const { loop, events } = simulation(t);
    const failure = new Error("left");
    const caught = loop.runSync(function* () {
      const work = coroutine(function* () {
        yield failedWith(failure);
        events.push("not reached");
      })();
      try {
        yield work;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
    assert.deepEqual(events, []);
  });

  // GEN-014
  it("fails with the error that replaced another, and leaves its cause to who threw it", (t) => {
    const { loop } = simulation(t);
    const first = new Error("first");
    const caught = loop.runSync(function* () {
      const work = coroutine(function* () {
        try {
          yield failedWith(first);
        } catch (cause) {
          throw new Error("second", { cause });
        }
      })();
      try {
        yield work;
      } catch (error) {
        return error as Error;
      }
      return undefined;
    });
    assert.equal(caught?.message, "second");
    assert.equal(caught?.cause, first);
  });

  // GEN-015
  it("ends well when it swallows an error and returns", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      try {
        yield failedWith(new Error("swallowed"));
      } catch {
        return "well";
      }
      return "not reached";
    });
    assert.equal(result, "well");
  });

  // GEN-016
  it("ends with the value of a Return, also one that a helper throws", (t) => {
    const { loop } = simulation(t);
    const helper = (): never => {
      throw new Return("from the helper");
    };
    const result = loop.runSync(function* () {
      yield moment;
      helper();
    });
    assert.equal(result, "from the helper");
  });

  // GEN-017
  it("resolves with undefined when nothing is returned", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      return { result: yield coroutine(function* () {})() };
    });
    assert.deepEqual(result, { result: undefined });
  });

  it("waits for a Future, a promise or a coroutine that it returns", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const inner = coroutine(function* () {
        yield sleep(5);
        return "inner";
      });
      const outer = coroutine(function* () {
        return inner();
      });
      return yield outer();
    });
    assert.equal(result, "inner");
  });

  // GEN-022
  it("keeps the name, the length and the mark of a coroutine function", () => {
    const work = coroutine(function* upload(_file: string, _size: number) {});
    assert.equal(work.name, "upload");
    assert.equal(work.length, 2);
    assert.equal(isCoroutineFunction(work), true);
    assert.equal(
      isCoroutineFunction(function* () {}),
      false,
    );
  });

  // GEN-023
  it("passes `this` and its arguments on, unchanged", (t) => {
    const { loop } = simulation(t);
    class Store {
      readonly prefix = "survey";
      readonly key = coroutine(function* (this: Store, part: object) {
        yield moment;
        return [this, part];
      });
    }
    const store = new Store();
    const part = {};
    const result = loop.runSync(() => store.key(part));
    assert.equal(result[0], store);
    assert.equal(result[1], part);
  });

  // GEN-024
  it("lets values that are no Errors travel unchanged", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const work = coroutine(function* () {
        yield moment;
        throw 5;
      });
      try {
        yield work();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, 5);
  });

  // GEN-024
  it("lets a thrown undefined through as a failure", (t) => {
    const { loop } = simulation(t);
    const outcome = loop.runSync(function* () {
      const work = coroutine(function* () {
        yield moment;
        throw undefined;
      });
      try {
        yield work();
      } catch (error) {
        return { error };
      }
      return "no failure";
    });
    assert.deepEqual(outcome, { error: undefined });
  });
});

describe("a Coroutine as a Future", () => {
  it("cannot be settled by hand", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const work = coroutine(function* body() {
        yield sleep(1);
        return "own result";
      })();
      for (const settle of [() => work.setResult("forced"), () => work.setError(new Error("forced"))]) {
        assert.throws(
          settle,
          (error) => error instanceof InvalidStateError && /"body #\d+"/.test(error.message),
        );
      }
      return yield work;
    });
    assert.equal(result, "own result");
  });
});

describe("coroutine(), kept alive", () => {
  // GEN-019
  it("is kept by what it waits for, though its caller has forgotten it", async () => {
    let resolve: (value: string) => void = () => {};
    const promise = new Promise<string>((settle) => {
      resolve = settle;
    });
    const events: string[] = [];
    const start = (): void => {
      void run(function* () {
        events.push(yield* until(promise));
      });
    };
    start();
    for (let i = 0; i < 5; i++) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    resolve("went on");
    await new Promise(setImmediate);
    assert.deepEqual(events, ["went on"]);
  });
});

describe("yield* of a Future", () => {
  it("takes the same turns as yield", (t) => {
    const { loop } = simulation(t);
    const turns = (star: boolean): number => {
      let counted = { turns: -1, stop: () => {} };
      loop.runSync(function* () {
        const pending = new Future<void>();
        loop.addCallback(() => {
          counted = countTurns();
          pending.setResult();
        });
        if (star) yield* pending;
        else yield pending;
        counted.stop();
      });
      return counted.turns;
    };
    assert.equal(turns(true), turns(false));
    assert.equal(turns(true), 1);
  });

  it("throws the failure of the Future itself, not a TypeError", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("failed");
    const caught = loop.runSync(function* () {
      const pending = new Future<void>();
      loop.callLater(1, () => pending.setError(failure));
      try {
        yield* pending;
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(caught, failure);
  });

  it("needs no turn for a Future that is settled", () => {
    const work = coroutine(function* () {
      return (yield* settledWith(3)) + (yield* settledWith(4));
    })();
    assert.equal(work.result(), 7);
  });

  it("lets two coroutines wait for one Future", (t) => {
    const { loop } = simulation(t);
    const results = loop.runSync(function* () {
      const shared = new Future<number>();
      const waiter = coroutine(function* (factor: number) {
        return factor * (yield* shared);
      });
      const waiters = [waiter(2), waiter(3)];
      shared.setResult(7);
      return (yield waiters) as number[];
    });
    assert.deepEqual(results, [14, 21]);
  });
});

describe("what a coroutine returns or yields", () => {
  it("is run when it is a generator object, as when a body calls itself by its own name", (t) => {
    const { loop } = simulation(t);
    const countDown = coroutine(function* countDown(n: number): Generator<unknown, unknown, unknown> {
      yield sleep(1);
      return n === 0 ? "done" : countDown(n - 1);
    });
    assert.equal(
      loop.runSync(() => countDown(3)),
      "done",
    );
  });

  it("throws at the yield what a promise throws that cannot be waited for, whatever was waited for before", async () => {
    const broken: readonly (() => unknown)[] = [
      () => new Proxy(Promise.resolve(1), {}),
      () => Object.create(Promise.prototype),
      () => Object.defineProperty(Promise.resolve(1), "constructor", { value: 5 }),
      () =>
        Object.defineProperty(Promise.resolve(1), "then", {
          get: () => {
            throw new TypeError("no then");
          },
        }),
    ];
    const job = coroutine(function* job() {
      const caught: unknown[] = [];
      for (const make of broken) {
        yield Promise.resolve();
        try {
          yield make();
        } catch (error) {
          caught.push(error instanceof TypeError);
        }
      }
      return caught;
    });
    assert.deepEqual(await job(), [true, true, true, true]);
  });

  it("is heard once of a promise with a `then` of its own that calls back again, later", async () => {
    class Twice extends Promise<number> {
      override then<R, E>(
        onValue?: ((value: number) => R | PromiseLike<R>) | null,
        onError?: ((error: unknown) => E | PromiseLike<E>) | null,
      ): Promise<R | E> {
        setTimeout(() => onValue?.(99), 1);
        return super.then(onValue, onError);
      }
    }
    const seen = await run(function* () {
      const first: number = yield new Twice((resolve) => resolve(1));
      const second: number = yield new Promise<number>((resolve) => setTimeout(() => resolve(2), 5));
      return [first, second];
    });
    assert.deepEqual(seen, [1, 2]);
  });
});
