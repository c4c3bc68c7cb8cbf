import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StackContext } from "../../src/context/index.ts";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { type IOLoop, PeriodicCallback, type PeriodicCallbackOptions } from "../../src/loop/index.ts";
import { rig } from "./rig.ts";

type Test = Parameters<typeof rig>[0];

const DAY_MS = 86_400_000;

/** Seconds at which the series calls; each call does the next of `steps`, after which the series ends. */
function callTimes(
  t: Test,
  periodS: number,
  steps: ((advance: (seconds: number) => void) => void)[],
  options: PeriodicCallbackOptions = {},
): number[] {
  const { loop, poller } = rig(t);
  const times: number[] = [];
  poller.advance(1_000_000);
  const series = new PeriodicCallback(
    () => {
      times.push(loop.time() / 1000);
      steps.shift()?.((seconds) => poller.advance(seconds * 1000));
      if (steps.length === 0) series.stop();
    },
    periodS * 1000,
    options,
  );
  started(loop, series);
  return times;
}

/** Run `loop` with `series` started on it, to the end. */
function started(loop: IOLoop, series: PeriodicCallback): void {
  loop.addCallback(() => series.start());
  loop.start();
}

describe("PeriodicCallback", () => {
  // PC-001
  it("calls first one period after start(), not at once", (t) => {
    assert.deepEqual(callTimes(t, 10, [() => undefined]), [1010]);
  });

  // PC-002
  it("stays on the grid of its start, and skips whole periods when a call takes longer", (t) => {
    const steps = [0, 25, 0].map((seconds) => (advance: (s: number) => void) => advance(seconds));
    assert.deepEqual(callTimes(t, 10, steps), [1010, 1020, 1050]);
  });

  // PC-003
  it("follows the vector of overruns", (t) => {
    const durations = [9, 9, 10, 11, 20, 20, 35, 35, 0, 0, 0];
    const steps = durations.map((seconds) => (advance: (s: number) => void) => advance(seconds));
    assert.deepEqual(
      callTimes(t, 10, steps),
      [1010, 1020, 1030, 1050, 1070, 1100, 1130, 1170, 1210, 1220, 1230],
    );
  });

  // PC-004
  it("stays on its grid when the clock goes back", (t) => {
    const steps = [-2, -1, -3, -2, 0].map((seconds) => (advance: (s: number) => void) => advance(seconds));
    assert.deepEqual(callTimes(t, 10, steps), [1010, 1020, 1030, 1040, 1050]);
  });

  // PC-005
  it("spreads its periods by the jitter", (t) => {
    const drawn = [0.5, 1, 0, 0.75];
    const steps = Array.from({ length: 4 }, () => () => undefined);
    const times = callTimes(t, 10, steps, { jitter: 0.5, random: () => drawn.shift() ?? 0.5 });
    assert.deepEqual(times, [1010, 1022.5, 1030, 1041.25]);
  });

  // PC-006
  it("logs an error of a call under its name, and goes on", (t) => {
    const { loop, takeLogged } = rig(t);
    const error = new Error("failed");
    let calls = 0;
    const series = new PeriodicCallback(function heartbeat() {
      if (++calls === 3) series.stop();
      else throw error;
    }, 10);
    started(loop, series);
    const logged = { message: 'Error in callback "heartbeat"', error };
    assert.deepEqual(takeLogged(), [logged, logged]);
    assert.equal(calls, 3);
  });

  // PC-007
  it("ends when stopped inside its call", (t) => {
    assert.deepEqual(callTimes(t, 10, [() => undefined, () => undefined]), [1010, 1020]);
  });

  // PC-007
  it("begins anew from now when started after a stop inside its call", (t) => {
    const { loop, poller, events } = rig(t);
    const series = new PeriodicCallback(() => {
      events.push(loop.time());
      series.stop();
      if (events.length === 3) return;
      poller.advance(4);
      series.start();
    }, 10);
    started(loop, series);
    assert.deepEqual(events, [10, 24, 38]);
  });

  it("ends when stopped between two calls, and leaves no timer", (t) => {
    const { loop, events, note } = rig(t);
    const series = new PeriodicCallback(note("call"), 10);
    loop.callLater(15, () => series.stop());
    started(loop, series);
    assert.deepEqual(events, ["call"]);
    assert.equal(loop.statistics().timers, 0);
  });

  it("ends when stopped while a call is going on", (t) => {
    const { loop, events } = rig(t);
    const series = new PeriodicCallback(function* () {
      events.push(loop.time());
      yield sleep(5);
    }, 10);
    loop.callLater(12, () => series.stop());
    started(loop, series);
    assert.deepEqual(events, [10]);
  });

  it("is not doubled when stopped and started while a call is going on", (t) => {
    const { loop, events } = rig(t);
    const series = new PeriodicCallback(function* () {
      events.push(loop.time());
      yield sleep(5);
    }, 10);
    loop.callLater(12, () => {
      series.stop();
      series.start();
    });
    loop.callLater(45, () => series.stop());
    started(loop, series);
    assert.deepEqual(events, [10, 22, 32, 42]);
  });

  // PC-008
  it("is not doubled by a second start()", (t) => {
    const { loop, events } = rig(t);
    const series = new PeriodicCallback(() => events.push(loop.time()), 10);
    loop.callLater(5, () => series.start());
    loop.callLater(35, () => series.stop());
    started(loop, series);
    assert.deepEqual(events, [10, 20, 30]);
  });

  // PC-009
  it("calls a coroutine that takes longer than the period one at a time, and counts the periods skipped", (t) => {
    const { loop, events } = rig(t);
    const work = coroutine(function* () {
      events.push(`begins at ${loop.time()}`);
      yield sleep(25);
      events.push(`ends at ${loop.time()}`);
    });
    const series = new PeriodicCallback(work, 10);
    loop.callLater(70, () => series.stop());
    started(loop, series);
    assert.deepEqual(events, ["begins at 10", "ends at 35", "begins at 40", "ends at 65"]);
    assert.deepEqual(series.statistics(), { skippedPeriods: 4 });
  });

  it("logs the failure of a coroutine, and goes on", (t) => {
    const { loop, takeErrors } = rig(t);
    const error = new Error("failed");
    const series = new PeriodicCallback(function* () {
      yield sleep(2);
      throw error;
    }, 10);
    loop.callLater(25, () => series.stop());
    started(loop, series);
    assert.deepEqual(takeErrors(), [error, error]);
  });

  it("calls in the stack contexts of its start, however a call ends", (t) => {
    const { loop, events } = rig(t);
    const context = new StackContext(function* () {
      events.push("enter");
      yield;
    });
    const series = new PeriodicCallback(function* () {
      events.push("call");
      yield sleep(2);
    }, 10);
    loop.addCallback(() => context.run(() => series.start()));
    loop.callLater(35, () => series.stop());
    loop.start();
    assert.equal(events.filter((event) => event === "call").length, 3);
    for (const [i, event] of events.entries()) if (event === "call") assert.equal(events[i - 1], "enter");
  });

  it("says whether it runs", (t) => {
    const { loop, events } = rig(t);
    const series = new PeriodicCallback(() => {
      events.push(series.isRunning());
      series.stop();
      events.push(series.isRunning());
    }, 10);
    assert.equal(series.isRunning(), false);
    started(loop, series);
    assert.deepEqual(events, [true, false]);
  });

  // PC-010
  it("refuses a period that is not a finite number > 0", () => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "10"]) {
      assert.throws(() => new PeriodicCallback(() => undefined, wrong as number), RangeError);
    }
  });

  it("refuses a jitter that is no fraction, and a callback that is no function", () => {
    for (const jitter of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => new PeriodicCallback(() => undefined, 10, { jitter }), RangeError);
    }
    assert.throws(() => new PeriodicCallback("heartbeat" as never, 10), TypeError);
  });

  // PC-011
  it("counts its period in milliseconds, as timers do", (t) => {
    const { loop, events } = rig(t);
    const series = new PeriodicCallback(() => {
      events.push("call");
      series.stop();
    }, 10);
    loop.callLater(9, () => events.push("timer at 9"));
    loop.callLater(11, () => events.push("timer at 11"));
    started(loop, series);
    assert.deepEqual(events, ["timer at 9", "call", "timer at 11"]);
  });

  it("beats each second for 24 hours", (t) => {
    const { loop, poller } = rig(t);
    let beats = 0;
    const series = new PeriodicCallback(() => void beats++, 1000);
    loop.callLater(DAY_MS + 1, () => series.stop());
    started(loop, series);
    assert.equal(beats, 86_400);
    assert.equal(loop.time(), DAY_MS + 1);
    assert.ok(poller.polls.length <= 86_401, `${poller.polls.length} polls`);
    assert.deepEqual(series.statistics(), { skippedPeriods: 0 });
  });
});
