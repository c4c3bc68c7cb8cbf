import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../../src/base/index.ts";
import type { Future } from "../../../src/future/index.ts";
import {
  all,
  type Coroutine,
  call,
  coroutine,
  moment,
  race,
  sleep,
  Task,
  withTimeout,
} from "../../../src/gen/index.ts";
import { simulation } from "../simulation.ts";

type Deep = (left: number) => Coroutine<unknown>;

/** Far more levels than the stack has room for. */
const LEVELS = 8_000;

const ways: readonly (readonly [name: string, wait: (start: () => Future<unknown>) => unknown])[] = [
  ["coroutines alone", (start) => start()],
  ["arrays", (start) => [start()]],
  ["races", (start) => race([start()])],
  ["limits", (start) => withTimeout(1000, start())],
  ["limits of races of arrays", (start) => withTimeout(1000, race([all([start()])]))],
  ["yield points", (start) => new Task(coroutine(() => start()))],
];

describe("a cancel of thousands of coroutines that wait for each other", () => {
  for (const [name, wait] of ways) {
    it(`ends all of them, the innermost first: ${name}`, (t) => {
      const { loop } = simulation(t);
      const ended: number[] = [];
      const deep: Deep = coroutine(function* (left: number): Generator<unknown, void, unknown> {
        // Not all inside of one call: they could not even start.
        yield moment;
        try {
          if (left === 0) yield sleep(1000);
          else yield wait(() => deep(left - 1));
        } finally {
          ended.push(left);
        }
      });
      loop.runSync(function* () {
        const work = deep(LEVELS);
        for (let i = 0; i < LEVELS + 10; i++) yield moment;
        work.cancel("not needed");
        try {
          yield work;
        } catch (error) {
          assert.ok(error instanceof CancelledError);
        }
        assert.equal(work.cancelled(), true);
      });
      assert.deepEqual(ended, [...Array(LEVELS + 1).keys()]);
    });
  }

  it("ends them when they wait at their end for their children", (t) => {
    const { loop } = simulation(t);
    const deep: Deep = coroutine(
      function* (left: number): Generator<unknown, void, unknown> {
        yield moment;
        if (left === 0) yield sleep(1000);
        else deep(left - 1);
      },
      { orphans: "wait" },
    );
    loop.runSync(function* () {
      const work = deep(LEVELS);
      for (let i = 0; i < LEVELS + 10; i++) yield moment;
      assert.equal(work.done(), false);
      work.cancel("not needed");
      yield call(function* () {
        while (!work.done()) yield moment;
      });
      assert.equal(work.cancelled(), true);
    });
  });
});
