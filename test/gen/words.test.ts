import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future } from "../../src/future/index.ts";
import {
  all,
  allSettled,
  any,
  coroutine,
  formatWaitingTree,
  inWords,
  Multi,
  moment,
  race,
  shield,
  sleep,
  Task,
  WaitIterator,
  waitingTree,
  withTimeout,
  YieldFuture,
} from "../../src/gen/index.ts";
import { simulation } from "./simulation.ts";

const nap = coroutine(function* nap(ms: number) {
  yield* sleep(ms);
});

/** Futures and yield points, made in a coroutine, by what a waiting tree calls them. */
const waits: Readonly<Record<string, () => unknown>> = {
  "all of sleep 20 ms, sleep 30 ms": () => [sleep(20), sleep(30)],
  "all of nap #n, nap #n, nap #n and 2 more": () => [1, 2, 3, 4, 5].map(nap),
  "all of sleep 20 ms, a promise": () => all({ a: sleep(20), b: promised() }, { failFast: true }),
  "allSettled of sleep 20 ms, a Future": () => allSettled([sleep(20), settling()]),
  "race of sleep 20 ms, sleep 30 ms": () => race([sleep(20), sleep(30)]),
  "race of nap #n, a promise": () => race({ nap: nap(5), promise: promised() }),
  "any of nap #n, sleep 30 ms": () => any([nap(5), sleep(30)]),
  "the next of nap #n, sleep 30 ms": () => new WaitIterator(nap(5), sleep(30)).next(),
  "race of nap #n, sleep 30 ms, at most 50 ms": () => withTimeout(50, race([nap(5), sleep(30)])),
  "race of nap #n, sleep 30 ms, shielded": () => shield(race([nap(5), sleep(30)])),
  "race of (nap #n, at most 50 ms), sleep 30 ms": () => race([withTimeout(50, nap(5)), sleep(30)]),
  "all of (race of nap #n, sleep 30 ms), nap #n": () => [race([nap(5), sleep(30)]), nap(5)],
  "race of all of race of all of 1": () => race([[race([[race([[sleep(5)]])]])]]),
  "all of nap #n, nap #n": () => new Multi([nap(5), nap(6)]),
  "nap #n": () => new YieldFuture(nap(5)),
  "the callback of later": () => new Task(later, 5),
  moment: () => moment,
  "a thenable": () => ({ then: (resolve: () => void) => void sleep(10).addDoneCallback(resolve) }),
};

function promised(): PromiseLike<void> {
  return settling().then();
}

function settling(): Future<void> {
  const future = new Future<void>();
  sleep(10).addDoneCallback(() => future.setResult());
  return future;
}

function later(ms: number, callback: () => void): void {
  sleep(ms).addDoneCallback(callback);
}

describe("a waiting tree", () => {
  for (const [words, make] of Object.entries(waits)) {
    it(`says "${words}"`, (t) => {
      const sim = simulation(t);
      const { loop } = sim;
      let tree = "";
      loop.addCallback(() => {
        coroutine(function* waiter() {
          yield make();
        })();
        tree = formatWaitingTree(waitingTree(loop, 1)).replaceAll(/#\d+/g, "#n");
      });
      loop.start();
      sim.close();
      // Of promises, which no virtual time brings.
      sim.takeReports();
      assert.match(tree, /^waiter #n waits for .* at /);
      assert.equal(tree.replace(/^waiter #n waits for | at \/.*| at test.*/g, ""), words);
    });
  }

  it("says how much of a sleep is left once as much has passed as it is rounded to", (t) => {
    const { loop, poller } = simulation(t);
    loop.runSync(function* () {
      const nap = sleep(20);
      const told = [0, 0.9, 0.1, 15, 3.9, 5].map((passedMs) => {
        poller.advance(passedMs);
        return inWords(nap);
      });
      assert.deepEqual(told, [
        "sleep 20 ms",
        "sleep 20 ms",
        "sleep 20 ms, 19 ms left",
        "sleep 20 ms, 4 ms left",
        "sleep 20 ms, 0 ms left",
        "sleep 20 ms, 0 ms left",
      ]);
      yield* nap;
    });
  });

  it("tells of a list those only that it still waits for", (t) => {
    const { loop } = simulation(t);
    let words = "";
    loop.runSync(function* () {
      const both = all([sleep(5), sleep(20)]);
      yield* sleep(5);
      words = inWords(both);
      yield* both;
    });
    assert.equal(words, "all of sleep 20 ms, 15 ms left");
  });

  it("says of what is too deep to be told that it is a Future", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      let limited = sleep(1);
      for (let i = 0; i < 20_000; i++) limited = withTimeout(5000, limited);
      assert.equal(inWords(limited), "a Future");
      yield* limited;
    });
  });
});
