import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Standstill } from "../../src/base/index.ts";
import { BlockWatch } from "../../src/console/block-watch.ts";

const NOON = new Date("2026-01-02T12:00:00.000Z");

/** One that is looked at each 25 ms, of a thread that is blocking after 100 ms. */
function makeWatch() {
  const watch = new BlockWatch(new Standstill(100, 1, 0, 25));
  let nowMs = 0;
  return {
    watch,
    /** Look `times` times while the counter stands at `beat`; what the last look said. */
    look(beat: number, times = 1, stepMs = 25): boolean {
      let wanted = false;
      for (let time = 0; time < times; time++) {
        nowMs += stepMs;
        wanted = watch.look(beat, nowMs, NOON);
      }
      return wanted;
    },
  };
}

describe("BlockWatch", () => {
  it("says nothing while the counter moves on", () => {
    const { watch, look } = makeWatch();
    for (let beat = 2; beat < 50; beat++) assert.equal(look(beat), false);
    assert.equal(watch.blocked(), undefined);
    assert.deepEqual(watch.slowTurns(), []);
  });

  it("wants the stack once the counter has stood still for as long as the threshold", () => {
    const { watch, look } = makeWatch();
    assert.equal(look(1, 3), false);
    assert.equal(watch.blocked(), undefined);
    assert.equal(look(1), true);
    assert.deepEqual(watch.blocked(), { forMs: 100, frames: [] });
  });

  it("is to be looked at again when it can say that it blocks, and not later", () => {
    const { watch, look } = makeWatch();
    assert.equal(watch.nextLookMs, 25);
    look(1, 3);
    look(1, 1, 15);
    assert.equal(watch.nextLookMs, 10);
    look(1, 1, 10);
    assert.equal(watch.nextLookMs, 25);
    look(2);
    assert.equal(watch.nextLookMs, 25);
  });

  it("wants it again until it was captured, and then no more", () => {
    const { watch, look } = makeWatch();
    look(1, 4);
    assert.equal(look(1), true);
    watch.capture(1, ["at spin"]);
    assert.equal(look(1), false);
    assert.deepEqual(watch.blocked(), { forMs: 150, frames: ["at spin"] });
  });

  it("keeps why a stack cannot be read", () => {
    const { watch, look } = makeWatch();
    look(1, 4);
    watch.capture(1, [], "it is in a call of the system");
    assert.equal(watch.blocked()?.unreadable, "it is in a call of the system");
  });

  it("keeps a turn that was slow when it is over, with its stack", () => {
    const { watch, look } = makeWatch();
    look(1, 4);
    watch.capture(1, ["at spin"]);
    look(1, 4);
    look(2);
    assert.equal(watch.blocked(), undefined);
    assert.deepEqual(watch.slowTurns(), [{ at: NOON.toISOString(), tookMs: 200, frames: ["at spin"] }]);
  });

  it("counts what blocks now among the slow turns, until it is over", () => {
    const { watch, look } = makeWatch();
    look(1, 3);
    assert.deepEqual(watch.slowTurns(), []);
    look(1, 3);
    watch.capture(1, ["at spin"]);
    const at = NOON.toISOString();
    assert.deepEqual(watch.slowTurns(), [{ at, tookMs: 150, frames: ["at spin"], goesOn: true }]);
    look(2);
    assert.deepEqual(watch.slowTurns(), [{ at, tookMs: 150, frames: ["at spin"] }]);
  });

  it("tells of what blocks now, however many were slower", () => {
    const { watch, look } = makeWatch();
    for (let turn = 2; turn <= 13; turn++) look(turn, 10);
    look(14, 5);
    assert.deepEqual(
      watch.slowTurns().map(({ tookMs, goesOn = false }) => [tookMs, goesOn]),
      [...Array.from({ length: 9 }, () => [225, false]), [100, true]],
    );
  });

  it("keeps the ten slowest, the slowest first", () => {
    const { watch, look } = makeWatch();
    for (let turn = 1; turn <= 15; turn++) look(turn, 4 + turn);
    look(16);
    assert.deepEqual(
      watch.slowTurns().map(({ tookMs }) => tookMs),
      [450, 425, 400, 375, 350, 325, 300, 275, 250, 225],
    );
  });

  it("drops a stack that comes when the turn is over", () => {
    const { watch, look } = makeWatch();
    look(1, 4);
    look(2);
    watch.capture(1, ["at spin"]);
    assert.equal(look(2, 4), true);
    assert.deepEqual(watch.blocked()?.frames, []);
  });

  it("takes its own late look for no sign of the thread's", () => {
    const { watch, look } = makeWatch();
    // The machine slept, or had no processor for the process.
    assert.equal(look(1, 1, 60_000), false);
    assert.equal(watch.blocked(), undefined);
  });

  it("takes it for none with few looks in a threshold, too", () => {
    const watch = new BlockWatch(new Standstill(200, 1, 0, 100));
    assert.equal(watch.look(1, 5000, NOON), false);
    assert.equal(watch.blocked(), undefined);
    assert.equal(watch.look(2, 5001, NOON), false);
    assert.deepEqual(watch.slowTurns(), []);
  });
});
