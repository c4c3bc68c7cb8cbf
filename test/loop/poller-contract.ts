/** What every poller does, and every loop over it: one suite, run against each. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { IOLoop, PeriodicCallback, type PollEvent, type Poller, READ, WRITE } from "../../src/loop/index.ts";

const DAY_MS = 86_400_000;

/** How a test makes events of descriptors; or why it cannot. */
export type DescriptorMaker =
  | { readonly skip: string }
  | {
      /** Two descriptors on which nothing holds yet. */
      open(poller: Poller): [number, number];
      raise(poller: Poller, fd: number, events: number): void;
      lower(poller: Poller, fd: number): void;
      isOpen(poller: Poller, fd: number): boolean;
    };

/** One poll, as a promise whichever way it is answered. */
function poll(poller: Poller, timeoutMs: number): Promise<readonly PollEvent[]> {
  return new Promise((resolve) => {
    const answer = poller.poll(timeoutMs, resolve);
    if (answer !== "later") resolve(answer);
  });
}

/** Has `promise` been settled by now? */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

export function pollerContract(name: string, make: () => Poller, descriptors: DescriptorMaker): void {
  describe(`${name}, as a poller`, () => {
    it("has a clock that does not go back", () => {
      const poller = make();
      let lastMs = poller.now();
      for (let i = 0; i < 1000; i++) {
        const nowMs = poller.now();
        assert.ok(nowMs >= lastMs, `${nowMs} after ${lastMs}`);
        lastMs = nowMs;
      }
    });

    it("has a clock that goes on across polls", async () => {
      const poller = make();
      const startMs = poller.now();
      await poll(poller, 2);
      assert.ok(poller.now() > startMs);
    });

    it("answers poll(0) before a timer of Node's that was set after it", async () => {
      const order: string[] = [];
      await Promise.all([
        poll(make(), 0).then(() => order.push("poll")),
        wait(20).then(() => order.push("timer")),
      ]);
      assert.deepEqual(order, ["poll", "timer"]);
    });

    it("says that nothing happened when nothing did", async () => {
      assert.deepEqual(await poll(make(), 1), []);
    });

    it("does not answer before the time is over", async () => {
      const poller = make();
      // Node counts from the start of its own turn: this one takes a while before it asks.
      for (const timeoutMs of [1, 2.5, 7, 20]) {
        const busyUntilMs = performance.now() + 5;
        while (performance.now() < busyUntilMs);
        const startMs = poller.now();
        await poll(poller, timeoutMs);
        const passedMs = poller.now() - startMs;
        assert.ok(passedMs >= timeoutMs, `${passedMs} ms passed of ${timeoutMs}`);
      }
    });

    it("does not answer early after a wait that is longer than Node's timers can be", async () => {
      const poller = make();
      const startMs = poller.now();
      const answer = poll(poller, 30 * DAY_MS);
      await wait(20);
      assert.ok(!(await isSettled(answer)) || poller.now() - startMs >= 30 * DAY_MS);
      poller.close();
    });

    it("answers soon when it is woken", async () => {
      const poller = make();
      const answer = poll(poller, DAY_MS);
      poller.wake();
      assert.deepEqual(await answer, []);
    });

    it("answers a poll once, however often it is woken", async () => {
      const poller = make();
      let answers = 0;
      if (poller.poll(DAY_MS, () => answers++) !== "later") answers++;
      poller.wake();
      poller.wake();
      await wait(5);
      poller.wake();
      await nextTurn();
      assert.equal(answers, 1);
    });

    it("may be woken when there is nothing to wake", async () => {
      const poller = make();
      poller.wake();
      poller.cancelPoll();
      assert.deepEqual(await poll(poller, 1), []);
    });

    it("never calls back for a poll that was dropped", async () => {
      for (const timeoutMs of [0, 1, DAY_MS]) {
        const poller = make();
        poller.poll(timeoutMs, () => assert.fail(`poll(${timeoutMs}) is answered`));
        poller.cancelPoll();
        await wait(5);
      }
    });

    it("never calls back for a poll that another one replaced", async () => {
      for (const timeoutMs of [0, 1]) {
        const poller = make();
        const startMs = poller.now();
        poller.poll(timeoutMs, () => assert.fail("the first poll is answered"));
        assert.deepEqual(await poll(poller, 5), []);
        assert.ok(poller.now() - startMs >= 5);
      }
    });

    it("never calls back after it was closed", async () => {
      const poller = make();
      poller.poll(1, () => assert.fail("a poll is answered"));
      poller.close();
      poller.wake();
      await wait(5);
    });
  });

  describe(`a loop over ${name}`, () => {
    /** A loop, what happened on it, and what it logged. */
    function setUp() {
      const events: unknown[] = [];
      const logged: unknown[] = [];
      const write = (_message: string, error?: unknown): void => void logged.push(error);
      const loop = new IOLoop({ poller: make(), log: { warn: write, error: write } });
      const note = (event: unknown) => (): void => void events.push(event);
      return { loop, events, logged, note };
    }

    it("runs callbacks in order, those added meanwhile later, and due timers in between", async () => {
      const { loop, events, note } = setUp();
      loop.callLater(0, note("timer"));
      loop.addCallback(() => {
        events.push("first");
        loop.addCallback(() => {
          events.push("added");
          loop.stop();
        });
      });
      loop.addCallback(note("second"));
      await loop.start();
      assert.deepEqual(events, ["first", "second", "timer", "added"]);
    });

    it("runs timers by deadline, then by entry, and never early", async () => {
      const { loop, events } = setUp();
      const startMs = loop.time();
      for (const [i, delayMs] of [9, 3, 9, 1, 3].entries()) {
        loop.callAt(startMs + delayMs, () => {
          assert.ok(loop.time() >= startMs + delayMs);
          events.push(i);
        });
      }
      loop.callAt(startMs + 12, () => loop.stop());
      await loop.start();
      assert.deepEqual(events, [3, 1, 4, 0, 2]);
    });

    it("can be started, stopped, and started again with what was left", async () => {
      const { loop, events } = setUp();
      const again = (n: number): void => {
        events.push(n);
        loop.addCallback(again, n + 1);
        loop.stop();
      };
      loop.addCallback(again, 1);
      await loop.start();
      await loop.start();
      assert.deepEqual(events, [1, 2]);
    });

    it("runs the rest of the pass in which it is stopped", async () => {
      const { loop, events, note } = setUp();
      loop.addCallback(() => loop.stop());
      loop.addCallback(note("callback"));
      loop.callLater(0, note("timer"));
      await loop.start();
      assert.deepEqual(events, ["callback", "timer"]);
    });

    it("returns at once from a start after a stop", async () => {
      const { loop, events, note } = setUp();
      loop.addCallback(note("callback"));
      loop.stop();
      await loop.start();
      assert.deepEqual(events, []);
    });

    it("goes on after errors of callbacks and timers", async () => {
      const { loop, logged } = setUp();
      const errors = [new Error("callback"), new Error("timer")];
      loop.addCallback(() => {
        throw errors[0];
      });
      loop.callLater(1, () => {
        throw errors[1];
      });
      loop.callLater(2, () => loop.stop());
      await loop.start();
      assert.deepEqual(logged, errors);
    });

    it("is the current one in its callbacks", async () => {
      const { loop, events } = setUp();
      loop.addCallback(() => {
        events.push(IOLoop.current() === loop);
        loop.stop();
      });
      await loop.start();
      assert.deepEqual(events, [true]);
    });

    it("calls a periodic callback on its grid", async () => {
      const { loop, events } = setUp();
      let startMs = 0;
      const series = new PeriodicCallback(() => {
        assert.ok(loop.time() >= startMs + 2 * (events.length + 1));
        events.push("call");
        if (events.length === 3) loop.stop();
      }, 2);
      loop.addCallback(() => {
        startMs = loop.time();
        series.start();
      });
      await loop.start();
      series.stop();
      assert.equal(events.length, 3);
    });

    it("runs what run() is given, to its result or error", async () => {
      const { loop } = setUp();
      assert.equal(await loop.run(() => 7), 7);
      const error = new Error("failed");
      const failing = (): never => {
        throw error;
      };
      await assert.rejects(loop.run(failing), (thrown) => thrown === error);
    });
  });

  describe(`the descriptors of ${name}`, () => {
    const skip = "skip" in descriptors && descriptors.skip;

    function setUp() {
      if ("skip" in descriptors) throw new Error(descriptors.skip);
      const logged: unknown[] = [];
      const write = (_message: string, error?: unknown): void => void logged.push(error);
      const loop = new IOLoop({ poller: make(), log: { warn: write, error: write } });
      const [first, second] = descriptors.open(loop.poller);
      const raise = (fd: number, events: number): void => descriptors.raise(loop.poller, fd, events);
      const lower = (fd: number): void => descriptors.lower(loop.poller, fd);
      const isOpen = (fd: number): boolean => descriptors.isOpen(loop.poller, fd);
      return { loop, first, second, raise, lower, isOpen, logged, events: [] as unknown[] };
    }

    it("are told of what holds, as long as it holds", { skip }, async () => {
      const { loop, first, raise, lower, events } = setUp();
      loop.addHandler(
        first,
        (fd, mask) => {
          events.push([fd === first, mask]);
          if (events.length === 2) lower(first);
          if (events.length === 2) loop.stop();
        },
        READ,
      );
      raise(first, READ);
      await loop.start();
      assert.deepEqual(events, [
        [true, READ],
        [true, READ],
      ]);
      loop.close(true);
    });

    it("are told in the order in which they were registered, after callbacks and timers", {
      skip,
    }, async () => {
      const { loop, first, second, raise, events } = setUp();
      raise(first, READ);
      raise(second, READ);
      loop.addHandler(second, () => void events.push("second"), READ);
      loop.addHandler(
        first,
        () => {
          events.push("first");
          loop.stop();
        },
        READ,
      );
      loop.callLater(0, () => events.push("timer"));
      loop.addCallback(() => events.push("callback"));
      await loop.start();
      assert.deepEqual(events, ["callback", "timer", "second", "first"]);
      loop.close(true);
    });

    it("are told of the events of their last update only", { skip }, async () => {
      const { loop, first, raise, events } = setUp();
      loop.addHandler(
        first,
        (_fd, mask) => {
          events.push(mask);
          loop.stop();
        },
        READ,
      );
      loop.updateHandler(first, WRITE);
      raise(first, READ);
      raise(first, WRITE);
      await loop.start();
      assert.deepEqual(events, [WRITE]);
      loop.close(true);
    });

    // LOOP-068
    it("are told in every poll, until what holds is dealt with", { skip }, async () => {
      const { loop, first, raise, lower } = setUp();
      let calls = 0;
      const turn = (n: number): void => {
        if (n === 10) loop.stop();
        else loop.addCallback(turn, n + 1);
      };
      loop.addHandler(
        first,
        () => {
          calls++;
          if (calls < 3) return;
          lower(first);
          turn(0);
        },
        READ,
      );
      raise(first, READ);
      await loop.start();
      assert.equal(calls, 3);
      loop.close(true);
    });

    // LOOP-063
    it("may have a handler that throws: it is logged, others run, and it is told again", {
      skip,
    }, async () => {
      const { loop, first, second, raise, events, logged } = setUp();
      const error = new Error("first");
      loop.addHandler(
        first,
        () => {
          if (logged.length > 0) loop.stop();
          throw error;
        },
        READ,
      );
      loop.addHandler(second, () => void events.push("second"), READ);
      raise(first, READ);
      raise(second, READ);
      await loop.start();
      assert.deepEqual(logged, [error, error]);
      assert.deepEqual(events, ["second", "second"]);
      loop.close(true);
    });

    // LOOP-065
    it("are told nothing when an earlier handler of the same poll removed them", { skip }, async () => {
      const { loop, first, second, raise } = setUp();
      loop.addHandler(
        first,
        () => {
          loop.removeHandler(second);
          loop.stop();
        },
        READ,
      );
      loop.addHandler(second, () => assert.fail("a removed handler runs"), READ);
      raise(first, READ);
      raise(second, READ);
      await loop.start();
      loop.close(true);
    });

    // LOOP-066
    it("have one handler each, and lose it without harm twice", { skip }, () => {
      const { loop, first } = setUp();
      loop.addHandler(first, () => undefined, READ);
      assert.throws(() => loop.addHandler(first, () => undefined, READ), /is watched already/);
      loop.removeHandler(first);
      loop.removeHandler(first);
      loop.addHandler(first, () => undefined, READ);
      loop.close(true);
    });

    it("may lose their handler in that very handler, and get another one", { skip }, async () => {
      const { loop, first, raise, events } = setUp();
      loop.addHandler(
        first,
        () => {
          events.push("old");
          loop.removeHandler(first);
          loop.addHandler(first, () => void events.push("new", loop.stop()), READ);
        },
        READ,
      );
      raise(first, READ);
      await loop.start();
      assert.deepEqual(events, ["old", "new", undefined]);
      loop.close(true);
    });

    // LOOP-053
    it("are closed with the loop when that is asked for, each once", { skip }, () => {
      const { loop, first, second, isOpen, logged } = setUp();
      loop.addHandler(first, () => undefined, READ);
      loop.addHandler(second, () => undefined, WRITE);
      loop.close(true);
      loop.close(true);
      assert.deepEqual([first, second].map(isOpen), [false, false]);
      assert.deepEqual(logged, []);
    });

    it("stay open when the loop is closed alone", { skip }, () => {
      const { loop, first, isOpen } = setUp();
      loop.addHandler(first, () => undefined, READ);
      loop.close();
      assert.equal(isOpen(first), true);
    });

    for (const fd of [-1, 1.5, Number.NaN, 2 ** 31, "7", undefined]) {
      it(`have numbers: ${String(fd)} is refused`, { skip }, () => {
        const { loop } = setUp();
        assert.throws(() => loop.addHandler(fd as number, () => undefined, READ), {
          name: typeof fd === "number" ? "RangeError" : "TypeError",
          message: /^Cannot add a handler: came .*, the number of an open descriptor is wanted$/,
        });
        assert.equal(loop.statistics().handlers, 0);
      });
    }

    for (const events of [2, 32, -1, Number.NaN, 2 ** 33 + READ, "1", undefined]) {
      it(`are watched for known events: ${String(events)} is refused`, { skip }, () => {
        const { loop, first } = setUp();
        const wrong = {
          name: typeof events === "number" ? "RangeError" : "TypeError",
          message: /: the events are .*, a mask of READ, WRITE and ERROR is wanted$/,
        };
        assert.throws(() => loop.addHandler(first, () => undefined, events as number), wrong);
        loop.addHandler(first, () => undefined, READ);
        assert.throws(() => loop.updateHandler(first, events as number), wrong);
        loop.close(true);
      });
    }

    it("are told nothing after their removal", { skip }, async () => {
      const { loop, first, raise } = setUp();
      loop.addHandler(first, () => assert.fail("a removed handler runs"), READ);
      raise(first, READ);
      loop.removeHandler(first);
      loop.callLater(5, () => loop.stop());
      await loop.start();
      loop.close();
    });
  });
}
