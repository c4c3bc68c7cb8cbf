/** What random programs have found to be wrong, each as the smallest program that showed it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../../src/base/index.ts";
import { Future } from "../../../src/future/index.ts";
import {
  all,
  type Coroutine,
  call,
  coroutine,
  LostErrorReport,
  OrphanReport,
  race,
  rootsOf,
  shield,
  sleep,
  UnfinishedReport,
  withTimeout,
} from "../../../src/gen/index.ts";
import { Lock } from "../../../src/sync/index.ts";
import { Simulation, simulation } from "../simulation.ts";

/** Waits until it is cancelled, and then fails with `error`. */
const failsInCleanUp = coroutine(function* failsInCleanUp(error: Error) {
  try {
    yield* new Future<void>();
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: that is what it is for
    throw error;
  }
});

/** Start `body`, run until nothing happens any more, and close the loop. */
function runAndClose(body: () => Generator<unknown, unknown, unknown>): Simulation {
  const sim = new Simulation();
  sim.loop.addCallback(() => void coroutine(body)());
  sim.loop.start();
  sim.takeReports();
  sim.close();
  return sim;
}

/** The errors of lost coroutines, and those that they carry. */
function lostIn(sim: Simulation): unknown[] {
  return sim.takeReports().flatMap((report) => {
    if (!(report instanceof LostErrorReport)) return [];
    return report.error instanceof CancelledError ? report.error.suppressed : [report.error];
  });
}

describe("close()", () => {
  const error = new Error("of a clean-up");

  it("reports what the clean-up of a child fails with that its owner waits for", () => {
    const sim = runAndClose(function* () {
      yield failsInCleanUp(error);
    });
    assert.deepEqual(lostIn(sim), [error]);
  });

  it("reports what a member of a list had failed with", () => {
    const sim = runAndClose(function* () {
      yield [
        call(() => {
          throw error;
        }),
        new Future<void>(),
      ];
    });
    assert.deepEqual(lostIn(sim), [error]);
  });

  it("ends the coroutines that clean-ups start", () => {
    const events: string[] = [];
    const late = coroutine(function* late() {
      try {
        yield* sleep(1);
      } finally {
        events.push("late ends");
      }
    });
    const sim = runAndClose(function* () {
      try {
        yield* new Future<void>();
      } finally {
        late();
      }
    });
    assert.deepEqual(events, ["late ends"]);
    assert.deepEqual(rootsOf(sim.loop), []);
    const kinds = sim.takeReports().map((report) => report.constructor);
    assert.deepEqual(kinds, [UnfinishedReport, OrphanReport, UnfinishedReport]);
  });

  it("ends one that waits at its end for a child that its clean-up has started", () => {
    let owner: Coroutine<void> | undefined;
    const sim = runAndClose(function* () {
      owner = coroutine(
        function* owner() {
          try {
            yield* new Future<void>();
          } finally {
            sleepLong();
          }
        },
        { orphans: "wait" },
      )();
      yield owner;
    });
    assert.equal(owner?.cancelled(), true);
    assert.deepEqual(rootsOf(sim.loop), []);
  });

  it("lets those who waited for a lock leave its line", () => {
    const lock = new Lock();
    runAndClose(function* () {
      const release = yield* lock.acquire();
      const second = call(function* () {
        yield* lock.acquire();
      });
      try {
        yield* new Future<void>();
      } finally {
        release();
        second.cancel();
      }
    });
    const { locked, waiting } = lock.statistics();
    assert.deepEqual([locked, waiting], [false, 0]);
  });
});

const sleepLong = coroutine(function* sleepLong() {
  yield* sleep(1000);
});

describe("a limit whose waiter is cancelled", () => {
  it("does not take charge of what another's coroutine fails with later", (t) => {
    const sim = simulation(t);
    const error = new Error("later");
    sim.loop.addCallback(() => {
      const work = call(function* () {
        yield* sleep(5);
        throw error;
      });
      const waiter = call(function* () {
        yield* withTimeout(100, work);
      });
      waiter.cancel();
    });
    sim.loop.start();
    const [report] = sim.takeReports();
    assert.ok(report instanceof LostErrorReport);
    assert.equal(report.error, error);
  });
});

describe("a limit inside of a limit", () => {
  it("does not take charge of what another's coroutine fails with after the outer one has passed", (t) => {
    const sim = simulation(t);
    const error = new Error("later");
    sim.loop.addCallback(() => {
      const work = call(function* () {
        yield* sleep(5);
        throw error;
      });
      call(function* () {
        try {
          yield* withTimeout(1, withTimeout(100, work));
        } catch {}
      });
    });
    sim.loop.start();
    const [report] = sim.takeReports();
    assert.ok(report instanceof LostErrorReport);
    assert.equal(report.error, error);
  });
});

describe("a done callback", () => {
  it("does not take charge of what a clean-up fails with after a cancel", (t) => {
    const sim = simulation(t);
    const error = new Error("of a clean-up");
    sim.loop.addCallback(() => {
      const work = failsInCleanUp(error);
      work.addDoneCallback(() => {});
      work.cancel();
    });
    sim.loop.start();
    assert.deepEqual(lostIn(sim), [error]);
  });
});

describe("a clean-up that fails because another one", () => {
  const error = new Error("of a clean-up");
  const waitsLong = coroutine(function* waitsLong() {
    yield* sleep(1000);
  });

  it("was first is logged once, however many have lost", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield* race([sleep(1), failsInCleanUp(error), waitsLong()]);
    });
    assert.deepEqual(sim.takeErrors(), [error]);
  });

  it("has failed is logged once, however many were stopped", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const failing = call(function* () {
        yield* sleep(1);
        throw new Error("the first");
      });
      try {
        yield* all([failing, failsInCleanUp(error), waitsLong()], { failFast: true });
      } catch {}
    });
    assert.deepEqual(sim.takeErrors(), [error]);
  });
});

describe("a list that nobody waits for any more", () => {
  it("does not keep what a member has failed with to itself", (t) => {
    const sim = simulation(t);
    const error = new Error("of a member");
    sim.loop.addCallback(() => {
      const work = call(function* () {
        yield* sleep(1);
        throw error;
      });
      const waiter = call(function* () {
        yield* shield([work, new Future<void>()]);
      });
      sim.loop.callAt(2, () => waiter.cancel());
    });
    sim.loop.start();
    assert.deepEqual(lostIn(sim), [error]);
  });
});

describe('orphans: "wait"', () => {
  it("has what the clean-up of a child fails with reported once when its own owner cancels it", (t) => {
    const sim = simulation(t);
    const error = new Error("of a clean-up");
    const middle = coroutine(
      function* middle(): Generator<unknown, void, unknown> {
        failsInCleanUp(error);
      },
      { orphans: "wait" },
    );
    const owner = coroutine(
      function* owner(): Generator<unknown, void, unknown> {
        middle();
      },
      { orphans: "cancel" },
    );
    sim.loop.addCallback(() => void owner());
    sim.loop.start();
    assert.deepEqual(lostIn(sim), [error]);
  });
});
