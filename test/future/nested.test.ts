import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AllFuture, chainFuture, Future } from "../../src/future/index.ts";
import { LostErrorReport, withTimeout } from "../../src/gen/index.ts";
import { simulation } from "../gen/simulation.ts";

/** Far more levels than the stack has room for. */
const LEVELS = 20_000;

function allOf(member: Future<unknown>, owner?: object): Future<unknown> {
  return new AllFuture(
    [member],
    owner,
    ([only]) => only?._value,
    () => {},
  );
}

/** `LEVELS` combinators, each of which waits for the one before; the first waits for `inner`. */
function tower(inner: Future<unknown>, owner?: object): Future<unknown> {
  let top = inner;
  for (let i = 0; i < LEVELS; i++) top = allOf(top, owner);
  return top;
}

describe("combinators of combinators, in any number", () => {
  it("hand a result up", () => {
    const inner = new Future<number>();
    const top = tower(inner);
    inner.setResult(7);
    assert.equal(top.result(), 7);
  });

  it("hand a failure up, and the charge of it down", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const inner = new Future<number>();
      const top = tower(inner);
      inner.setError("failed");
      assert.equal(top.error(), "failed");
    });
  });

  it("tell a failure that nobody takes once", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const inner = new Future<number>();
      tower(inner);
      inner.setError("failed");
    });
    sim.close();
    const errors = sim.takeReports().map((report) => report instanceof LostErrorReport && report.error);
    assert.deepEqual(errors, ["failed"]);
  });

  it("hand a cancel down to the owner's, and up again", () => {
    const owner = {};
    const inner = new Future<number>();
    const top = tower(inner, owner);
    top.cancel("not needed");
    assert.equal(top.cancelled(), true);
    assert.equal(inner.done(), false);
    assert.equal(inner._listeners, undefined);
  });

  it("hand back a result that the owner will not receive", () => {
    const owner = {};
    class Permit extends Future<number> {
      owners: object[] = [];
      override _abandon(abandoner: object): void {
        this.owners.push(abandoner);
      }
    }
    const permit = new Permit();
    const top = tower(permit, owner);
    permit.setResult(1);
    top._abandon(owner);
    assert.deepEqual(permit.owners, [owner]);
  });

  it("let go of each other when the last one waits no more, and catch up when they are asked", () => {
    const inner = new Future<number>();
    const top = tower(inner);
    const listener = { settled: () => {} };
    top._listen(listener);
    top._unlisten(listener);
    assert.equal(inner._listeners, undefined);
    inner.setResult(7);
    assert.equal(top.done(), true);
    assert.equal(top.result(), 7);
  });

  it("know whether anybody waits for them", () => {
    const inner = new Future<number>();
    const top = tower(inner);
    assert.equal(inner._isAwaited(), false);
    top.addDoneCallback(() => {});
    assert.equal(inner._isAwaited(), true);
  });

  it("need not be of one kind", (t) => {
    const { loop } = simulation(t);
    const inner = new Future<number>();
    const top = loop.runSync(function* () {
      let last: Future<unknown> = inner;
      for (let i = 0; i < LEVELS / 2; i++) {
        const target = new Future<unknown>();
        chainFuture(withTimeout(10, last), target);
        last = target;
      }
      inner.setResult(7);
      return [last];
    })[0] as Future<unknown>;
    assert.equal(top.result(), 7);
  });
});

describe("a Future that is settled inside the settling of another one", () => {
  it("settles in the order of the listeners", () => {
    const order: string[] = [];
    const inner = new Future<number>();
    for (const name of ["first", "second"]) {
      const top = allOf(allOf(inner));
      top._listen({ settled: () => order.push(name) });
      inner._listen({ settled: () => order.push(`behind the ${name}`) });
    }
    inner.setResult(1);
    assert.deepEqual(order, ["first", "behind the first", "second", "behind the second"]);
  });
});
