import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import { type Coroutine, call } from "../../src/gen/index.ts";
import { simulation } from "../gen/simulation.ts";

/** Listeners that write down their number when they are told. */
function listen(
  future: Future<unknown>,
  count: number,
): { told: number[]; listeners: { settled(): void }[] } {
  const told: number[] = [];
  const listeners = Array.from({ length: count }, (_, at) => ({ settled: () => void told.push(at) }));
  for (const listener of listeners) future._listen(listener);
  return { told, listeners };
}

describe("those who wait for one Future", () => {
  for (const count of [1, 2, 64, 65, 1000]) {
    it(`are told in the order in which they came: ${count}`, () => {
      const future = new Future<number>();
      const { told } = listen(future, count);
      future.setResult(1);
      assert.deepEqual(told, [...Array(count).keys()]);
    });

    it(`may leave in any order, and are not told then: ${count}`, () => {
      for (const leaves of [(at: number) => at % 2 === 0, (at: number) => at % 3 !== 0]) {
        for (const turn of [(list: unknown[]) => list, (list: unknown[]) => list.reverse()]) {
          const future = new Future<number>();
          const { told, listeners } = listen(future, count);
          const leaving = turn(listeners.filter((_, at) => leaves(at))) as typeof listeners;
          for (const listener of [...leaving, { settled: () => {} }]) future._unlisten(listener);
          future.setResult(1);
          assert.deepEqual(
            told,
            [...Array(count).keys()].filter((at) => !leaves(at)),
          );
        }
      }
    });

    it(`leave nothing behind when all have left: ${count}`, () => {
      const future = new Future<number>();
      const { listeners } = listen(future, count);
      assert.equal(future._isAwaited(), true);
      assert.equal(future._isShared(), count > 1);
      for (const listener of listeners) future._unlisten(listener);
      assert.equal(future._listeners, undefined);
      assert.equal(future._isAwaited(), false);
    });
  }

  it("are told as often as they listen, also among very many", () => {
    const future = new Future<number>();
    let told = 0;
    const twice = { settled: () => told++ };
    listen(future, 100);
    for (let i = 0; i < 3; i++) future._listen(twice);
    future._unlisten(twice);
    future.setResult(1);
    assert.equal(told, 2);
  });

  it("can be cancelled by the hundred thousand, the newest first or the oldest first", (t) => {
    const { loop } = simulation(t);
    const future = new Future<number>();
    loop.runSync(function* () {
      const wait = (): Coroutine<unknown> => call(() => future);
      const waiters = Array.from({ length: 100_000 }, wait);
      for (let at = 0; at < 50_000; at++) waiters[at]?.cancel();
      for (let at = 99_999; at >= 50_000; at--) waiters[at]?.cancel();
      for (const waiter of waiters) {
        try {
          yield waiter;
        } catch {
          assert.equal(waiter.cancelled(), true);
        }
      }
    });
    assert.equal(future._listeners, undefined);
  });
});
