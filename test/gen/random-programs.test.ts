/**
 * Random programs of coroutines that start, wait for, limit and cancel each other.
 *
 * Whatever they do: each body is cleaned up once, nobody waits for ever, no
 * timer is left, the running coroutine is always the right one, and the same
 * seed gives the same run.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError } from "../../src/base/index.ts";
import { Future } from "../../src/future/index.ts";
import {
  all,
  allSettled,
  any,
  Callback,
  type Coroutine,
  coroutine,
  currentCoroutine,
  detach,
  moment,
  race,
  rootsOf,
  sleep,
  Task,
  Wait,
  WaitIterator,
  withTimeout,
} from "../../src/gen/index.ts";
import { IOLoop } from "../../src/loop/index.ts";
import { SimPoller } from "../../src/sim/index.ts";
import { Random } from "../sync/random.ts";

const SEEDS = 200;
/** Coroutines that deep start no others. */
const DEEPEST = 4;

/** Run the program of `seed` to its end; what happened, in order. */
function runProgram(seed: number): string[] {
  const events: string[] = [];
  const random = new Random(seed);
  const pick = (below: number): number => random.below(below);
  const quiet = { warn: () => {}, error: () => {} };
  const loop = new IOLoop({ poller: new SimPoller(), log: quiet });
  loop.onReport(({ kind }) => events.push(kind));
  const started: Coroutine<unknown>[] = [];
  const broken: string[] = [];
  let bodies = 0;
  let cleanups = 0;

  const node = coroutine(function* (depth: number): Generator<unknown, string> {
    const name = `${bodies++}`;
    const self = currentCoroutine();
    const expect = (truth: boolean, what: string): void => {
      if (!truth) broken.push(`${name}: ${what}`);
    };
    const expectRunning = (): void =>
      expect(currentCoroutine() === self, "the running coroutine is this one");
    try {
      for (let steps = 1 + pick(4); steps > 0; steps--) {
        const move = pick(depth < DEEPEST ? moves.length : LEAVES);
        events.push(`${loop.time()} ${name} move ${move}`);
        try {
          yield moves[move]?.(depth + 1, name);
          expect(!(self?.done() ?? true), "it has not ended");
        } catch (error) {
          expect(error instanceof Error, "what is thrown in is what somebody threw");
          if (pick(error instanceof CancelledError ? 8 : 2) > 0) throw error;
        } finally {
          expectRunning();
        }
      }
      return name;
    } finally {
      try {
        if (pick(3) === 0) {
          const ms = pick(3);
          const beforeMs = loop.time();
          yield sleep(ms);
          expect(loop.time() === beforeMs + ms, "a sleep is over in time");
        }
        if (pick(8) === 0) yield race([node(DEEPEST), sleep(1)]);
      } catch (error) {
        expect(error instanceof Error, "what is thrown into a clean-up is what somebody threw");
        // biome-ignore lint/correctness/noUnsafeFinally: the clean-up's own error goes on its way
        throw error;
      } finally {
        expectRunning();
        cleanups++;
        events.push(`${loop.time()} ${name} ends`);
      }
    }
  });

  /** Start a child that others may find, to wait for it or to cancel it. */
  const child = (depth: number): Coroutine<string> => {
    const made = node(depth);
    started.push(made);
    return made;
  };
  const someone = (): Coroutine<unknown> | undefined => started[pick(started.length)];
  const soon = (action: () => void): void => void loop.callLater(pick(5), action);
  const settling = (settle: (future: Future<void>) => void): Future<void> => {
    const future = new Future<void>();
    soon(() => future.done() || settle(future));
    return future;
  };
  const cancelSoon = <F extends Future<unknown>>(future: F): F => {
    soon(() => future.cancel("soon"));
    return future;
  };

  const moves: ((depth: number, name: string) => unknown)[] = [
    // The first ones start nothing.
    () => sleep(pick(5)),
    () => moment,
    () => settling((future) => future.setResult()),
    (_depth, name) => settling((future) => future.setError(new Error(`late ${name}`))),
    (_depth, name) => {
      if (pick(4) === 0) throw new Error(`at once ${name}`);
    },
    () => new Task((callback: () => void) => soon(callback)),
    // These start others.
    (depth) => child(depth),
    (depth) => [child(depth), sleep(pick(5)), child(depth)],
    (depth) => race([child(depth), sleep(pick(5)), child(depth)]),
    (depth) => any([child(depth), sleep(pick(5))]),
    (depth) => allSettled([child(depth), child(depth)]),
    (depth) => withTimeout(pick(6), child(depth)),
    (depth) => withTimeout(pick(6), [child(depth), child(depth)]),
    (depth) => all([child(depth), child(depth)], { failFast: true }),
    (depth) => new WaitIterator<unknown>(child(depth), sleep(pick(4)), child(depth)).next(),
    (depth) => new Task(node, depth),
    (depth) => cancelSoon(child(depth)),
    (depth) => cancelSoon(all([child(depth), sleep(3)])),
    (depth) => cancelSoon(withTimeout(3, child(depth))),
    (depth) => withTimeout(2, cancelSoon(race([child(depth), child(depth)]))),
    (depth) => coroutine(() => node(depth))(),
    (depth) => coroutine(keyed)(depth),
    () => withTimeout(3, someone() ?? sleep(1)),
    // These forget what they start.
    (depth) => void child(depth),
    (depth) => void detach(child(depth), "it is random"),
    (depth) => void all([child(depth), child(depth)]),
    (depth) => child(depth).addDoneCallback(() => {}),
    (depth) => void child(depth).then(undefined, () => {}),
    () => void someone()?.cancel("someone"),
    () => void currentCoroutine()?.cancel("itself"),
  ];
  const LEAVES = 6;

  function* keyed(depth: number): Generator<unknown, unknown> {
    const callback = yield* new Callback("key");
    soon(callback);
    yield child(depth);
    return yield new Wait("key");
  }

  loop.addCallback(() => {
    for (let i = 0; i < 3; i++) child(0);
  });
  for (let atMs = 1; atMs < 60; atMs += 1 + pick(6)) loop.callAt(atMs, () => someone()?.cancel("by hand"));
  loop.start();
  assert.deepEqual(broken, []);
  assert.deepEqual(rootsOf(loop).map(String), [], "nobody waits for ever");
  assert.equal(cleanups, bodies, "each body is cleaned up, once");
  assert.equal(loop.statistics().timers, 0, "no timer is left");
  loop.close();
  return events;
}

describe("random programs of coroutines", () => {
  it(`end clean, and the same way each time (${SEEDS} seeds)`, () => {
    let longest = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      let events: string[] = [];
      try {
        events = runProgram(seed);
        assert.deepEqual(runProgram(seed), events, "the same seed gives the same run");
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      longest = Math.max(longest, events.length);
    }
    assert.ok(longest > 100, "the programs do something");
  });
});
