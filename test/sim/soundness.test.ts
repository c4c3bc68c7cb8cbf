/** What a search must see, and what it must not take for something else. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ExceptionStackContext, runWithStackContext } from "../../src/context/index.ts";
import { coroutine, sleep, WaitIterator, withTimeout } from "../../src/gen/index.ts";
import { explore, type Sim } from "../../src/sim/index.ts";
import { Lock, Queue } from "../../src/sync/index.ts";

const nothing = (): void => {};

describe("a search", () => {
  it("sees a limit that cuts what comes behind an operation that was slow", () => {
    const { failure } = explore(function* leased(sim: Sim) {
      const lock = new Lock();
      const hold = coroutine(function* hold() {
        yield* sim.io("ask", nothing);
        yield* lock.acquire();
        yield* sleep(80);
        lock.release();
      });
      try {
        yield* withTimeout(100, hold());
      } catch {
        // That is what the limit is for.
      }
      assert.equal(lock.statistics().locked, false);
    });
    assert.equal(failure?.kind, "error");
  });

  it("runs in nobody's contexts, so that none takes the failures of the program", () => {
    const report = runWithStackContext(new ExceptionStackContext(() => true), () =>
      explore(() => assert.fail("seen")),
    );
    assert.equal(report?.failure?.error.message, "seen");
  });

  it("tells of the error that a deadlock comes from", () => {
    const { failure } = explore(function* main(sim: Sim) {
      const queue = new Queue<number>();
      coroutine(function* produce() {
        yield* sim.io("fetch", nothing);
        throw new Error("the reason");
      })();
      yield* queue.get();
    });
    assert.equal(failure?.kind, "deadlock");
    assert.match(failure?.error.message ?? "", /the reason/);
  });

  it("takes a day of heartbeats for no livelock", () => {
    const report = explore(
      function* beat() {
        for (let at = 0; at < 86_400; at++) yield* sleep(1000);
      },
      { strategy: "plain", determinism: "never" },
    );
    assert.equal(report.failure, undefined);
  });

  it("ends a node whose work is ready without end", () => {
    const { failure } = explore(
      (sim) => {
        sim.node("busy", function* () {
          for (;;) yield* waitForNothing();
        });
      },
      { determinism: "never", shrink: false },
    );
    assert.equal(failure?.kind, "livelock");
  });

  it("takes no fault, and no chance, whose probability is 0", () => {
    const report = explore(
      function* safe(sim: Sim) {
        assert.equal(sim.chance("never", 0), false);
        assert.equal(sim.chance("always", 1), true);
        yield* sim.io("read", nothing);
      },
      { faults: [{ on: "*", error: () => new Error("fault"), probability: 0 }] },
    );
    assert.equal(report.failure, undefined);
  });

  it("leaves the program's own numbers in its errors alone", () => {
    const { failure } = explore(() => {
      throw new Error("order #999999 is lost");
    });
    assert.equal(failure?.error.message, "order #999999 is lost");
  });

  it("takes a failure that comes by chance for what it is", () => {
    let runs = 0;
    const { failure } = explore(function* counting(sim: Sim) {
      yield [sim.io("a", nothing), sim.io("b", nothing)];
      if (++runs === 5) throw new Error("the fifth");
    });
    assert.equal(failure?.kind, "nondeterminism");
  });

  it("sees every order of a WaitIterator in a reduced search, too", () => {
    const orders = new Set<string>();
    const report = explore(
      function* main(sim: Sim) {
        const order: unknown[] = [];
        const answers = new WaitIterator(
          sim.io("a", () => "a"),
          sim.io("b", () => "b"),
        );
        while (!answers.done()) order.push(yield* answers.next());
        orders.add(order.join());
      },
      { strategy: "exhaustive", reduce: true },
    );
    assert.equal(report.failure, undefined);
    assert.deepEqual([...orders].sort(), ["a,b", "b,a"]);
  });
});

const waitForNothing = coroutine(function* waitForNothing() {
  const [queue, other] = [new Queue<number>(), new Queue<number>()];
  const answer = coroutine(function* answer() {
    for (;;) other.putNowait(yield* queue.get());
  });
  answer();
  for (;;) {
    queue.putNowait(1);
    yield* other.get();
  }
});
