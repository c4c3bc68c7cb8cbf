import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, Future, race, sleep } from "../../src/index.ts";
import { explore } from "../../src/sim/index.ts";
import { failureOf, nothing, program } from "./programs.ts";

const rest = coroutine(function* rest() {
  yield* sleep(30);
});

describe("a timer, where it is told", () => {
  it("has the coroutine that sleeps, and for how long", () => {
    const slow = program("slow", function* (sim) {
      let isRead = false;
      const read = coroutine(function* read() {
        yield* sim.io("read", nothing);
        isRead = true;
      });
      const reading = read();
      yield* rest();
      if (!isRead) throw new Error("too late");
      yield* reading;
    });
    const { deviations } = failureOf(explore(slow, { orphans: "wait" }));
    assert.match(deviations[0]?.chosen ?? "", /^sleep 30 ms of slow #1/);
  });

  it("has the coroutine that waits for it beside others", () => {
    const limited = program("limited", function* (sim) {
      const first = yield* race({ nap: sleep(20), read: sim.io("read", nothing) });
      if (first.key === "nap") throw new Error("asleep");
    });
    const { deviations } = failureOf(explore(limited));
    assert.match(deviations[0]?.chosen ?? "", /^sleep 20 ms of limited #1/);
  });

  it("has the line that waits for it, and its node", () => {
    const clock = program("clock", function* (sim) {
      let isOver = false;
      sim.node("n", function* main() {
        yield* rest();
        isOver = true;
      });
      yield* sim.io("read", nothing);
      if (isOver) throw new Error("too late");
      yield* sleep(60);
    });
    const [turn] = failureOf(explore(clock)).deviations;
    assert.match(
      turn?.chosen ?? "",
      /^the next timer of n: sleep 30 ms of main #2 at \S*timers\.test\.ts:\d+:\d+$/,
    );
    const slow = program("slow", function* (sim) {
      const first = yield* race({ nap: rest(), read: sim.io("read", nothing) });
      if (first.key === "nap") throw new Error("asleep");
    });
    const [nap] = failureOf(explore(slow)).deviations;
    assert.match(nap?.chosen ?? "", /^sleep 30 ms of \w+ #\d at \S*timers\.test\.ts:8:\d+$/);
  });

  it("is for the Future that it settles, not for one that its function is given", () => {
    const gives = program("gives", function* (sim) {
      sim.callLater(10, function giveUp(_work: unknown) {}, new Future<void>());
      sim.callLater(1.1 + 2.2, () => {});
      yield* sim.io("step", nothing);
    });
    const { message } = failureOf(explore(gives)).error;
    assert.match(message, /: a timer at 3\.3 ms, the timer of giveUp\(\) \(/);
  });

  it("has the function that it calls, or else its instant", () => {
    const leaves = program("leaves", function* (sim) {
      sim.callLater(30, function flush() {});
      sim.callLater(10, () => {});
      sim.callLater(40, function flush() {});
      sim.callLater(50, function flush() {});
      yield* sim.io("step", nothing);
    });
    assert.match(
      failureOf(explore(leaves)).error.message,
      /4 timers are left when the program ended, none is wanted: a timer at 10 ms, the timer of flush\(\), the timer of flush\(\), \.\.\. \(/,
    );
  });
});
