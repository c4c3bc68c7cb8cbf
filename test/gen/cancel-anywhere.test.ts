/** One program of all the combinators, cancelled at each instant in turn: whatever was opened is closed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, TimeoutError } from "../../src/base/index.ts";
import {
  all,
  allSettled,
  any,
  call,
  defer,
  forEach,
  mapLimit,
  race,
  retry,
  shield,
  sleep,
  withTimeout,
} from "../../src/gen/index.ts";
import { Simulation } from "./simulation.ts";

/** What is open now, by name. */
type Open = Set<string>;

/** Something that is opened, used for `ms`, and closed in a `finally` that waits. */
function* use(open: Open, name: string, ms: number): Generator<unknown, string, unknown> {
  open.add(name);
  try {
    yield sleep(ms);
  } finally {
    yield shield(function* () {
      yield sleep(2);
      open.delete(name);
    });
  }
  return name;
}

/** As `use`, closed by a clean-up that is registered. */
function* borrow(open: Open, name: string, ms: number): Generator<unknown, string, unknown> {
  open.add(name);
  defer(function* () {
    yield sleep(2);
    open.delete(name);
  });
  yield sleep(ms);
  return name;
}

/** Fails after `ms`, with a clean-up. */
function* spoil(open: Open, name: string, ms: number): Generator<unknown, string, unknown> {
  yield call(use, open, name, ms);
  throw new Error(name);
}

function items(open: Open, name: string) {
  let n = 0;
  return {
    next: () =>
      call(function* (): Generator<unknown, IteratorResult<number, undefined>, unknown> {
        open.add(name);
        yield sleep(1);
        return ++n > 4 ? { done: true, value: undefined } : { done: false, value: n };
      }),
    return: () =>
      call(function* (): Generator<unknown, void, unknown> {
        yield sleep(2);
        open.delete(name);
      }),
  };
}

function* program(open: Open): Generator<unknown, void, unknown> {
  defer(function* () {
    yield sleep(1);
    assert.deepEqual([...open], ["main"], "all others are closed before the program's own clean-up");
    open.delete("main");
  });
  open.add("main");
  yield* race([call(use, open, "race a", 5), call(borrow, open, "race b", 9), sleep(7)]);
  yield* any({ bad: call(spoil, open, "any a", 2), good: call(borrow, open, "any b", 6), late: sleep(50) });
  yield* allSettled([call(spoil, open, "settled a", 3), call(use, open, "settled b", 5)]);
  try {
    yield* all(
      [call(use, open, "all a", 9), call(spoil, open, "all b", 3), call(borrow, open, "all c", 20)],
      {
        failFast: true,
      },
    );
  } catch (error) {
    if (error instanceof CancelledError) throw error;
  }
  yield* mapLimit([4, 1, 3, 2], 2, (ms, index) => call(borrow, open, `map ${index}`, ms));
  yield* retry((attempt) => (attempt < 3 ? call(spoil, open, `try ${attempt}`, 2) : "done"), { delayMs: 2 });
  yield* forEach(items(open, "items"), function* (n) {
    yield call(use, open, `item ${n}`, 2);
    if (n === 3) return false;
    return true;
  });
  try {
    yield* withTimeout(4, call(use, open, "limited", 50));
  } catch (error) {
    if (error instanceof CancelledError) throw error;
  }
}

/** The program's length in ms, when it is cancelled at `cancelAtMs`. */
function runProgram(cancelAtMs: number | undefined): number {
  const sim = new Simulation();
  const open: Open = new Set();
  const { loop } = sim;
  let endedAtMs = 0;
  loop.runSync(function* () {
    const work = call(program, open);
    if (cancelAtMs !== undefined) loop.callAt(cancelAtMs, () => work.cancel("at this instant"));
    try {
      yield* work;
      assert.equal(cancelAtMs, undefined, `the cancel at ${cancelAtMs} ms is thrown`);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      assert.equal(error.reason, "at this instant");
      // A failure that was about to be thrown when the cancel came is not lost.
      const others = error.suppressed.filter(
        (each) => !(each instanceof TimeoutError) && (each as Error).message !== "all b",
      );
      assert.deepEqual(others, [], `cancelled at ${cancelAtMs} ms`);
    }
    endedAtMs = loop.time();
    assert.deepEqual([...open], [], `cancelled at ${cancelAtMs} ms`);
    // Nothing goes on behind it: no timer but the cancel's own is left.
    yield* sleep(0);
  });
  sim.end();
  return endedAtMs;
}

describe("a cancel at any instant", () => {
  const lengthMs = runProgram(undefined);

  it("is tried all along the program", () => {
    assert.ok(lengthMs > 60, String(lengthMs));
  });

  it("closes everything that was opened, inner first, and leaves nothing behind", () => {
    // The last instant is that of the program's own clean-up.
    for (let atMs = 0; atMs < lengthMs; atMs += 0.5) {
      const endedAtMs = runProgram(atMs);
      assert.ok(endedAtMs - atMs <= 5, `cancelled at ${atMs} ms, it ends at ${endedAtMs}`);
    }
  });
});
