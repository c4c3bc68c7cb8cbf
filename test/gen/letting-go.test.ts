import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeoutError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  all,
  allSettled,
  call,
  LostErrorReport,
  moment,
  race,
  shield,
  sleep,
  withoutOwner,
  withTimeout,
} from "../../src/gen/index.ts";
import { errorOf } from "./outcomes.ts";
import { type Simulation, simulation } from "./simulation.ts";

/** A Future that counts who listens to it. */
class LongLived extends Future<string> {
  get listening(): number {
    const listeners = this._listeners;
    if (listeners === undefined) return 0;
    if (Array.isArray(listeners)) return listeners.length;
    return "size" in listeners ? listeners.size : 1;
  }
}

const USES = 1000;

/** Let `USES` coroutines wait, for what `make` gives them, and cancel them. */
function cancelMany(sim: Simulation, make: () => Future<unknown>): void {
  sim.loop.runSync(function* () {
    for (let i = 0; i < USES; i++) {
      const waiter = call(() =>
        call(function* () {
          yield make();
        }),
      );
      yield moment;
      waiter.cancel();
      yield* errorOf(waiter);
    }
  });
}

describe("a Future that lives long", () => {
  it("keeps one listener of all limits that it has outlived, and its failure is logged once", (t) => {
    const sim = simulation(t);
    const longLived = new LongLived();
    const failure = new Error("late");
    sim.loop.runSync(function* () {
      for (let i = 0; i < USES; i++) {
        assert.ok((yield* errorOf(withTimeout(0, longLived))) instanceof TimeoutError);
      }
      assert.equal(longLived.listening, 1);
      longLived.setError(failure);
      yield moment;
    });
    assert.deepEqual(sim.takeErrors(), [failure]);
  });

  it("keeps one listener also when the limits are around shields", (t) => {
    const sim = simulation(t);
    const longLived = new LongLived();
    sim.loop.runSync(function* () {
      for (let i = 0; i < USES; i++) yield* errorOf(withTimeout(0, shield(shield(longLived))));
    });
    assert.equal(longLived.listening, 1);
    longLived.setError(new Error("late"));
    assert.equal(sim.takeErrors().length, 1);
  });

  it("is quiet about a late failure only when all of the limits wanted that", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      for (const second of [[RangeError, TypeError], [TypeError]]) {
        const longLived = new LongLived();
        yield* errorOf(withTimeout(0, longLived, { quietErrors: [RangeError] }));
        yield* errorOf(withTimeout(0, longLived, { quietErrors: second }));
        longLived.setError(new RangeError("late"));
      }
    });
    assert.equal(sim.takeErrors().length, 1);
  });

  const ways: readonly (readonly [name: string, make: (source: Future<unknown>) => Future<unknown>])[] = [
    ["shields", (source) => shield(source)],
    ["shields of arrays", (source) => shield([source])],
    ["arrays of others", (source) => withoutOwner(() => all([source, source]))],
    ["outcomes of others", (source) => withoutOwner(() => allSettled([source]))],
    ["races of others", (source) => withoutOwner(() => race([source, all([source])]))],
    ["limits around shields", (source) => withTimeout(1000, shield(source))],
  ];
  for (const [name, make] of ways) {
    it(`keeps nothing of cancelled waits: ${name}`, (t) => {
      const longLived = new LongLived();
      cancelMany(simulation(t), () => make(longLived));
      assert.equal(longLived.listening, 0);
    });
  }

  it("whose failure nobody hears of is reported, though a shield was left", (t) => {
    const sim = simulation(t);
    const longLived = new LongLived();
    cancelMany(sim, () => shield(longLived));
    sim.loop.runSync(() => longLived.setError("failed"));
    sim.close();
    const errors = sim.takeReports().map((report) => report instanceof LostErrorReport && report.error);
    assert.deepEqual(errors, ["failed"]);
  });
});

describe("a combinator that its last waiter has left", () => {
  const kinds: readonly (readonly [
    name: string,
    make: (source: Future<string>) => Future<unknown>,
    unknown,
  ])[] = [
    ["shield", (source) => shield(source), "value"],
    ["all", (source) => all([source, source]), ["value", "value"]],
    ["race", (source) => withoutOwner(() => race([new Future<string>(), source])), "value"],
    ["shield of all of a shield", (source) => shield(all([shield(source)])), ["value"]],
  ];
  const reads: readonly (readonly [name: string, read: (made: Future<unknown>) => unknown])[] = [
    ["done()", (made) => made.done() && made.result()],
    ["cancelled()", (made) => !made.cancelled() && made.result()],
    ["result()", (made) => made.result()],
    ["error()", (made) => made.error() ?? made.result()],
  ];
  for (const [name, make, expected] of kinds) {
    for (const [how, read] of reads) {
      it(`knows at ${how} what it has come to meanwhile: ${name}`, (t) => {
        const { loop } = simulation(t);
        const source = new LongLived();
        loop.runSync(function* () {
          const made = make(source);
          const waiter = call(() => made);
          yield moment;
          waiter.cancel();
          yield* errorOf(waiter);
          assert.equal(source.listening, 0);
          source.setResult("value");
          assert.deepEqual(read(made), expected);
        });
      });
    }

    it(`can be waited for again: ${name}`, (t) => {
      const { loop } = simulation(t);
      const source = new LongLived();
      loop.runSync(function* () {
        const made = make(source);
        const waiter = call(() => made);
        yield moment;
        waiter.cancel();
        yield* errorOf(waiter);
        loop.callLater(10, () => source.setResult("value"));
        const value: unknown = yield made;
        assert.deepEqual(value, expected);
      });
    });
  }

  it("is cancelled with what its owner has started", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const both = all([
        call(function* () {
          try {
            yield* sleep(100);
          } finally {
            yield* sleep(5);
            events.push("cleaned up");
          }
        }),
      ]);
      const waiter = call(() => both);
      yield moment;
      waiter.cancel();
      yield* errorOf(waiter);
      both.cancel();
      yield* errorOf(both);
      assert.deepEqual(events, ["cleaned up"]);
      assert.equal(both.cancelled(), true);
    });
  });

  it("still stops the losers of its owner, when one decides while nobody waits", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const slow = call(function* () {
        try {
          yield* sleep(100);
        } finally {
          events.push(`stopped at ${loop.time()}`);
        }
      });
      const first = race([slow, call(() => sleep(10))]);
      const waiter = call(() => first);
      yield moment;
      waiter.cancel();
      yield* errorOf(waiter);
      yield* sleep(50);
      yield first;
    });
    assert.deepEqual(events, ["stopped at 10"]);
  });
});
