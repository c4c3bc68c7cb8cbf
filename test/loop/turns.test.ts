import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, Future, IOLoop, sleep } from "../../src/index.ts";
import { type PollEvent, type Poller, type Resume, turningLoops } from "../../src/loop/index.ts";

/** Answers "later", until the test says that the wait is over. */
class HeldPoller implements Poller {
  readonly virtual = false;
  nowMs = 0;
  #resume: Resume | undefined = undefined;

  now(): number {
    return this.nowMs;
  }

  poll(_timeoutMs: number, resume: Resume): "later" {
    this.#resume = resume;
    return "later";
  }

  /** One pass, if the loop waits for one. */
  go(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    const none: readonly PollEvent[] = [];
    resume?.(none);
  }

  cancelPoll(): void {
    this.#resume = undefined;
  }

  wake(): void {}
  soon(): void {}
  close(): void {}
}

interface Rig {
  readonly loop: IOLoop;
  readonly poller: HeldPoller;
  readonly events: string[];
}

function started(): Rig {
  const poller = new HeldPoller();
  const loop = new IOLoop({ poller });
  loop.start();
  return { loop, poller, events: [] };
}

describe("Turns.abandon()", () => {
  it("runs no callback and no timer of the loop any more", () => {
    const { loop, poller, events } = started();
    loop.addCallback(() => events.push("callback"));
    loop.callLater(0, () => events.push("timer"));
    loop._turns.abandon();
    poller.go();
    assert.deepEqual(events, []);
    assert.deepEqual(loop.statistics(), {
      callbacks: 0,
      timers: 0,
      removedTimers: 0,
      ready: 0,
      handlers: 0,
      droppedCallbacks: 0,
    });
  });

  it("runs no clean-up of coroutines, and resumes none", () => {
    const { loop, poller, events } = started();
    const gate = new Future<void>();
    loop.spawnCallback(
      coroutine(function* () {
        try {
          yield gate;
          events.push("resumed");
        } finally {
          events.push("finally");
        }
      }),
    );
    poller.go();
    loop._turns.abandon();
    gate.setResult();
    poller.go();
    assert.deepEqual(events, []);
  });

  it("takes the loop from those that turn", () => {
    const { loop } = started();
    assert.ok(turningLoops().includes(loop));
    loop._turns.abandon();
    assert.ok(!turningLoops().includes(loop));
  });

  it("ends a pass that is on the stack, with all that it was still to run", () => {
    const { loop, poller, events } = started();
    const gate = new Future<void>();
    const wait = coroutine(function* () {
      yield gate;
      events.push("woken");
    });
    loop.addCallback(() => void wait());
    loop.addCallback(() => {
      loop._turns.abandon();
      gate.setResult();
    });
    loop.addCallback(() => events.push("later callback"));
    loop.callLater(0, () => events.push("timer"));
    poller.go();
    poller.go();
    assert.deepEqual(events, []);
  });

  it("ends a drain that is on the stack", () => {
    const { loop, poller, events } = started();
    const gate = new Future<void>();
    for (const name of ["first", "second"]) {
      loop.spawnCallback(
        coroutine(function* () {
          yield gate;
          events.push(name);
          loop._turns.abandon();
        }),
      );
    }
    poller.go();
    loop.addCallback(() => gate.setResult());
    poller.go();
    assert.deepEqual(events, ["first"]);
  });

  it("drops the timers that its coroutines still ask for", () => {
    const { loop, poller, events } = started();
    loop.spawnCallback(
      coroutine(function* () {
        loop._turns.abandon();
        yield sleep(1);
        events.push("slept");
      }),
    );
    poller.go();
    poller.nowMs = 10;
    poller.go();
    assert.equal(loop.statistics().timers, 0);
    assert.deepEqual(events, []);
  });
});
