/** Owners and children: what is reported when somebody is forgotten, and when. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Future } from "../../src/future/index.ts";
import {
  all,
  call,
  coroutine,
  currentCoroutine,
  detach,
  LostErrorReport,
  moment,
  OrphanReport,
  recordSites,
  rootsOf,
  sleep,
  Task,
  withTimeout,
} from "../../src/gen/index.ts";
import type { Report } from "../../src/loop/index.ts";
import { type Simulation, simulation } from "./simulation.ts";

const here = fileURLToPath(import.meta.url);
const lines = readFileSync(here, "utf8").split("\n");

/** The line of this file on which `text` stands, which it does once. */
function lineOf(text: string): number {
  const found = lines.flatMap((line, at) => (line.includes(text) ? [at + 1] : []));
  assert.equal(found.length, 1, `"${text}" stands on one line`);
  return found[0] as number;
}

function orphansOf(reports: readonly Report[]): OrphanReport[] {
  for (const report of reports) assert.ok(report instanceof OrphanReport, report.text);
  return reports as OrphanReport[];
}

function lostOf(reports: readonly Report[]): LostErrorReport[] {
  for (const report of reports) assert.ok(report instanceof LostErrorReport, report.text);
  return reports as LostErrorReport[];
}

/** Run `body` as the coroutine "parent", and then what is left; the reports of both. */
function reportsOf(sim: Simulation, body: () => Generator): Report[] {
  sim.loop.runSync(function* () {
    yield call(function* parent() {
      yield* body();
    });
    yield sleep(1000);
  });
  return sim.takeReports();
}

const slow = coroutine(function* slow() {
  yield sleep(100); // the line that slow waits at
});

const failing = coroutine(function* failing(error: unknown) {
  throw error;
});

const failingLater = coroutine(function* failingLater(error: unknown) {
  yield sleep(5);
  throw error;
});

describe("an orphan", () => {
  // GEN-092
  it("is reported by name, with the name of its owner", (t) => {
    const [report, ...others] = orphansOf(
      reportsOf(simulation(t), function* () {
        slow();
      }),
    );
    assert.equal(report?.kind, "orphan");
    assert.equal(report?.orphan.name, "slow");
    assert.equal(report?.owner.name, "parent");
    assert.match(report?.text ?? "", /slow #\d+ was still running when its owner parent #\d+ ended/);
    assert.deepEqual(others, []);
  });

  // GEN-092
  it("is reported with the exact line at which it waits", (t) => {
    const [report] = orphansOf(
      reportsOf(simulation(t), function* () {
        slow();
      }),
    );
    assert.equal(report?.waitsAt?.file, here);
    assert.equal(report?.waitsAt?.line, lineOf("// the line that slow " + "waits at"));
  });

  it("is reported with the line where its function stands, when sites are not recorded", (t) => {
    const [report] = orphansOf(
      reportsOf(simulation(t), function* () {
        slow();
      }),
    );
    assert.equal(report?.startedAt, undefined);
    assert.equal(report?.definedAt?.file, here);
    assert.equal(report?.definedAt?.line, lineOf("const slow = " + "coroutine"));
  });

  // GEN-092
  it("is reported with the line that started it, when sites are recorded", (t) => {
    const before = recordSites(true);
    t.after(() => recordSites(before));
    const [report] = orphansOf(
      reportsOf(simulation(t), function* () {
        slow(); // the line that starts it
      }),
    );
    assert.equal(report?.startedAt?.file, here);
    assert.equal(report?.startedAt?.line, lineOf("// the line that " + "starts it"));
    assert.match(report?.text ?? "", /started at .*owned\.test\.ts:\d+/);
  });

  it("is reported in the step in which its owner ends", (t) => {
    const sim = simulation(t);
    sim.loop.onReport(({ kind }) => sim.events.push(kind));
    sim.loop.runSync(function* () {
      const parent = call(function* () {
        slow();
        yield moment;
        sim.events.push("the owner ends");
      });
      parent.addDoneCallback(() => sim.events.push("the next turn"));
      yield parent;
      yield sleep(1000);
    });
    assert.deepEqual(sim.events, ["the owner ends", "orphan", "the next turn"]);
    assert.equal(sim.takeReports().length, 1);
  });

  it("is reported also when its owner fails", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      try {
        yield call(function* owner() {
          slow();
          throw new Error("of the owner");
        });
      } catch {}
    });
    assert.deepEqual(
      orphansOf(reports).map(({ owner }) => owner.name),
      ["owner"],
    );
  });

  it("is reported before its younger siblings", (t) => {
    const named = (name: string): (() => Future<void>) => {
      const body = function* (): Generator<unknown, void> {
        yield sleep(10);
      };
      Object.defineProperty(body, "name", { value: name });
      return coroutine(body);
    };
    const reports = reportsOf(simulation(t), function* () {
      for (const name of ["first", "second", "third"]) named(name)();
    });
    assert.deepEqual(
      orphansOf(reports).map(({ orphan }) => orphan.name),
      ["first", "second", "third"],
    );
  });

  it("runs on, and owns what it starts", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      call(function* orphan() {
        yield sleep(10);
        sim.events.push(currentCoroutine()?.owner);
        slow();
      });
    });
    assert.deepEqual(sim.events, [undefined]);
    assert.deepEqual(
      orphansOf(reports).map(({ orphan, owner }) => `${orphan.name} of ${owner.name}`),
      ["orphan of parent", "slow of orphan"],
    );
  });

  it("is also what an all that nobody yields was given", (t) => {
    const reports = reportsOf(simulation(t), function* () {
      all([slow(), slow()]);
    });
    assert.equal(orphansOf(reports).length, 2);
  });

  it("is also what a withTimeout that nobody yields was given", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      withTimeout(500, slow());
    });
    assert.equal(orphansOf(reports).length, 1);
  });

  it("is written to the log when nobody listens for reports", (t) => {
    const sim = simulation(t);
    sim.stopListening();
    sim.loop.runSync(function* () {
      yield call(function* parent() {
        slow();
      });
      yield sleep(1000);
    });
    const [line] = sim.takeLogged();
    assert.match(line?.message ?? "", /^orphan: slow #\d+.*waits at .*detach\(future, reason\)$/s);
  });
});

describe("no orphan", () => {
  it("is a child that somebody else waits for", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      let child: Future<void> | undefined;
      const parent = call(function* () {
        child = slow();
        yield sleep(10);
      });
      yield call(function* () {
        yield child;
      });
      yield parent;
      assert.equal(child?.done(), true);
    });
  });

  it("is a child that a promise chain, a done callback or the loop listens to", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      void slow().then(() => {});
      slow().addDoneCallback(() => sim.events.push("done callback"));
      sim.loop.addFuture(slow(), () => sim.events.push("of the loop"));
    });
    assert.deepEqual(reports, []);
    assert.deepEqual(sim.events, ["done callback", "of the loop"]);
  });

  it("is a child that was detached, with a reason", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      const child = slow();
      assert.equal(detach(child, "the cache may be late"), child);
      assert.equal(child.owner, undefined);
      assert.ok(rootsOf(sim.loop).includes(child));
    });
    assert.deepEqual(reports, []);
  });

  // GEN-093
  it("is what spawnCallback has started", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      sim.loop.spawnCallback(function* background() {
        sim.events.push(currentCoroutine()?.owner);
        yield sleep(5);
        sim.events.push("ended");
      });
      yield sleep(1);
    });
    assert.deepEqual(reports, []);
    assert.deepEqual(sim.events, [undefined, "ended"]);
  });
});

describe("detach()", () => {
  it("wants a reason", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const child = slow();
      for (const reason of ["", "  ", undefined as never])
        assert.throws(() => detach(child, reason), TypeError);
      yield child;
    });
  });

  it("keeps errors loud: one that fails later is a lost error", (t) => {
    const failure = new Error("detached");
    const [report] = lostOf(
      reportsOf(simulation(t), function* () {
        detach(failingLater(failure), "for the test");
      }),
    );
    assert.equal(report?.error, failure);
    assert.equal(report?.owner, undefined);
  });

  it("reports one that has failed already, once", (t) => {
    const failure = new Error("detached");
    const reports = lostOf(
      reportsOf(simulation(t), function* () {
        detach(failing(failure), "for the test");
      }),
    );
    assert.deepEqual(
      reports.map(({ error }) => error),
      [failure],
    );
  });
});

describe("a lost error", () => {
  // GEN-091
  it("is reported when the owner ends", (t) => {
    const sim = simulation(t);
    const failure = new Error("lost");
    sim.loop.onReport((report) => sim.events.push(report.kind));
    const [report] = lostOf(
      reportsOf(sim, function* () {
        failing(failure);
        yield sleep(10);
        sim.events.push("the owner ends");
      }),
    );
    assert.deepEqual(sim.events, ["the owner ends", "lost-error"]);
    assert.equal(report?.coroutine?.name, "failing");
    assert.equal(report?.owner?.name, "parent");
    assert.equal(report?.error, failure);
    assert.match(report?.text ?? "", /failing #\d+, which parent #\d+ started, failed.*Error: lost/s);
  });

  it("is not what the owner takes in time, however late", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      const child = failing(new Error("taken late"));
      yield sleep(100);
      try {
        yield child;
      } catch (error) {
        sim.events.push((error as Error).message);
      }
    });
    assert.deepEqual(reports, []);
    assert.deepEqual(sim.events, ["taken late"]);
  });

  it("is not what somebody reads by error() or result()", (t) => {
    const reports = reportsOf(simulation(t), function* () {
      failing(new Error("read")).error();
      assert.throws(() => failing(new Error("read")).result());
    });
    assert.deepEqual(reports, []);
  });

  it("leaves its owner's list as soon as it is taken", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const self = currentCoroutine();
      for (let i = 0; i < 3; i++) {
        try {
          yield failing(new Error("taken"));
        } catch {}
      }
      assert.equal(self?._children, undefined);
      yield moment;
    });
  });

  it("of a coroutine without an owner is reported soon", (t) => {
    const sim = simulation(t);
    const failure = new Error("of a root");
    sim.loop.addCallback(() => {
      failingLater(failure);
    });
    sim.loop.start();
    const [report, ...others] = lostOf(sim.takeReports());
    assert.equal(report?.error, failure);
    assert.equal(report?.owner, undefined);
    assert.deepEqual(others, []);
  });

  it("is not what a callback of the next pass takes", (t) => {
    const sim = simulation(t);
    const failure = new Error("taken by addFuture");
    sim.loop.addCallback(() => {
      sim.loop.addFuture(failing(failure), (done) => sim.events.push(done.error()));
    });
    sim.loop.start();
    assert.deepEqual(sim.events, [failure]);
  });

  it("is not what loop.run gives to its caller", (t) => {
    const sim = simulation(t);
    const failure = new Error("of the function that is run");
    assert.throws(
      () =>
        sim.loop.runSync(function* () {
          throw failure;
        }),
      (error) => error === failure,
    );
  });

  it("stays lost when a done callback looks on without taking it", (t) => {
    const sim = simulation(t);
    const failure = new Error("looked at");
    const [report, ...others] = lostOf(
      reportsOf(sim, function* () {
        failingLater(failure).addDoneCallback((done) => sim.events.push(done.done()));
        yield sleep(10);
      }),
    );
    assert.deepEqual(sim.events, [true]);
    assert.equal(report?.error, failure);
    assert.equal(report?.owner?.name, "parent");
    assert.deepEqual(others, []);
  });

  it("is not lost when a done callback takes it, though the owner ends before that", (t) => {
    const sim = simulation(t);
    const failure = new Error("taken by a done callback");
    const reports = reportsOf(sim, function* () {
      const gate = new Future<void>();
      const child = call(function* () {
        yield gate;
        throw failure;
      });
      child.addDoneCallback((done) => sim.events.push(done.error()));
      sim.loop.addCallback(() => gate.setResult());
      yield gate;
    });
    assert.deepEqual(sim.events, [failure]);
    assert.deepEqual(reports, []);
  });

  it("is reported for the member of an all that nobody yields", (t) => {
    const failure = new Error("behind an all");
    const [report, ...others] = lostOf(
      reportsOf(simulation(t), function* () {
        all([failingLater(failure)]);
        yield sleep(10);
      }),
    );
    assert.equal(report?.coroutine?.name, "failingLater");
    assert.equal(report?.error, failure);
    assert.deepEqual(others, []);
  });

  it("is not what is yielded later behind an all", (t) => {
    const sim = simulation(t);
    const reports = reportsOf(sim, function* () {
      const both = all([failingLater(new Error("behind an all"))]);
      yield sleep(10);
      try {
        yield both;
      } catch (error) {
        sim.events.push((error as Error).message);
      }
    });
    assert.deepEqual(reports, []);
    assert.deepEqual(sim.events, ["behind an all"]);
  });

  it("is what a clean-up throws when nobody waits for the cancelled one", (t) => {
    const failure = new Error("in the clean-up");
    const [report] = lostOf(
      reportsOf(simulation(t), function* () {
        const child = call(function* cancelled() {
          try {
            yield sleep(100);
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is the subject
            throw failure;
          }
        });
        child.cancel();
        yield sleep(1);
      }),
    );
    assert.equal(report?.coroutine?.name, "cancelled");
    assert.match(report?.text ?? "", /in the clean-up/);
  });

  it("is reported in order among its siblings", (t) => {
    const reports = reportsOf(simulation(t), function* () {
      slow();
      failing(new Error("lost"));
      slow();
    });
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["orphan", "lost-error", "orphan"],
    );
  });
});

describe("an owner", () => {
  it("is the coroutine that runs when another one is started", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* parent() {
      const self = currentCoroutine();
      const child = slow();
      assert.equal(child.owner, self);
      yield child;
      assert.equal(child.owner, undefined);
    });
  });

  it("is nobody for what a loop callback starts", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      sim.loop.addCallback(() => sim.events.push(slow().owner));
      yield sleep(200);
    });
    assert.deepEqual(sim.events, [undefined]);
  });

  it("is nobody for what the listener of its own last report starts", (t) => {
    const sim = simulation(t);
    sim.loop.onReport(() => sim.events.push(slow().owner));
    reportsOf(sim, function* () {
      slow();
    });
    assert.deepEqual(sim.events, [undefined]);
    assert.deepEqual(rootsOf(sim.loop), []);
  });

  it("owns the coroutine of a Task, and generator objects that it yields", (t) => {
    const sim = simulation(t);
    function* bare(): Generator<unknown, unknown> {
      yield moment;
      return currentCoroutine()?.owner?.name;
    }
    const owners = sim.loop.runSync(function* parent() {
      return [yield bare(), yield new Task(coroutine(bare))];
    });
    assert.deepEqual(owners, ["parent", "parent"]);
  });

  it("lists its loop's roots, oldest first, and none that have ended", (t) => {
    const sim = simulation(t);
    sim.loop.addCallback(() => {
      const first = slow();
      const second = slow();
      assert.deepEqual(rootsOf(sim.loop), [first, second]);
    });
    sim.loop.start();
    assert.deepEqual(rootsOf(sim.loop), []);
  });
});

describe("Owned#name", () => {
  for (const [what, property] of [
    ["throws", { get: () => assert.fail("somebody looked") }],
    ["is no text", { value: Symbol("name") }],
    ["is empty", { value: "" }],
  ] as const) {
    it(`is "anonymous" where that of the function ${what}`, (test) => {
      const body = Object.defineProperty(function* body() {}, "name", property);
      simulation(test).loop.runSync(function* () {
        const work = call(body);
        assert.equal(work.name, "anonymous");
        yield work;
      });
    });
  }
});
