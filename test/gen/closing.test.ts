/** What the close of a loop does with coroutines that have not ended. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import { call, coroutine, LostErrorReport, sleep, UnfinishedReport } from "../../src/gen/index.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** Start `body` as "parent" on the loop, let all go as far as it goes, and close the loop. */
function closeAfter(sim: Simulation, body: () => Generator): Future<unknown> {
  let work: Future<unknown> | undefined;
  sim.loop.addCallback(() => {
    work = call(function* parent() {
      return yield* body();
    });
    sim.loop.stop();
  });
  sim.loop.start();
  sim.close();
  return work as Future<unknown>;
}

function unfinished(sim: Simulation): UnfinishedReport[] {
  return sim.takeReports().map((report) => {
    assert.ok(report instanceof UnfinishedReport, report.text);
    return report;
  });
}

describe("the close of a loop", () => {
  // FUT-022
  it("reports every coroutine that has not ended, children before owners, with its line", (t) => {
    const sim = simulation(t);
    closeAfter(sim, function* () {
      yield call(function* child() {
        yield new Future<void>();
      });
    });
    const reports = unfinished(sim);
    assert.deepEqual(
      reports.map(({ coroutine, owner }) => [coroutine.name, owner?.name]),
      [
        ["child", "parent"],
        ["parent", undefined],
      ],
    );
    for (const { waitsAt, text } of reports) {
      assert.match(waitsAt?.file ?? "", /closing\.test\.ts$/);
      assert.match(text, /had not ended when its loop was closed\n {2}waits at /);
    }
    assert.notEqual(reports[0]?.waitsAt?.line, reports[1]?.waitsAt?.line);
  });

  // GEN-020
  it("runs their finally blocks, children's first, and settles them as cancelled", (t) => {
    const sim = simulation(t);
    const work = closeAfter(sim, function* () {
      try {
        yield call(function* child() {
          try {
            yield new Future<void>();
          } finally {
            sim.events.push("child");
          }
        });
      } finally {
        sim.events.push("parent");
      }
    });
    assert.deepEqual(sim.events, ["child", "parent"]);
    assert.equal(work.cancelled(), true);
    assert.ok(work.error() instanceof CancelledError);
    unfinished(sim);
  });

  // GEN-021
  it("lets no clean-up wait: each further yield gets the cancel again", (t) => {
    const sim = simulation(t);
    const work = closeAfter(sim, function* () {
      try {
        yield new Future<void>();
      } finally {
        try {
          yield sleep(5);
          sim.events.push("not reached");
        } finally {
          sim.events.push("ended");
        }
      }
    });
    assert.deepEqual(sim.events, ["ended"]);
    assert.equal(work.cancelled(), true);
    unfinished(sim);
  });

  // GEN-021
  it("gives up on one that catches every cancel", (t) => {
    const sim = simulation(t);
    const work = closeAfter(sim, function* () {
      for (;;) {
        try {
          yield new Future<void>();
        } catch {}
      }
    });
    assert.equal(work.cancelled(), true);
    unfinished(sim);
  });

  it("tells whoever waits from outside", async (t) => {
    const sim = simulation(t);
    const work = closeAfter(sim, function* () {
      yield new Future<void>();
    });
    await assert.rejects(async () => await work, /its loop was closed/);
    unfinished(sim);
  });

  it("calls the done callbacks of what it ends", (t) => {
    const sim = simulation(t);
    sim.loop.addCallback(() => {
      const work = call(function* () {
        yield new Future<void>();
      });
      work.addDoneCallback((done) => sim.events.push(done.cancelled()));
    });
    sim.loop.start();
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["deadlock"],
    );
    sim.close();
    assert.deepEqual(sim.events, [true]);
    unfinished(sim);
  });

  it("says nothing about coroutines that have ended", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield sleep(1);
    });
    sim.close();
  });

  it("does so once", (t) => {
    const sim = simulation(t);
    closeAfter(sim, function* () {
      yield new Future<void>();
    });
    sim.loop.close();
    assert.equal(unfinished(sim).length, 1);
  });

  // GEN-091
  it("reports failures that nobody took, and that were about to be reported", (t) => {
    const sim = simulation(t);
    const failure = new Error("of a root");
    sim.loop.addCallback(() => {
      coroutine(function* failing() {
        throw failure;
      })();
      sim.loop.stop();
    });
    sim.loop.start();
    assert.deepEqual(sim.takeReports(), []);
    sim.close();
    const [report, ...others] = sim.takeReports() as unknown as LostErrorReport[];
    assert.equal(report?.error, failure);
    assert.equal(report?.coroutine?.name, "failing");
    assert.deepEqual(others, []);
  });

  // FUT-013
  it("reports failures of plain Futures that nobody took, once", (t) => {
    const sim = simulation(t);
    const failure = new Error("of a Future");
    const kept: Future<void>[] = [];
    sim.loop.runSync(function* () {
      const failed = new Future<void>();
      failed.setError(failure);
      kept.push(failed);
      yield sleep(1);
    });
    sim.close();
    const [report, ...others] = sim.takeReports() as unknown as LostErrorReport[];
    assert.ok(report instanceof LostErrorReport);
    assert.equal(report.error, failure);
    assert.equal(report.coroutine, undefined);
    assert.match(
      report.text,
      /^lost error: a Future failed and nobody took its error\n {2}Error: of a Future/,
    );
    assert.deepEqual(others, []);
  });

  it("does not report failures of plain Futures that somebody took", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const failed = new Future<void>();
      failed.setError(new Error("taken"));
      yield sleep(1);
      try {
        yield failed;
      } catch {}
    });
    sim.close();
  });
});
