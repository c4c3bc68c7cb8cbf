import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import { currentCoroutine, sleep } from "../../src/gen/index.ts";
import { hooks, stepHooks } from "../../src/loop/index.ts";
import { label, note } from "../../src/trace/index.ts";
import { type Watcher, watch } from "../../src/trace/watchers.ts";
import { simulation } from "../gen/simulation.ts";

function watcherOf(log: string[], name: string): Watcher {
  const say = (what: string): number => log.push(`${name} ${what}`);
  return {
    started: ({ id }, owner) => say(`started ${id} ${owner?.id}`),
    suspended: ({ id }) => say(`suspended ${id}`),
    woken: ({ id }, by) => say(`woken ${id} ${by?.id}`),
    resumed: ({ id }) => say(`resumed ${id}`),
    ended: ({ id }, state) => say(`ended ${id} ${state}`),
  };
}

function callAll(): void {
  const work = { id: 2, name: "b" };
  const other = { id: 1, name: "a" };
  hooks?.started(work, other);
  hooks?.suspended(work, new Future());
  hooks?.woken(work, other);
  stepHooks?.resumed(work);
  hooks?.ended(work, 1);
}

const ALL = ["started 2 1", "suspended 2", "woken 2 1", "resumed 2", "ended 2 1"];

describe("watch()", () => {
  it("tells all watchers, in the order in which they came", () => {
    const log: string[] = [];
    const stops = ["one", "two"].map((name) => watch(watcherOf(log, name)));
    callAll();
    for (const stop of stops) stop();
    assert.deepEqual(
      log,
      ALL.flatMap((what) => [`one ${what}`, `two ${what}`]),
    );
  });

  it("goes on telling the others when one has left", () => {
    const log: string[] = [];
    const stopOne = watch(watcherOf(log, "one"));
    const stopTwo = watch(watcherOf(log, "two"));
    stopOne();
    callAll();
    stopTwo();
    assert.deepEqual(
      log,
      ALL.map((what) => `two ${what}`),
    );
  });

  it("tells of steps only those who want to know", () => {
    const log: string[] = [];
    const { resumed: _, ...rest } = watcherOf(log, "one");
    const stopOne = watch(rest);
    assert.equal(stepHooks, undefined);
    const stopOther = watch({ ...rest });
    assert.equal(stepHooks, undefined);
    const stopTwo = watch(watcherOf(log, "two"));
    callAll();
    assert.deepEqual(
      log.filter((line) => line.includes("resumed")),
      ["two resumed 2"],
    );
    for (const stop of [stopOne, stopOther]) stop();
    assert.equal(stepHooks, hooks);
    stopTwo();
    assert.equal(stepHooks, undefined);
  });

  it("tells of waits for what is a Future and nothing more only those who are told of steps", (test) => {
    const log: string[] = [];
    const { resumed: _, ...rest } = watcherOf(log, "one");
    const stopOne = watch(rest);
    const run = (): void => {
      const sim = simulation(test);
      sim.loop.runSync(function* main() {
        const gate = new Future<void>();
        sim.loop.callLater(1, () => gate.setResult());
        yield* gate;
        yield* sleep(1);
      });
    };
    const waitsOf = (name: string): number =>
      log.filter((line) => line.startsWith(`${name} suspended`)).length;
    run();
    assert.equal(waitsOf("one"), 1);
    const stopTwo = watch(watcherOf(log, "two"));
    run();
    assert.deepEqual([waitsOf("one"), waitsOf("two")], [2, 2]);
    stopTwo();
    stopOne();
  });

  it("calls one watcher that never throws without anything in between", () => {
    const watcher: Watcher = { ...watcherOf([], "one"), neverThrows: true };
    const stop = watch(watcher);
    assert.equal(hooks, watcher);
    stop();
  });

  for (const what of ["started", "suspended", "woken", "resumed", "ended", "noted", "labelled"] as const) {
    it(`tells one no more that has thrown in ${what}, says so once, and lets the coroutine go on`, (test) => {
      const sim = simulation(test);
      const log: string[] = [];
      let count = 0;
      const fail = (): never => {
        count++;
        throw new Error("thrown on purpose");
      };
      const stops = [watch({ ...watcherOf([], "one"), [what]: fail }), watch(watcherOf(log, "two"))];
      for (const stop of stops) test.after(stop);
      const result = sim.loop.runSync(function* main() {
        for (let left = 3; left > 0; left--) {
          note("a note");
          label(`label ${left}`);
          yield* sleep(1);
        }
        return currentCoroutine()?.name;
      });
      assert.deepEqual([result, count, currentCoroutine()], ["main", 1, undefined]);
      assert.equal(log.filter((line) => line.startsWith("two woken")).length, 3);
      assert.deepEqual(
        sim.takeErrors().map((error) => (error as Error).message),
        ["thrown on purpose"],
      );
    });
  }

  it("leaves nothing behind when the last one has left", () => {
    const stop = watch(watcherOf([], "one"));
    stop();
    stop();
    assert.equal(hooks, undefined);
  });
});
