import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { explore } from "../../../src/sim/index.ts";
import { coveredByAll } from "../../../src/sim/workers/workers.ts";
import { kept, rare, spoiled, steps } from "../programs/races.ts";

const module = new URL("../programs/races.ts", import.meta.url).href;

const inThreads = (program: string, count = 3) => ({ count, module, program });

describe("explore() in worker threads", () => {
  it("runs every schedule of an exhaustive search, each in some thread", () => {
    const report = explore(steps, { strategy: "exhaustive", workers: inThreads("steps") });
    assert.deepEqual([report.failure, report.exhausted, report.distinct], [undefined, true, 1680]);
    // The first of each part is run by all.
    assert.ok(report.schedules < 1680 * 2, String(report.schedules));
  });

  it("runs as many schedules as asked for, together", () => {
    const report = explore(steps, { strategy: "random", schedules: 300, workers: inThreads("steps") });
    assert.equal(report.exhausted, false);
    assert.ok(report.schedules >= 300 && report.schedules <= 303, String(report.schedules));
    assert.ok(report.distinct > 200, String(report.distinct));
  });

  it("finds the same failure each time", () => {
    const search = () => explore(rare, { schedules: 30_000, workers: inThreads("rare", 2) }).failure;
    const [first, second] = [search(), search()];
    assert.equal(first?.error.message, "it looked too late");
    assert.deepEqual([second?.token, second?.schedule], [first?.token, first?.schedule]);
  });

  it("makes it as small as a search in one thread does", () => {
    const [one, two] = [{}, { workers: inThreads("rare", 2) }].map(
      (options) => explore(rare, { schedules: 30_000, ...options }).failure,
    );
    assert.equal(two?.token, one?.token);
  });

  it("ends when the caller has had enough", () => {
    let told = 0;
    const report = explore(steps, {
      strategy: "random",
      schedules: 1e9,
      workers: inThreads("steps", 2),
      onProgress: () => {
        told++;
        return false;
      },
    });
    assert.equal(told > 0, true);
    assert.ok(report.schedules < 1e9);
  });

  it("does not call a failure one that depends on the thread", () => {
    const { failure } = explore(spoiled, { workers: inThreads("spoiled", 1) });
    assert.equal(failure?.kind, "nondeterminism");
  });

  it("says what it cannot load", () => {
    assert.throws(
      () => explore(steps, { workers: { count: 1, module: "/nope/x.mjs", program: "steps" } }),
      /^Error: Cannot search in threads: \/nope\/x\.mjs failed: Cannot find module/,
    );
    assert.throws(
      () => explore(steps, { workers: inThreads("no such", 1) }),
      /^Error: Cannot search in threads: .*races\.ts has no program "no such", one of kept, rare, spoiled, steps is wanted/,
    );
  });

  it("wants what cannot be sent in the module, too", () => {
    assert.equal(explore(steps, { ...kept.options, workers: inThreads("kept", 1) }).failure, undefined);
    assert.throws(
      () => explore(steps, { ...kept.options, workers: inThreads("steps", 1) }),
      /"steps" has 0 invariants in .*, and 1 here: functions cannot be sent/,
    );
  });

  it("refuses what cannot be", () => {
    for (const [workers, wanted] of [
      [{ ...inThreads("steps"), count: 0 }, /workers\.count is 0, at least 1 is wanted/],
      [{ count: 1, module }, /workers\.program is undefined, a string is wanted/],
      [4, /workers is 4, an object is wanted/],
    ] as const)
      assert.throws(() => explore(steps, { workers: workers as never }), wanted);
  });
});

describe("coveredByAll()", () => {
  it("is done where each part is, and has as many deviations as the part with fewest", () => {
    const part = (isDone: boolean, deviations: number) => ({ isDone, deviations });
    assert.deepEqual(coveredByAll([[part(true, 2)], [part(true, 0)]]), [part(true, 2)]);
    assert.deepEqual(coveredByAll([[part(true, 1)], [part(false, 3)]]), [part(false, 3)]);
    assert.deepEqual(
      coveredByAll([
        [part(false, 4), part(false, -1)],
        [part(false, 1), part(false, -1)],
      ]),
      [part(false, 1), part(false, -1)],
    );
  });
});
