import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  currentReadyQueue,
  enterReadyQueue,
  READY_BUDGET_MS,
  READY_BUDGET_STEPS,
  type Ready,
  ReadyQueue,
} from "../../src/future/index.ts";
import { coroutine } from "../../src/gen/index.ts";
import { Future } from "../../src/index.ts";
import { simulation } from "../gen/simulation.ts";

interface Rig {
  readonly queue: ReadyQueue;
  readonly ran: unknown[];
  readonly clock: { nowMs: number };
  readonly asked: () => number;
  push(name: unknown, also?: () => void): void;
}

function rig(): Rig {
  const ran: unknown[] = [];
  const clock = { nowMs: 0 };
  let asked = 0;
  const host = { now: () => clock.nowMs, onReady: () => asked++, onSpent: () => asked++ };
  const queue = new ReadyQueue({}, host);
  const push = (name: unknown, also?: () => void): void => {
    const item: Ready = {
      step(): void {
        ran.push(name);
        also?.();
      },
    };
    queue.push(item);
  };
  return { queue, ran, clock, asked: () => asked, push };
}

describe("ReadyQueue", () => {
  it("runs first what came first, also what comes while it runs", () => {
    const { queue, ran, push } = rig();
    push("a", () => push("c"));
    push("b");
    assert.equal(queue.drain(), true);
    assert.deepEqual(ran, ["a", "b", "c"]);
  });

  it("keeps the order when it grows, wherever its ring begins", () => {
    const { queue, ran, push } = rig();
    for (let i = 0; i < 40; i++) push(-1);
    queue.drain();
    ran.length = 0;
    for (let i = 0; i < 1000; i++) push(i);
    assert.equal(queue.size, 1000);
    queue.drain();
    assert.deepEqual(
      ran,
      Array.from({ length: 1000 }, (_, i) => i),
    );
  });

  it("asks to be drained once, until it was", () => {
    const { queue, push, asked } = rig();
    push("a");
    push("b", () => push("c"));
    assert.equal(asked(), 1);
    queue.drain();
    assert.equal(asked(), 1);
    push("d");
    assert.equal(asked(), 2);
  });

  it("does nothing when it is drained from inside a drain", () => {
    const { queue, ran, push } = rig();
    push("a", () => {
      assert.equal(queue.drain(), false);
      ran.push("a ends");
    });
    push("b");
    queue.drain();
    assert.deepEqual(ran, ["a", "a ends", "b"]);
  });

  it("is the current one while it drains, and no longer", () => {
    const { queue, push } = rig();
    const before = currentReadyQueue();
    push("a", () => assert.equal(currentReadyQueue(), queue));
    queue.drain();
    assert.equal(currentReadyQueue(), before);
    const outer = enterReadyQueue(queue);
    assert.equal(currentReadyQueue(), queue);
    enterReadyQueue(outer);
    assert.equal(currentReadyQueue(), before);
  });

  it("stops after its budget of steps, and goes on when that is renewed", () => {
    const { queue, ran, push } = rig();
    const again = (): void => push("again", again);
    again();
    assert.equal(queue.drain(), false);
    assert.ok(ran.length >= READY_BUDGET_STEPS && ran.length < READY_BUDGET_STEPS + 256, `${ran.length}`);
    const first = ran.length;
    assert.equal(queue.drain(), false);
    assert.equal(ran.length, first);
    queue.renewBudget();
    queue.drain();
    assert.equal(ran.length, 2 * first);
  });

  it("stops after its budget of time", () => {
    const { queue, ran, clock, push } = rig();
    const again = (): void => {
      clock.nowMs += READY_BUDGET_MS / 256;
      push("again", again);
    };
    again();
    queue.drain();
    assert.ok(ran.length < 1024, `${ran.length} steps`);
  });

  it("gives no turn of its own to what would overtake, or once the budget is spent", () => {
    const { queue, push } = rig();
    queue.ownTurns = true;
    const again = (): void => push("again", again);
    again();
    queue.drain();
    assert.equal(queue.beginTurn(), false);
    queue.renewBudget();
    assert.equal(queue.beginTurn(), false);
  });

  it("gives the others their turn when a step throws all the same", () => {
    const { queue, ran, push, asked } = rig();
    push("a", () => {
      throw new Error("a step threw");
    });
    push("b");
    const before = asked();
    assert.throws(() => queue.drain(), /a step threw/);
    assert.equal(asked(), before + 1);
    queue.drain();
    assert.deepEqual(ran, ["a", "b"]);
  });

  it("runs what became ready in a turn of its own at the end of it", () => {
    const { queue, ran, push, asked } = rig();
    queue.ownTurns = true;
    assert.equal(queue.beginTurn(), true);
    push("a", () => push("c"));
    push("b");
    assert.deepEqual(ran, []);
    queue.endTurn();
    assert.deepEqual(ran, ["a", "b", "c"]);
    assert.equal(asked(), 0);
  });

  it("gives no turn of its own while one is on its way, or when its loop drains in passes only", () => {
    const { queue, push } = rig();
    assert.equal(queue.beginTurn(), false);
    queue.ownTurns = true;
    push("a");
    assert.equal(queue.beginTurn(), false);
  });
});

describe("coroutines that wake each other for ever", () => {
  it("do not starve timers", (t) => {
    const sim = simulation(t);
    sim.loop.runSync(function* () {
      let stopped = false;
      const balls = [new Future<void>(), new Future<void>()];
      const player = coroutine(function* (me: 0 | 1) {
        while (!stopped) {
          yield balls[me];
          balls[me] = new Future<void>();
          balls[1 - me]?.setResult();
        }
      });
      const players = [player(0), player(1)];
      sim.loop.callLater(1, () => {
        stopped = true;
        sim.events.push("timer");
      });
      // A simulated clock stands still while there is something to do.
      sim.loop.addCallback(() => sim.poller.advance(1));
      balls[0]?.setResult();
      yield players;
    });
    assert.deepEqual(sim.events, ["timer"]);
  });
});
