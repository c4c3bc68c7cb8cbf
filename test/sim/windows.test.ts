import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/index.ts";
import { explore, type IoOptions, type Sim } from "../../src/sim/index.ts";

const nothing = (): void => {};

/** All orders in which a timer of 10 ms and an operation of `latency` end. */
function ordersWith(latency: NonNullable<IoOptions["latency"]>): string[] {
  const seen = new Set<string>();
  const report = explore(
    coroutine(function* main(sim: Sim) {
      const order: string[] = [];
      const operate = coroutine(function* operate() {
        yield* sim.io("operation", nothing, { latency });
        order.push("operation");
      });
      const wait = coroutine(function* wait() {
        yield* sleep(10);
        order.push("timer");
      });
      yield [operate(), wait()];
      seen.add(`${order.join()} at ${sim.time()} ms`);
    }),
    { strategy: "exhaustive" },
  );
  assert.equal(report.failure, undefined, report.text);
  assert.equal(report.exhausted, true);
  return [...seen].sort();
}

describe("the window of an operation", () => {
  it("lets it end on both sides of a timer that is due within", () => {
    assert.deepEqual(ordersWith({ minMs: 5, maxMs: 20 }), [
      "operation,timer at 10 ms",
      "timer,operation at 10 ms",
      "timer,operation at 20 ms",
    ]);
  });

  it("lets no timer come first that is due behind it", () => {
    assert.deepEqual(ordersWith({ minMs: 1, maxMs: 9 }), ["operation,timer at 10 ms"]);
    assert.deepEqual(ordersWith(9), ["operation,timer at 10 ms"]);
  });

  it("lets no operation come first whose window begins behind a timer", () => {
    assert.deepEqual(ordersWith({ minMs: 11, maxMs: 20 }), [
      "timer,operation at 11 ms",
      "timer,operation at 20 ms",
    ]);
  });
});
