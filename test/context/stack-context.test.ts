import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StackContextInconsistentError } from "../../src/base/index.ts";
import {
  type Deactivate,
  ExceptionStackContext,
  NullContext,
  runWithStackContext,
  StackContext,
  wrap,
} from "../../src/context/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, coroutine, engine, moment, sleep } from "../../src/gen/index.ts";
import { simulation } from "../gen/simulation.ts";

/** A context that writes down when it is entered and left. */
function named(name: string, events: unknown[]): StackContext {
  return new StackContext(function* () {
    events.push(`${name} in`);
    try {
      yield;
    } finally {
      events.push(`${name} out`);
    }
  });
}

/** A context that writes down its errors and answers whether it consumes them. */
function catching(name: string, events: unknown[], consumes: boolean): ExceptionStackContext {
  return new ExceptionStackContext((error) => {
    events.push(`${name}: ${(error as Error).message}`);
    return consumes;
  });
}

describe("StackContext", () => {
  // CTX-001
  it("is around callbacks that were scheduled inside it, and around those they schedule", (t) => {
    const { loop, events } = simulation(t);
    named("a", events).run(() => {
      events.length = 0;
      loop.addCallback(() => {
        events.push("first");
        loop.callLater(1, () => events.push("second"));
      });
      events.push("scheduled");
    });
    loop.start();
    assert.deepEqual(events, ["scheduled", "a out", "a in", "first", "a out", "a in", "second", "a out"]);
  });

  // CTX-002
  it("is entered outermost first, and left in reverse", (t) => {
    const { loop, events } = simulation(t);
    named("a", events).run(() =>
      named("b", events).run(() => loop.addCallback(() => events.push("callback"))),
    );
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["a in", "b in", "callback", "b out", "a out"]);
  });

  // CTX-002
  it("gives the result of what runs inside it", () => {
    assert.equal(
      named("a", []).run(() => 7),
      7,
    );
  });

  it("can be entered and left as a resource", (t) => {
    const { loop, events } = simulation(t);
    const entered = named("a", events).enter();
    loop.addCallback(() => events.push("callback"));
    entered[Symbol.dispose]();
    loop.addCallback(() => events.push("outside"));
    loop.start();
    assert.deepEqual(events, ["a in", "a out", "a in", "callback", "a out", "outside"]);
  });

  it("gets the error of the callback at its yield, and consumes it when it catches it", (t) => {
    const { loop, events } = simulation(t);
    const context = new StackContext(function* () {
      try {
        yield;
      } catch (error) {
        events.push((error as Error).message);
      }
    });
    context.run(() =>
      loop.addCallback(() => {
        throw new Error("of the callback");
      }),
    );
    loop.start();
    assert.deepEqual(events, ["of the callback"]);
  });

  it("refuses a factory that does not yield once", () => {
    assert.throws(
      () => new StackContext(function* () {}).run(() => {}),
      /its factory never yields, one yield is wanted/,
    );
    const twice = new StackContext(function* () {
      yield;
      yield;
    });
    assert.throws(() => twice.run(() => {}), /its factory yields twice, one yield is wanted/);
  });

  // CTX-012
  it("that cannot be entered gives its error to those outside it, and the callback is not run", (t) => {
    const { loop, events } = simulation(t);
    let broken = false;
    const entering = new StackContext(function* () {
      if (broken) throw new Error("cannot enter");
      yield;
    });
    catching("outer", events, true).run(() =>
      entering.run(() =>
        catching("inner", events, true).run(() => loop.addCallback(() => events.push("run"))),
      ),
    );
    broken = true;
    loop.start();
    assert.deepEqual(events, ["outer: cannot enter"]);
  });
});

describe("ExceptionStackContext", () => {
  // CTX-003
  it("is asked innermost first; the outer ones are not asked once one has consumed the error", (t) => {
    const { loop, events } = simulation(t);
    const fail = (): void => {
      throw new Error("failed");
    };
    catching("outer", events, true).run(() => {
      catching("declining", events, false).run(() => loop.addCallback(fail));
      catching("consuming", events, true).run(() => loop.addCallback(fail));
    });
    loop.start();
    assert.deepEqual(events, ["declining: failed", "outer: failed", "consuming: failed"]);
  });

  // CTX-003
  it("is asked for errors of its own block as well", () => {
    const events: unknown[] = [];
    const result = catching("block", events, true).run(() => {
      throw new Error("failed");
    });
    assert.equal(result, undefined);
    assert.deepEqual(events, ["block: failed"]);
  });

  // CTX-004
  it("that throws replaces the error for the outer ones", (t) => {
    const { loop, events } = simulation(t);
    const replacing = new ExceptionStackContext(() => {
      throw new Error("replacement");
    });
    catching("outer", events, true).run(() =>
      replacing.run(() =>
        loop.addCallback(() => {
          throw new Error("original");
        }),
      ),
    );
    loop.start();
    assert.deepEqual(events, ["outer: replacement"]);
  });

  // CTX-004
  it("leaves an error that nobody consumes to the loop", (t) => {
    const sim = simulation(t);
    const failure = new Error("nobody's");
    catching("only", sim.events, false).run(() =>
      sim.loop.addCallback(() => {
        throw failure;
      }),
    );
    sim.loop.start();
    assert.deepEqual(sim.events, ["only: nobody's"]);
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  it("sees a thrown undefined as an error", (t) => {
    const { loop, events } = simulation(t);
    new ExceptionStackContext((error) => events.push(error)).run(() =>
      loop.addCallback(() => {
        throw undefined;
      }),
    );
    loop.start();
    assert.deepEqual(events, [undefined]);
  });
});

describe("wrap()", () => {
  // CTX-005
  it("keeps the contexts of the moment of wrapping, whoever calls later", () => {
    const events: unknown[] = [];
    const wrapped = named("captured", events).run(() => wrap(() => events.push("run"))) as () => void;
    events.length = 0;
    wrapped();
    assert.deepEqual(events, ["captured in", "run", "captured out"]);
  });

  // CTX-005
  it("replaces the contexts in force during the call, and restores them afterwards", (t) => {
    const { loop, events } = simulation(t);
    const wrapped = wrap(() => loop.addCallback(() => events.push("of the wrapped one")));
    named("ambient", events).run(() => {
      wrapped();
      loop.addCallback(() => events.push("of the caller"));
    });
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["of the wrapped one", "ambient in", "of the caller", "ambient out"]);
  });

  // CTX-006
  it("does not leave the contexts that are physically around the call", () => {
    const events: unknown[] = [];
    const wrapped = named("cap", events).run(() => wrap(() => events.push("run"))) as () => void;
    events.length = 0;
    named("ambient", events).run(wrapped);
    assert.deepEqual(events, ["ambient in", "cap in", "run", "cap out", "ambient out"]);
  });

  // CTX-007
  it("changes nothing the second time, and leaves undefined and null as they are", () => {
    const wrapped = wrap(() => {});
    assert.equal(wrap(wrapped), wrapped);
    assert.equal(wrap(undefined), undefined);
    assert.equal(wrap(null), null);
  });

  it("passes arguments and results through", () => {
    const wrapped = wrap((a: number, b: number) => a + b);
    assert.equal(wrapped(3, 4), 7);
  });

  // CTX-014
  it("makes the loop leave the contexts of a function alone that was wrapped before", (t) => {
    const { loop, events } = simulation(t);
    const wrapped = named("early", events).run(() => wrap((...args: unknown[]) => events.push(...args))) as (
      ...args: unknown[]
    ) => void;
    loop.runSync(function* () {
      const future = new Future<void>();
      named("late", events).run(() => {
        loop.addCallback(wrapped, "callback", 1);
        loop.callLater(1, wrapped, "timer");
        future.addDoneCallback(() => events.push("unwrapped"));
        future.addDoneCallback(wrapped as () => void);
      });
      events.length = 0;
      yield sleep(1);
      events.push("settling");
      future.setResult();
      yield sleep(1);
    });
    assert.deepEqual(
      events.filter((event) => typeof event !== "object"),
      [
        ...["early in", "callback", 1, "early out"],
        ...["early in", "timer", "early out"],
        ...["settling", "late in", "unwrapped", "late out"],
        ...["early in", "early out"],
      ],
    );
  });
});

describe("deactivate", () => {
  // CTX-008
  it("takes a context out of force from the next wrapped run on", (t) => {
    const { loop, events } = simulation(t);
    named("a", events).run((deactivate) => {
      loop.addCallback(() => {
        deactivate();
        events.push("deactivated");
        loop.addCallback(() => events.push("a later one"));
      });
    });
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["a in", "deactivated", "a out", "a later one"]);
  });

  // CTX-008
  for (const order of [
    ["a", "b", "c"],
    ["c", "b", "a"],
    ["b", "c", "a"],
  ]) {
    it(`works for several contexts, in the order ${order.join(", ")}`, (t) => {
      const { loop, events } = simulation(t);
      const deactivators: Record<string, Deactivate> = {};
      const nest = (names: string[], inner: () => void): void => {
        const [name, ...rest] = names;
        if (name === undefined) inner();
        else {
          named(name, events).run((deactivate) => {
            deactivators[name] = deactivate;
            nest(rest, inner);
          });
        }
      };
      let run: () => void = () => {};
      nest(["a", "b", "c"], () => {
        run = wrap(() => events.push("run"));
      });
      const left = new Set(["a", "b", "c"]);
      for (const name of order) {
        deactivators[name]?.();
        left.delete(name);
        events.length = 0;
        run();
        assert.deepEqual(events, [
          ...[...left].map((each) => `${each} in`),
          "run",
          ...[...left].reverse().map((each) => `${each} out`),
        ]);
      }
      loop.start();
    });
  }
});

describe("NullContext", () => {
  // CTX-009
  it("drops all contexts", (t) => {
    const { loop, events } = simulation(t);
    named("a", events).run(() => {
      new NullContext().run(() => loop.addCallback(() => events.push("without")));
      loop.addCallback(() => events.push("with"));
    });
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["without", "a in", "with", "a out"]);
  });

  // CTX-009
  it("is what spawnCallback uses", (t) => {
    const { loop, events } = simulation(t);
    named("a", events).run(() =>
      loop.spawnCallback(function* () {
        yield moment;
        events.push("without");
      }),
    );
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["without"]);
  });
});

describe("stack contexts and coroutines", () => {
  // CTX-010
  it("let no coroutine suspend inside a context that it has entered", (t) => {
    const { loop, events } = simulation(t);
    const caught = loop.runSync(function* inside() {
      const entered = named("a", events).enter();
      try {
        yield moment;
      } catch (error) {
        return error as Error;
      } finally {
        entered[Symbol.dispose]();
      }
      return undefined;
    });
    assert.ok(caught instanceof StackContextInconsistentError);
    assert.match(caught.message, /Cannot suspend "inside #\d+".*use runWithStackContext/);
    assert.deepEqual(events, ["a in", "a out"]);
  });

  // CTX-010
  it("leave the contexts of the caller as they were when a coroutine breaks that rule", (t) => {
    const { loop, events } = simulation(t);
    const work = coroutine(function* () {
      named("a", events).enter();
      yield moment;
    })();
    assert.ok(work.error() instanceof StackContextInconsistentError);
    events.length = 0;
    loop.addCallback(() => events.push("without"));
    loop.start();
    assert.deepEqual(events, ["without"]);
  });

  // CTX-011
  it("are legal around a wait by runWithStackContext, and do not reach the caller", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = coroutine(function* () {
        yield moment;
        events.push("resumed");
        loop.addCallback(() => events.push("of the work"));
      });
      yield runWithStackContext(named("a", events), () => work());
      events.length = 0;
      loop.addCallback(() => events.push("of the caller"));
      yield sleep(1);
    });
    assert.deepEqual([...events].sort(), ["a in", "a out", "of the caller", "of the work"].sort());
    assert.ok(events.indexOf("a in") < events.indexOf("of the work"));
    assert.ok(events.indexOf("of the work") < events.indexOf("a out"));
  });

  it("stay with the coroutine that was started in them, whoever wakes it", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const gate = new Future<void>();
      const work = named("own", events).run(() =>
        call(function* () {
          yield gate;
          loop.addCallback(() => events.push("callback"));
        }),
      );
      events.length = 0;
      named("of the waker", []).run(() => gate.setResult());
      yield work;
      yield sleep(1);
    });
    assert.deepEqual(events, ["own in", "callback", "own out"]);
  });

  it("hand the errors of what an engine starts to its caller's handler", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      catching("caller", events, true).run(() =>
        engine(function* () {
          yield sleep(1);
          throw new Error("failed");
        })(),
      );
      yield sleep(5);
    });
    assert.deepEqual(events, ["caller: failed"]);
  });

  // CTX-013
  it("are those of who adds a future's callback, not of who settles it", (t) => {
    const { loop, events } = simulation(t);
    const future = new Future<void>();
    named("adder", events).run(() => loop.addFuture(future, () => events.push("callback")));
    events.length = 0;
    named("settler", []).run(() => loop.addCallback(() => future.setResult()));
    loop.start();
    assert.deepEqual(events, ["adder in", "callback", "adder out"]);
  });
});
