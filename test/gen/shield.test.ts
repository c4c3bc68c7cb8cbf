import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BadYieldError, CancelledError, TimeoutError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  all,
  call,
  currentCoroutine,
  detach,
  race,
  shield,
  sleep,
  withTimeout,
} from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { errorOf } from "./outcomes.ts";
import { isType } from "./same-type.ts";
import { simulation } from "./simulation.ts";

describe("shield() of a source", () => {
  it("gives its result and its failure", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("on purpose");
    loop.runSync(function* () {
      isType<void>()(yield* shield(call(() => sleep(1))));
      isType<string>()(yield* shield(call(() => "value")));
      const pair = isType<[number, string]>()(yield* shield([call(() => 7), call(() => "x")]));
      assert.deepEqual(pair, [7, "x"]);
      const failing = call(function* (): Generator<unknown, number, unknown> {
        yield sleep(1);
        throw failure;
      });
      assert.equal(yield* errorOf(shield(failing)), failure);
    });
  });

  it("lets a cancelled waiter go at once, while the source goes on", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const saving = call(function* save() {
        yield* sleep(20);
        events.push(`saved at ${loop.time()}`);
      });
      const waiter = call(function* waiter() {
        try {
          yield* shield(saving);
        } finally {
          events.push(`let go at ${loop.time()}`);
        }
      });
      yield* sleep(10);
      waiter.cancel();
      assert.ok((yield* errorOf(waiter)) instanceof CancelledError);
      yield* saving;
    });
    assert.deepEqual(events, ["let go at 10", "saved at 20"]);
  });

  it("leaves a child of the waiter an orphan, unless it is detached", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      const waiter = call(function* waiter() {
        yield* all([
          shield(call(() => sleep(20))),
          shield(
            detach(
              call(() => sleep(30)),
              "may end later",
            ),
          ),
        ]);
      });
      yield* sleep(10);
      waiter.cancel();
      yield* errorOf(waiter);
    });
    sim.loop.start();
    assert.equal(sim.loop.time(), 30);
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
  });

  it("leaves a failure after its waiter was let go to the owner's reports", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield* call(function* owner() {
        const failing = call(function* failing() {
          yield* sleep(20);
          throw new Error("late");
        });
        const waiter = call(function* waiter() {
          yield* shield(failing);
        });
        yield* sleep(10);
        waiter.cancel();
        yield* errorOf(waiter);
        yield* sleep(20);
      });
    });
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["lost-error"],
    );
  });

  it("is settled by its own cancel, which does not reach the source", (t) => {
    const { loop } = simulation(t);
    const source = new Future<number>();
    const shielded = shield(source);
    assert.equal(shielded.cancel("own"), true);
    assert.equal(source.done(), false);
    source.setResult(1);
    assert.ok(shielded.error() instanceof CancelledError);
    loop.start();
  });

  it("refuses what cannot be waited for", (t) => {
    simulation(t);
    assert.throws(() => shield(5), BadYieldError);
  });
});

describe("shield() of a block", () => {
  it("completes the block before the cancel is thrown", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* work() {
        try {
          yield* shield(function* () {
            yield* sleep(20);
            events.push(`block over at ${loop.time()}`);
            return "value";
          });
          events.push("went on");
        } finally {
          events.push(`let go at ${loop.time()}`);
        }
      });
      yield* sleep(10);
      work.cancel("enough");
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.equal(error.reason, "enough");
    });
    assert.deepEqual(events, ["block over at 20", "let go at 20"]);
  });

  it("keeps a clean-up whole that had begun before the cancel came", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* work() {
        try {
          yield* sleep(5);
        } finally {
          yield* shield(function* () {
            yield* sleep(10);
            events.push("closed");
          });
        }
      });
      yield* sleep(10);
      work.cancel();
      assert.ok((yield* errorOf(work)) instanceof CancelledError);
    });
    assert.deepEqual(events, ["closed"]);
  });

  it("runs whole when the cancel was asked for before it began", (t) => {
    const { loop, events } = simulation(t);
    loop.runSync(function* () {
      const work = call(function* work(): Generator<unknown, void, unknown> {
        currentCoroutine()?.cancel("from inside");
        yield* shield(function* () {
          yield* sleep(10);
          events.push("block");
        });
        events.push("went on");
      });
      assert.ok((yield* errorOf(work)) instanceof CancelledError);
    });
    assert.deepEqual(events, ["block"]);
  });

  it("keeps what the block throws on the cancel", (t) => {
    const { loop } = simulation(t);
    const failure = new Error("block");
    loop.runSync(function* () {
      const work = call(function* work() {
        yield* shield(function* () {
          yield* sleep(10);
          throw failure;
        });
      });
      yield* sleep(1);
      work.cancel();
      const error = yield* errorOf(work);
      assert.ok(error instanceof CancelledError);
      assert.deepEqual(error.suppressed, [failure]);
    });
  });

  it("makes a limit, a list and a race wait for it", (t) => {
    const { loop } = simulation(t);
    loop.runSync(function* () {
      const block = function* (): Generator<unknown, void, unknown> {
        yield sleep(20);
      };
      assert.ok((yield* errorOf(withTimeout(5, shield(block)))) instanceof TimeoutError);
      assert.equal(loop.time(), 20);
      yield* race([shield(block), sleep(5)]);
      assert.equal(loop.time(), 40);
      const work = call(function* () {
        yield* all([shield(block), sleep(100)]);
      });
      yield* sleep(5);
      work.cancel();
      yield* errorOf(work);
      assert.equal(loop.time(), 60);
    });
  });

  it("takes plain and async functions, and is typed by what they return", async () => {
    const sum = await new IOLoop().run(function* () {
      const a = yield* shield(() => 1);
      const b = yield* shield(async () => 2);
      const c = yield* shield(function* () {
        yield* sleep(0);
        return 3;
      });
      isType<number>()(a);
      isType<number>()(b);
      isType<number>()(c);
      return a + b + c;
    });
    assert.equal(sum, 6);
  });

  it("is an orphan when nobody waits for it", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      yield* call(function* forgetful() {
        shield(() => sleep(10));
      });
    });
    sim.loop.start();
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
  });
});
