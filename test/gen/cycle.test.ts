/** Coroutines that would wait for themselves. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { BadYieldError } from "../../src/base/index.ts";
import type { Future } from "../../src/future/index.ts";
import {
  all,
  call,
  coroutine,
  currentCoroutine,
  moment,
  race,
  sleep,
  withTimeout,
} from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

describe("a coroutine that waits for itself", () => {
  // GEN-042
  it("gets an error that says so, at the yield", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      return yield call(function* narcissus() {
        yield moment;
        try {
          yield currentCoroutine();
        } catch (error) {
          return error;
        }
        return undefined;
      });
    });
    assert.ok(caught instanceof BadYieldError);
    assert.match(
      caught.message,
      /^Cannot resume "narcissus #(\d+)": it would wait for itself \(narcissus #\1 -> narcissus #\1\)/,
    );
  });

  // GEN-042
  it("gets it also over others, all of which are named", (t) => {
    const { loop } = simulation(t);
    const caught = loop.runSync(function* () {
      const works: Record<string, unknown> = {};
      works.a = call(function* a() {
        yield moment;
        yield works.b;
      });
      works.b = call(function* b() {
        yield moment;
        yield [works.c];
      });
      works.c = call(function* c() {
        yield sleep(1);
        try {
          yield works.a;
        } catch (error) {
          return error;
        }
        return undefined;
      });
      return (yield [works.c, works.a, works.b])[0];
    });
    assert.ok(caught instanceof BadYieldError);
    assert.match(caught.message, /\(c #(\d+) -> a #\d+ -> b #\d+ -> c #\1\)/);
  });

  // GEN-042
  it("fails when it returns itself", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* () {
        yield moment;
        return currentCoroutine();
      });
      yield sleep(1);
      assert.ok(work.error() instanceof BadYieldError);
    });
  });

  it("is not who waits for one that waits for something else", (t) => {
    const { loop } = simulation(t);
    const result = loop.runSync(function* () {
      const inner = coroutine(function* () {
        yield sleep(5);
        return "inner";
      });
      const shared = inner();
      const outer = coroutine(function* () {
        yield sleep(1);
        return yield* all([shared, inner()]);
      });
      return yield [outer(), outer(), shared];
    });
    assert.deepEqual(result, [["inner", "inner"], ["inner", "inner"], "inner"]);
  });
});

describe("a circle that may still be broken", () => {
  /** `body` waits for a coroutine that waits for it; what it ends with. */
  function circle(t: TestContext, body: (other: Future<unknown>) => Generator<unknown, unknown>): unknown {
    const { loop } = simulation(t);
    return loop.runSync(function* () {
      const works: Record<string, Future<unknown>> = {};
      works.other = call(function* () {
        yield moment;
        try {
          yield works.body;
        } catch {}
      });
      works.body = call(function* () {
        yield sleep(1);
        return yield* body(works.other as Future<unknown>);
      });
      const result: unknown = yield works.body;
      yield works.other;
      return result;
    });
  }

  it("by another member of a race is none", (t) => {
    const result = circle(t, function* (other) {
      return yield race({ other, limit: sleep(5) });
    });
    assert.deepEqual(result, { key: "limit", value: undefined });
  });

  it("by a failure, where that is enough, is none", (t) => {
    const failure = new Error("fast");
    const result = circle(t, function* (other) {
      const failing = call(function* () {
        yield sleep(5);
        throw failure;
      });
      try {
        yield all([other, failing], { failFast: true });
      } catch (error) {
        return error;
      }
      return undefined;
    });
    assert.equal(result, failure);
  });

  it("by a limit is none", (t) => {
    const result = circle(t, function* (other) {
      try {
        yield withTimeout(5, other);
      } catch (error) {
        return (error as Error).name;
      }
      return undefined;
    });
    assert.equal(result, "TimeoutError");
  });
});
