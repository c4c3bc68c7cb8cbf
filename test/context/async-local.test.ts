import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import {
  all,
  coroutine,
  Event,
  Future,
  followStorage,
  IOLoop,
  moment,
  sleep,
  wrap,
} from "../../src/index.ts";
import { realTime, simulated } from "../../src/testing/index.ts";

const requests = new AsyncLocalStorage<string>();
followStorage(requests);

/** Waits by `wait`, and gives the store that it sees before and after. */
const visitor = coroutine(function* visitor(wait: () => unknown) {
  const before = requests.getStore();
  yield wait();
  return [before, requests.getStore()];
});

describe("followStorage()", () => {
  const wakes: Record<string, () => { wait: () => unknown; wake: () => void }> = {
    "a Future that another settles": () => {
      const gate = new Future<void>();
      return { wait: () => gate, wake: () => gate.setResult() };
    },
    "a timer": () => ({ wait: () => sleep(5), wake: () => {} }),
    "a moment": () => ({ wait: () => moment, wake: () => {} }),
    "an event that another sets": () => {
      const event = new Event();
      return { wait: () => event.wait(), wake: () => event.set() };
    },
    "a list of waits": () => {
      const gate = new Future<void>();
      return { wait: () => [sleep(1), gate], wake: () => gate.setResult() };
    },
    "a child that another wakes": () => {
      const gate = new Future<void>();
      return { wait: () => visitor(() => gate), wake: () => gate.setResult() };
    },
  };

  for (const [name, make] of Object.entries(wakes)) {
    // The case that shows another request's store elsewhere: who wakes has a store of its own.
    it(
      `shows a coroutine its own store after ${name}`,
      simulated(function* () {
        const { wait, wake } = make();
        const work = requests.run("A", () => visitor(wait));
        requests.run("B", () => IOLoop.current().addCallback(wake));
        yield* sleep(10);
        assert.deepEqual(yield* work, ["A", "A"]);
      }),
    );
  }

  it(
    "shows a coroutine its own store after a promise, and to promises it makes",
    realTime(function* () {
      const seen: unknown[] = [];
      const look = async (): Promise<void> => {
        await null;
        seen.push(requests.getStore());
      };
      let open: () => void = () => {};
      const gate = new Promise<void>((resolve) => {
        open = resolve;
      });
      const work = requests.run("A", () =>
        call(function* () {
          yield gate;
          yield look();
          seen.push(requests.getStore());
        }),
      );
      requests.run("B", () => setTimeout(open, 1));
      yield* work;
      assert.deepEqual(seen, ["A", "A"]);
    }),
  );

  it(
    "shows no store where none was in force, whoever wakes",
    simulated(function* () {
      const gate = new Future<void>();
      const work = visitor(() => gate);
      requests.run("B", () => gate.setResult());
      assert.deepEqual(yield* work, [undefined, undefined]);
    }),
  );

  it(
    "leaves the store of the caller as it was",
    simulated(function* () {
      requests.run("B", () => {
        requests.run("A", () => visitor(() => new Future<void>())).cancel();
        assert.equal(requests.getStore(), "B");
      });
      yield* sleep(1);
    }),
  );

  it(
    "gives callbacks the store of where they were registered",
    simulated(function* (loop) {
      const seen: unknown[] = [];
      const note = (): void => {
        seen.push(requests.getStore());
      };
      const done = new Future<void>();
      const wrapped = requests.run("A", () => {
        loop.addCallback(note);
        loop.callLater(1, note);
        done.addDoneCallback(note);
        return wrap(note);
      });
      done.setResult();
      requests.run("B", () => wrapped());
      yield* sleep(5);
      assert.deepEqual(seen, ["A", "A", "A", "A"]);
    }),
  );

  it(
    "keeps a store that a coroutine enters itself, and shows it to its children only",
    simulated(function* () {
      const seen = yield* all([
        call(function* () {
          requests.enterWith("entered");
          const child = visitor(() => sleep(1));
          yield sleep(2);
          return [requests.getStore(), ...(yield* child)];
        }),
        visitor(() => sleep(5)),
      ]);
      assert.deepEqual(seen, [
        ["entered", "entered", "entered"],
        [undefined, undefined],
      ]);
    }),
  );

  it("ends when asked", () => {
    const other = new AsyncLocalStorage<string>();
    const end = followStorage(other);
    const kept = other.run("A", () => wrap(() => assert.equal(other.getStore(), "A")));
    kept();
    end();
    const loose = other.run("A", () => wrap(() => assert.equal(other.getStore(), undefined)));
    loose();
  });

  it("refuses what is no storage", () => {
    assert.throws(() => followStorage({} as never), {
      name: "TypeError",
      message: /an AsyncLocalStorage is wanted/,
    });
  });
});

function call<T>(body: () => Generator<unknown, T, unknown>) {
  return coroutine(body)();
}
