import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StackContext, wrap } from "../../src/context/index.ts";
import { IOLoop, type Timeout } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { rig } from "./rig.ts";

const DAY_MS = 86_400_000;
const nothing = (): void => undefined;

describe("a loop's timers", () => {
  // LOOP-005
  it("that are added by a timer when due already run in the next pass", (t) => {
    const { loop, poller, events } = rig(t);
    loop.callLater(0, () => loop.callLater(0, () => events.push(`after ${poller.polls.length} poll`)));
    loop.start();
    assert.deepEqual(events, ["after 1 poll"]);
  });

  // LOOP-006
  it("that become due while callbacks run are called in the next pass", (t) => {
    const { loop, poller, events } = rig(t);
    loop.callLater(10, () => events.push(poller.polls.length));
    loop.addCallback(() => poller.advance(20));
    loop.start();
    assert.deepEqual(events, [1]);
    assert.deepEqual(poller.polls, [0]);
  });

  // LOOP-007
  it("run by deadline, and equal deadlines in the order in which they were added", (t) => {
    const { loop, events, note } = rig(t);
    const deadlines = [5, 3, 5, 1, 3, 5, 1, 3, 5];
    for (const [i, atMs] of deadlines.entries()) loop.callAt(atMs, note(`${atMs}: ${i}`));
    loop.start();
    assert.deepEqual(events, ["1: 3", "1: 6", "3: 1", "3: 4", "3: 7", "5: 0", "5: 2", "5: 5", "5: 8"]);
  });

  // LOOP-008
  it("that a callback removes do not run, though they were due in its pass", (t) => {
    const { loop, events, note } = rig(t);
    const timeout = loop.callLater(0, note("timer"));
    loop.addCallback(() => loop.removeTimeout(timeout));
    loop.start();
    assert.deepEqual(events, []);
  });

  // LOOP-009
  it("that an earlier timer removes do not run, though they were due in its pass", (t) => {
    const { loop, events, note } = rig(t);
    const timeouts: Timeout[] = [];
    loop.callLater(0, () => {
      events.push("first");
      for (const timeout of timeouts) loop.removeTimeout(timeout);
    });
    timeouts.push(loop.callLater(0, note("second")));
    loop.start();
    assert.deepEqual(events, ["first"]);
  });

  // LOOP-023
  it("that are 30 days away do not run early", (t) => {
    const { loop, events } = rig(t);
    loop.callLater(30 * DAY_MS, () => events.push(loop.time()));
    loop.start();
    assert.deepEqual(events, [30 * DAY_MS]);
  });

  // LOOP-024
  it("do not run early when a poll ends early, which is repeated for the rest", (t) => {
    const { loop, poller, events } = rig(t);
    loop.callLater(100, () => events.push(loop.time()));
    poller.answers.push(() => {
      poller.advance(99.5);
      return [];
    });
    loop.start();
    assert.deepEqual(events, [100]);
    assert.deepEqual(poller.polls, [100, 0.5]);
  });

  // LOOP-025
  it("that are removed stay in memory, without what they would have called", (t) => {
    const { loop } = rig(t);
    loop.callLater(1, nothing);
    const timeout = loop.callLater(2, (argument: object) => argument, {});
    loop.removeTimeout(timeout);
    assert.equal(loop.statistics().removedTimers, 1);
    assert.equal(timeout._callback, undefined);
    assert.deepEqual(timeout._args, []);
    loop.close();
  });

  // LOOP-014, for who keeps the handle
  it("let go of what they called once they ran", (t) => {
    const { loop } = rig(t);
    const timeout = loop.callLater(1, (argument: object) => argument, {});
    loop.start();
    assert.equal(timeout._callback, undefined);
    assert.deepEqual(timeout._args, []);
  });

  // LOOP-026
  it("keep their order when the removed ones are purged", (t) => {
    const { loop, events, note } = rig(t);
    const timeouts = Array.from({ length: 2000 }, (_, i) => loop.callAt(1000 + (i % 10), note(i)));
    for (const [i, timeout] of timeouts.entries()) if (i % 4 !== 0) loop.removeTimeout(timeout);
    loop.addCallback(nothing);
    loop.start();
    const kept = Array.from({ length: 500 }, (_, i) => 4 * i);
    assert.deepEqual(
      events,
      kept.sort((a, b) => (a % 10) - (b % 10) || a - b),
    );
  });

  // LOOP-027
  it("may be removed twice, or after they ran: that counts nothing", (t) => {
    const { loop } = rig(t);
    const ran = loop.callLater(0, nothing);
    loop.start();
    loop.callLater(1, nothing);
    const removed = loop.callLater(2, nothing);
    for (const timeout of [ran, ran, removed, removed]) loop.removeTimeout(timeout);
    const { timers, removedTimers } = loop.statistics();
    assert.deepEqual({ timers, removedTimers }, { timers: 1, removedTimers: 1 });
    loop.close();
  });

  // LOOP-027
  it("may remove themselves while they run: that counts nothing", (t) => {
    const { loop } = rig(t);
    const timeout: Timeout = loop.callLater(0, () => loop.removeTimeout(timeout));
    loop.start();
    assert.equal(loop.statistics().removedTimers, 0);
  });

  // LOOP-027
  it("may be removed in the pass in which they are due: that counts nothing", (t) => {
    const { loop } = rig(t);
    const timeout = loop.callLater(0, () => assert.fail("a removed timer runs"));
    loop.addCallback(() => loop.removeTimeout(timeout));
    loop.start();
    assert.equal(loop.statistics().removedTimers, 0);
  });

  // LOOP-028
  it("are refused for removal when they are none, or another loop's", (t) => {
    const { loop } = rig(t);
    const other = new IOLoop({ poller: new SimPoller() });
    const foreign = other.callLater(0, nothing);
    assert.throws(() => loop.removeTimeout(undefined as never), {
      name: "TypeError",
      message: "Cannot remove a timeout: came undefined, what callLater or callAt returned is wanted",
    });
    assert.throws(() => loop.removeTimeout(foreign), { name: "TypeError", message: /another loop's/ });
    assert.equal(other.statistics().timers, 1);
  });

  // LOOP-029
  it("take finite numbers only", (t) => {
    const { loop } = rig(t);
    for (const wrong of ["5", null, undefined, true, 5n, {}]) {
      assert.throws(() => loop.callLater(wrong as never, nothing), TypeError);
      assert.throws(() => loop.callAt(wrong as never, nothing), TypeError);
      assert.throws(() => loop.addTimeout(wrong as never, nothing), TypeError);
    }
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => loop.callLater(wrong, nothing), RangeError);
      assert.throws(() => loop.callAt(wrong, nothing), RangeError);
      assert.throws(() => loop.addTimeout(wrong, nothing), RangeError);
    }
    assert.equal(loop.statistics().timers, 0);
  });

  // LOOP-030
  it("are made by callLater, callAt and addTimeout, which return the same kind of handle", (t) => {
    const { loop, poller, events, note } = rig(t);
    poller.advance(1000);
    const handles = [
      loop.callLater(5, note("later")),
      loop.callAt(1006, note("at")),
      loop.addTimeout(7, note("timeout")),
    ];
    assert.deepEqual(
      handles.map((handle) => handle.deadlineMs),
      [1005, 1006, 1007],
    );
    for (const handle of handles) loop.removeTimeout(handle);
    loop.start();
    assert.deepEqual(events, []);
  });

  // LOOP-030
  it("take a date as the duration until then", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    const loop = new IOLoop();
    t.mock.method(loop.poller, "now", () => 50);
    assert.equal(loop.addTimeout(new Date(1_000_250), nothing).deadlineMs, 300);
    assert.throws(() => loop.addTimeout(new Date(Number.NaN), nothing), RangeError);
  });

  it("refuse a date in virtual time", (t) => {
    const { loop } = rig(t);
    assert.throws(() => loop.addTimeout(new Date(), nothing), { name: "TypeError", message: /virtual time/ });
  });

  // LOOP-031
  it("with a negative delay or a deadline in the past run in the next pass, not at once", (t) => {
    const { loop, poller, events, note } = rig(t);
    poller.advance(100);
    loop.callLater(-5, note("negative"));
    loop.callAt(50, note("past"));
    assert.deepEqual(events, []);
    loop.start();
    assert.deepEqual(events, ["past", "negative"]);
    assert.deepEqual(poller.polls, []);
  });

  // LOOP-032
  it("know no clock but the poller's", (t) => {
    const { loop, poller, events } = rig(t);
    loop.callLater(DAY_MS, () => events.push(loop.time()));
    poller.advance(DAY_MS + 3);
    loop.start();
    assert.deepEqual(events, [DAY_MS + 3]);
    assert.deepEqual(poller.polls, []);
  });

  // LOOP-033
  it("are only delayed by a clock that jumps back, and run once", (t) => {
    const { loop, poller, events } = rig(t);
    loop.callAt(10, () => {
      events.push(`first at ${loop.time()}`);
      poller.advance(-50);
    });
    loop.callAt(20, () => events.push(`second at ${loop.time()}`));
    loop.start();
    assert.deepEqual(events, ["first at 10", "second at 20"]);
  });

  // LOOP-011, for timers
  it("get their arguments", (t) => {
    const { loop, events } = rig(t);
    loop.callLater(1, (...args: unknown[]) => events.push(...args), "a", 2);
    loop.start();
    assert.deepEqual(events, ["a", 2]);
  });

  it("run in the stack contexts in which they were added, a wrapped function in its own only", (t) => {
    const { loop, events } = rig(t);
    const context = (name: string): StackContext =>
      new StackContext(function* () {
        events.push(name);
        yield;
      });
    const wrapped = context("own").run(() => wrap((value: string) => events.push(value)));
    context("added").run(() => {
      loop.callLater(1, () => events.push("plain"));
      loop.callLater(2, wrapped as (value: string) => void, "wrapped");
    });
    events.length = 0;
    loop.start();
    assert.deepEqual(events, ["added", "plain", "own", "wrapped"]);
  });
});
