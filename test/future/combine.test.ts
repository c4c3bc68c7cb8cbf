import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CancelledError } from "../../src/base/index.ts";
import { AllFuture, chainFuture, Future } from "../../src/future/index.ts";
import { sleep } from "../../src/gen/index.ts";
import { simulation } from "../gen/simulation.ts";

function allOf(...members: Future<unknown>[]): { all: AllFuture<unknown[]>; others: unknown[] } {
  const others: unknown[] = [];
  const all = new AllFuture(
    members,
    undefined,
    (each) => each.map(({ _value }) => _value),
    (errors) => others.push(...errors),
  );
  return { all, others };
}

describe("chainFuture()", () => {
  // FUT-014
  it("gives the target the outcome of the source, inside its settling", () => {
    const outcomes: ((source: Future<number>) => void)[] = [
      (source) => source.setResult(7),
      (source) => source.setError(new Error("failed")),
      (source) => source.cancel("not needed"),
    ];
    for (const settle of outcomes) {
      const source = new Future<number>();
      const target = new Future<number>();
      chainFuture(source, target);
      settle(source);
      assert.equal(target.done(), true);
      assert.equal(target.cancelled(), source.cancelled());
      assert.equal(target.error(), source.error());
      if (target.error() === undefined) assert.equal(target.result(), 7);
    }
  });

  // FUT-014
  it("does nothing to a target that is settled", () => {
    const source = new Future<number>();
    const target = new Future<number>();
    chainFuture(source, target);
    target.setResult(1);
    source.setResult(2);
    assert.equal(target.result(), 1);
  });

  // FUT-015
  it("does not hand a cancel of the target back to the source", () => {
    const source = new Future<number>();
    const target = new Future<number>();
    chainFuture(source, target);
    target.cancel();
    assert.equal(source.done(), false);
  });

  it("hands the charge of a failure on to who takes the target", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const source = new Future<number>();
      const target = new Future<number>();
      chainFuture(source, target);
      source.setError(new Error("taken"));
      target.error();
      yield sleep(1);
    });
    sim.close();
  });
});

describe("AllFuture", () => {
  it("settles inside the settling of its last member", () => {
    const members = [new Future<number>(), new Future<number>()] as const;
    const { all } = allOf(...members);
    members[1].setResult(2);
    assert.equal(all.done(), false);
    members[0].setResult(1);
    assert.deepEqual(all.result(), [1, 2]);
  });

  it("is settled at once when all of its members are, or there are none", () => {
    assert.deepEqual(allOf().all.result(), []);
    const settled = new Future<number>();
    settled.setResult(1);
    assert.deepEqual(allOf(settled, settled).all.result(), [1, 1]);
  });

  it("fails with the first failure in order, and gives the others away", () => {
    const members = [new Future<number>(), new Future<number>(), new Future<number>()] as const;
    const { all, others } = allOf(...members);
    members[2].setError("third");
    members[1].setError("second");
    members[0].setResult(1);
    assert.equal(all.error(), "second");
    assert.deepEqual(others, ["third"]);
  });

  it("is cancelled when a member was", () => {
    const member = new Future<number>();
    const { all } = allOf(member);
    member.cancel("not needed");
    assert.equal(all.cancelled(), true);
  });

  it("is cancelled at once when nobody owns its members, which it lets go", () => {
    const member = new Future<number>();
    const { all } = allOf(member, member);
    assert.equal(all.cancel("not needed"), true);
    assert.equal(all.cancelled(), true);
    assert.equal((all.error() as CancelledError).reason, "not needed");
    assert.equal(member.done(), false);
    assert.equal(all.cancel(), false);
  });

  it("leaves a failure to be taken by who takes its own", (t) => {
    const sim = simulation(t);
    const failures = [new Error("taken"), new Error("lost")];
    const kept: Future<unknown>[] = [];
    sim.loop.runSync(function* () {
      for (const failure of failures) {
        const member = new Future<number>();
        kept.push(member, allOf(member).all);
        member.setError(failure);
      }
      kept[1]?.error();
      yield sleep(1);
    });
    sim.close();
    assert.deepEqual(
      sim.takeReports().map((report) => (report as unknown as { error: unknown }).error),
      failures.slice(1),
    );
  });
});
