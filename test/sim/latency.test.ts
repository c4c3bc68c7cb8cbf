/** When operations may end: windows against each other and against timers, and distributions. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/gen/index.ts";
import {
  Distribution,
  type ExploreOptions,
  explore,
  exponential,
  type Latency,
  logNormal,
  uniform,
} from "../../src/sim/index.ts";
import { checkLatency } from "../../src/sim/latency.ts";
import { failureOf, nothing, program } from "./programs.ts";

/** Every order in which operations of those latencies, and timers ("timer 5"), end, each with its time. */
function ordersOf(
  things: Readonly<Record<string, Latency | undefined>>,
  options: ExploreOptions = {},
): string[] {
  const orders = new Set<string>();
  const all = program("all", function* (sim) {
    const order: string[] = [];
    const end = coroutine(function* end(name: string, latency: Latency | undefined) {
      if (name.startsWith("timer")) yield* sleep(latency as number);
      else yield* sim.io(name, nothing, latency === undefined ? {} : { latency });
      order.push(`${name} ${sim.time()}`);
    });
    yield Object.entries(things).map(([name, latency]) => end(name, latency));
    orders.add(order.join(", "));
  });
  const report = explore(all, { strategy: "exhaustive", ...options });
  assert.equal(report.failure, undefined, report.text);
  assert.ok(report.exhausted);
  return [...orders].sort();
}

describe("the latency of an operation", () => {
  it("is any time where none is given, so that every order is seen", () => {
    assert.deepEqual(ordersOf({ a: undefined, b: undefined }), ["a 1, b 1", "b 0, a 1"]);
    assert.equal(ordersOf({ a: undefined, b: undefined, c: undefined }).length, 6);
  });

  it("is exact where it is a number, so that one order is seen", () => {
    assert.deepEqual(ordersOf({ slow: 10, fast: 3, middle: 5 }), ["fast 3, middle 5, slow 10"]);
  });

  it("leaves both orders open where two are the same", () => {
    assert.deepEqual(ordersOf({ a: 5, b: 5 }), ["a 5, b 5", "b 5, a 5"]);
  });

  it("leaves both orders open where windows overlap, and one where they do not", () => {
    const orders = ordersOf({
      a: { minMs: 1, maxMs: 5 },
      b: { minMs: 4, maxMs: 8 },
      c: { minMs: 9, maxMs: 12 },
    });
    assert.deepEqual([...new Set(orders.map((order) => order.replace(/ \d+/g, "")))], ["a, b, c", "b, a, c"]);
  });

  it("lets an operation end as early and as late as it may, for whoever looks at the clock", () => {
    const ends = new Set<number>();
    const report = explore(
      program("timed", function* (sim) {
        for (let at = 0; at < 2; at++) yield* sim.io("query", nothing, { latency: { minMs: 5, maxMs: 600 } });
        ends.add(sim.time());
      }),
    );
    assert.equal(report.failure, undefined);
    assert.deepEqual(
      [...ends].sort((a, b) => a - b),
      [10, 605, 1200],
    );
  });

  it("is kept by an operation that is begun later", () => {
    const ends: number[] = [];
    const report = explore(
      program("later", function* (sim) {
        yield* sim.io("first", nothing, { latency: 7 });
        yield* sim.io("second", nothing, { latency: 5 });
        ends.push(sim.time());
      }),
    );
    assert.equal(report.failure, undefined);
    assert.ok(ends.every((ms) => ms === 12));
  });
});

describe("an operation and a timer", () => {
  it("are seen in both orders where the operation may end at any time", () => {
    const orders = ordersOf({ a: undefined, "timer 5": 5 });
    assert.deepEqual(orders, ["a 1, timer 5 5", "a 5, timer 5 5", "timer 5 5, a 5"]);
  });

  it("are seen in one order where the latency leaves one only", () => {
    assert.deepEqual(ordersOf({ a: 3, "timer 5": 5 }), ["a 3, timer 5 5"]);
    assert.deepEqual(ordersOf({ a: 7, "timer 5": 5 }), ["timer 5 5, a 7"]);
    assert.deepEqual(ordersOf({ a: { minMs: 6, maxMs: 99 }, "timer 5": 5 }), [
      "timer 5 5, a 6",
      "timer 5 5, a 99",
    ]);
  });

  it("are seen in both orders where the timer may be late", () => {
    const things = { a: 7, "timer 5": 5 };
    assert.deepEqual(ordersOf(things, { timers: { lateMs: 1 } }), ["timer 5 5, a 7"]);
    assert.deepEqual(ordersOf(things, { timers: { lateMs: 2 } }), ["a 7, timer 5 7", "timer 5 5, a 7"]);
  });

  it("leave two timers in their order, however late they may be", () => {
    assert.deepEqual(ordersOf({ "timer 5": 5, "timer 6": 6 }, { timers: { lateMs: 100 } }), [
      "timer 5 5, timer 6 6",
    ]);
  });
});

describe("a distribution", () => {
  const durations = (latency: Latency): number[] => {
    const seen = new Set<number>();
    const report = explore(
      program("draws", function* (sim) {
        yield* sim.io("query", nothing, { latency });
        seen.add(sim.time());
      }),
      { strategy: "exhaustive" },
    );
    assert.ok(report.exhausted);
    return [...seen];
  };

  it("gives each of its parts, the middle one first", () => {
    assert.deepEqual(durations(uniform(0, 100)), [50, 2, 25, 75, 98, 99.9]);
  });

  it("gives short ones and long ones, of which the shortest is above 0", () => {
    for (const latency of [exponential(20), logNormal(10, 200)]) {
      const seen = durations(latency);
      assert.equal(seen.length, 6);
      assert.ok(Math.min(...seen) > 0 && Math.max(...seen) > 100, `${seen}`);
    }
  });

  it("has the middle and the tail that it was asked for", () => {
    const [middle = 0, , , , , longest = 0] = logNormal(10, 200).partsMs;
    assert.equal(middle, 10);
    assert.ok(longest > 200);
    assert.ok(Math.abs((exponential(10).partsMs[0] as number) - 10 * Math.LN2) < 1e-9);
    assert.deepEqual(logNormal(5, 5).partsMs, [5, 5, 5, 5, 5, 5]);
  });

  it("may be one of your own", () => {
    assert.deepEqual(durations(new Distribution("two peaks", (p) => (p < 0.9 ? 1 : 1000))), [1, 1000]);
  });

  it("is told as a decision of the search", () => {
    const slow = program("slow", function* (sim) {
      yield* sim.io("query", nothing, { latency: uniform(0, 100) });
      if (sim.time() > 90) throw new Error("too slow");
    });
    assert.match(failureOf(explore(slow)).text, /"query" takes 98.0 ms\n +where "query" takes 50.0 ms/);
  });
});

describe("a latency that cannot be", () => {
  for (const [make, message] of [
    [() => checkLatency(-1), /the duration is -1 ms, a finite number >= 0 is wanted/],
    [() => checkLatency(Number.NaN), /the duration is NaN ms/],
    [() => checkLatency({ minMs: 5, maxMs: 1 }), /it is 5 to 1 ms, the smaller one first is wanted/],
    [() => checkLatency({ minMs: 5 } as never), /Cannot take a latency/],
    [
      () => checkLatency("5" as never),
      /its latency is "5", milliseconds, \{ minMs, maxMs \} or a distribution is wanted/,
    ],
    [() => checkLatency(null as never), /its latency is null/],
    [() => uniform(5, 1), /the smaller one first/],
    [() => exponential(-1), /the duration is -1 ms/],
    [() => logNormal(0, 10), /the median is 0 ms, more is wanted/],
    [() => new Distribution("odd", () => -1), /Cannot make the distribution "odd": the duration is -1 ms/],
  ] as const) {
    it(`is refused: ${make.toString().slice(6)}`, () => {
      assert.throws(make, message);
    });
  }
});
