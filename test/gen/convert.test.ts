/** What may be yielded, and what several at once come to. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadYieldError, CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  all,
  convertYielded,
  coroutine,
  Multi,
  maybeFuture,
  moment,
  registerYieldable,
  sleep,
} from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { failedWith, later, settledWith } from "./outcomes.ts";
import { simulation } from "./simulation.ts";

describe("a yield", () => {
  // GEN-030
  for (const [what, value, hint] of [
    ["a number", 5, /yielded 5.*is it the result already/],
    ["a string", "text", /yielded "text".*spread it into an array/],
    ["a boolean", true, /yielded true/],
    ["a function", function upload() {}, /yielded the function "upload".*was the call forgotten/],
    ["a Set", new Set(), /class Set.*spread it into an array/],
    ["an instance of a class", new (class Upload {})(), /class Upload/],
    // GEN-031
    ["null", null, /yielded null.*yield moment/],
  ] as const) {
    it(`throws BadYieldError for ${what}, which may be caught`, (t) => {
      const { loop } = simulation(t);
      const caught = loop.runSync(function* () {
        try {
          yield value;
        } catch (error) {
          return { error, after: yield settledWith("went on") };
        }
        return undefined;
      });
      assert.ok(caught?.error instanceof BadYieldError);
      assert.match(caught.error.message, hint);
      assert.equal(caught.after, "went on");
    });
  }

  // GEN-031
  it("of undefined pauses for one pass", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      loop.addCallback(() => events.push("callback"));
      events.push(yield undefined);
    });
    assert.deepEqual(events, ["callback", undefined]);
  });

  // GEN-032
  it("of moment pauses for one pass: two coroutines take turns", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const worker = coroutine(function* (name: string) {
        for (let i = 0; i < 3; i++) {
          events.push(name);
          yield moment;
        }
      });
      yield [worker("a"), worker("b")];
    });
    assert.equal(events.join(""), "ababab");
  });

  // GEN-033
  it("of a settled Future does not pause", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const worker = coroutine(function* (name: string, wait: unknown) {
        for (let i = 0; i < 3; i++) {
          events.push(name);
          yield wait;
        }
      });
      yield [worker("a", moment), worker("b", settledWith(1))];
    });
    assert.equal(events.join(""), "abbbaa");
  });

  // GEN-034
  it("of [moment] pauses as moment does", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const worker = coroutine(function* (name: string) {
        for (let i = 0; i < 3; i++) {
          events.push(name);
          yield [moment];
        }
      });
      yield [worker("a"), worker("b")];
    });
    assert.equal(events.join(""), "ababab");
  });

  // GEN-035
  it("of an array gives the results in its order", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        return yield [later(10, "slow"), later(5, "quick"), settledWith("there")];
      }),
      ["slow", "quick", "there"],
    );
  });

  // GEN-036
  it("of a record gives the results under its keys", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        return yield { slow: later(10, 1), quick: later(5, 2) };
      }),
      { slow: 1, quick: 2 },
    );
  });

  // GEN-036
  it("of a Map gives a Map with its keys", (t) => {
    const { loop } = simulation(t);
    const key = {};
    const result = loop.runSync(function* () {
      return (yield new Map<unknown, unknown>([
        [key, later(5, 1)],
        ["b", later(1, 2)],
      ])) as Map<unknown, unknown>;
    });
    assert.deepEqual(
      [...result],
      [
        [key, 1],
        ["b", 2],
      ],
    );
  });

  // GEN-037
  it("of an empty array, record or Map does not pause", () => {
    const work = coroutine(function* () {
      return [yield [], yield {}, yield new Map()];
    })();
    assert.deepEqual(work.result(), [[], {}, new Map()]);
  });

  // GEN-038
  it("of nested arrays and records gives the same shape", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        return yield { a: [later(5, 1), { b: later(1, 2) }], c: [] };
      }),
      { a: [1, { b: 2 }], c: [] },
    );
  });

  // GEN-039
  it("of an array that holds a Future twice gives its result twice", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        const shared = later(5, "shared");
        return yield [shared, shared];
      }),
      ["shared", "shared"],
    );
  });

  // GEN-040
  it("waits for any thenable", (t) => {
    const { loop } = simulation(t);
    const thenable = {
      then(resolve: (value: string) => void): void {
        loop.callLater(5, resolve, "thenable");
      },
    };
    assert.equal(
      loop.runSync(function* () {
        return yield thenable;
      }),
      "thenable",
    );
  });

  // GEN-040
  it("waits for instances of a class that was registered", (t) => {
    const { loop } = simulation(t);
    class Job {
      readonly ms: number;
      constructor(ms: number) {
        this.ms = ms;
      }
    }
    const unregister = registerYieldable(Job, (job) => later(job.ms, `job of ${job.ms} ms`));
    t.after(unregister);
    assert.equal(
      loop.runSync(function* () {
        return yield new Job(5);
      }),
      "job of 5 ms",
    );
  });

  // GEN-040
  it("throws BadYieldError when a registered conversion fails, with what it threw as the cause", (t) => {
    const { loop } = simulation(t);
    class Job {}
    const cause = new Error("no conversion");
    t.after(
      registerYieldable(Job, () => {
        throw cause;
      }),
    );
    const caught = loop.runSync(function* () {
      try {
        yield new Job();
      } catch (error) {
        return error as BadYieldError;
      }
      return undefined;
    });
    assert.ok(caught instanceof BadYieldError);
    assert.equal(caught.cause, cause);
  });

  it("knows a class no longer that was taken back", (t) => {
    const { loop } = simulation(t);
    class Job {}
    registerYieldable(Job, () => settledWith(1))();
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield new Job();
        }),
      BadYieldError,
    );
  });

  // GEN-041
  it("of a promise goes on after whoever settled it, before the loop's next callback", async () => {
    const events: string[] = [];
    const loop = new IOLoop();
    await loop.run(function* () {
      const promise = Promise.resolve().then(() => {
        events.push("settled");
        loop.addCallback(() => events.push("the next pass"));
      });
      yield promise;
      events.push("resumed");
      yield moment;
      yield moment;
    });
    loop.close();
    assert.deepEqual(events, ["settled", "resumed", "the next pass"]);
  });

  it("of a generator object runs it as a child coroutine", (t) => {
    const { loop } = simulation(t);
    function* bare(ms: number): Generator<unknown, string> {
      yield sleep(ms);
      return `after ${loop.time()} ms`;
    }
    assert.deepEqual(
      loop.runSync(function* () {
        return yield [bare(5), bare(10)];
      }),
      ["after 5 ms", "after 10 ms"],
    );
  });
});

describe("a yield of a generator object", () => {
  it("throws BadYieldError for one that was yielded before", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const generator = (function* () {
        yield sleep(1);
        return "result";
      })();
      events.push(yield generator);
      try {
        yield generator;
      } catch (error) {
        events.push(error instanceof BadYieldError);
      }
    });
    assert.deepEqual(events, ["result", true]);
  });

  it("throws BadYieldError for an async one, and says what to use for its items", (t) => {
    const { loop } = simulation(t);
    assert.throws(
      () =>
        loop.runSync(function* () {
          yield (async function* () {})();
        }),
      /for its items, use each or forEach/,
    );
  });
});

describe("a yield of several", () => {
  // GEN-050
  it("waits for all, also when one fails early, and throws the first failure of the list", (t) => {
    const sim = simulation(t);
    const first = new Error("first in the list");
    const quick = new Error("first in time");
    const outcome = sim.loop.runSync(function* () {
      try {
        yield [later(10, "slow"), later(5, first), later(1, quick)];
      } catch (error) {
        return { error, at: sim.loop.time() };
      }
      return undefined;
    });
    assert.deepEqual(outcome, { error: first, at: 10 });
    assert.deepEqual(sim.takeErrors(), [quick]);
  });

  // GEN-051
  it("logs the failures after the first, each once", (t) => {
    const sim = simulation(t);
    const errors = [new Error("first"), new Error("second"), new Error("third")];
    sim.loop.runSync(function* () {
      try {
        yield errors.map((error) => later(1, error));
      } catch {}
    });
    assert.deepEqual(sim.takeErrors(), errors.slice(1));
  });

  it("does not log a failure that two members share", (t) => {
    const { loop } = simulation(t);
    const shared = new Error("shared");
    loop.runSync(function* () {
      try {
        yield [later(1, shared), later(2, shared)];
      } catch {}
    });
  });

  it("does not log that several were cancelled", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const works = [later(5, 1), later(5, 2)];
      for (const work of works) work.cancel();
      try {
        yield works;
      } catch (error) {
        assert.ok(error instanceof CancelledError);
      }
    });
  });

  // GEN-052
  it("does not log failures of the classes that were called quiet, and throws all the same", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      try {
        yield new Multi([later(1, new TypeError("thrown")), later(1, new RangeError("quiet"))], {
          quietErrors: [RangeError],
        });
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.ok(caught instanceof TypeError);
  });

  // GEN-053
  it("has taken the failures that it logged: they are no lost errors", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      try {
        yield [later(1, new Error("thrown")), later(1, new Error("logged"))];
      } catch {}
    });
    sim.loop.start();
    assert.equal(sim.takeErrors().length, 1);
    assert.deepEqual(sim.takeReports(), []);
  });

  // GEN-054
  it("waits for the others also when a member has failed before", (t) => {
    const { loop } = simulation(t);
    const at = loop.runSync(function* () {
      try {
        yield [failedWith(new Error("before")), later(10, "slow")];
      } catch {}
      return loop.time();
    });
    assert.equal(at, 10);
  });

  // GEN-055
  it("goes on in one turn after the last member, at any depth of nesting", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const last = new Future<void>();
      const waiter = coroutine(function* (name: string, what: unknown) {
        yield what;
        events.push(name);
      });
      const waiters = [waiter("nested", [[[last]]]), waiter("direct", last)];
      loop.addCallback(() => last.setResult());
      yield waiters;
    });
    assert.deepEqual(events, ["nested", "direct"]);
  });

  // GEN-056
  it("leaves the other members alone when one fails", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const slow = later(10, "slow");
      slow.addDoneCallback((done) => events.push(done.result()));
      try {
        yield [later(1, new Error("quick")), slow];
      } catch {}
    });
    assert.deepEqual(events, ["slow"]);
  });

  // GEN-057
  it("puts results together by index, never by who was first", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        return yield [5, 1, 4, 2, 3].map((ms) => later(ms, ms));
      }),
      [5, 1, 4, 2, 3],
    );
  });

  it("throws BadYieldError when a member cannot be waited for, and those started before it are loud", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      try {
        yield [later(1, "started"), 5];
      } catch (error) {
        assert.ok(error instanceof BadYieldError);
      }
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
    sim.loop.start();
  });

  it("throws CancelledError when a member was cancelled", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const member = new Future<void>();
      loop.callLater(1, () => member.cancel("not needed"));
      try {
        yield [member, later(5, 1)];
      } catch (error) {
        return error as CancelledError;
      }
      return undefined;
    });
    assert.ok(caught instanceof CancelledError);
    assert.equal(caught.reason, "not needed");
  });
});

describe("all()", () => {
  it("is a Future of the results, for yield*", (t) => {
    const { loop } = simulation(t);
    assert.deepEqual(
      loop.runSync(function* () {
        const [a, { b }] = yield* all([later(5, 1), { b: later(1, "two") }]);
        return [a, b];
      }),
      [1, "two"],
    );
  });

  it("takes back what its owner started when it is cancelled by hand", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const own = coroutine(function* () {
        try {
          yield sleep(100);
        } finally {
          yield sleep(5);
          events.push("cleaned up");
        }
      });
      const foreign = new Future<void>();
      const both = all([own(), foreign]);
      both.cancel("by hand");
      assert.equal(both.done(), false);
      try {
        yield both;
      } catch (error) {
        events.push((error as CancelledError).reason);
      }
      assert.equal(foreign.done(), false);
    });
    assert.deepEqual(events, ["cleaned up", "by hand"]);
  });
});

describe("maybeFuture()", () => {
  it("gives a Future back as it is", () => {
    const future = new Future<number>();
    assert.equal(maybeFuture(future), future);
  });

  it("gives anything else as the result of a Future", () => {
    assert.equal(maybeFuture(7).result(), 7);
  });
});

describe("convertYielded()", () => {
  it("refuses outside of a coroutine what only one can start", () => {
    assert.throws(() => convertYielded(new Multi([]), undefined), BadYieldError);
    assert.throws(
      () => convertYielded((function* () {})(), undefined),
      /no coroutine is running, one is wanted to own it/,
    );
  });
});
