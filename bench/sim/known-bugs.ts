/**
 * Eight races of the sort that servers have, each with a mended twin: what a search
 * must find, and what it must not.
 *
 * A step is one simulated operation. `noise` adds four coroutines of ten steps that
 * have nothing to do with it.
 */
import { type CoroutineGenerator, coroutine, Future, Lock, sleep, TimeoutError, withTimeout } from "gyre";
import type { Program, Sim } from "gyre/sim";

export interface KnownBug {
  readonly name: string;
  /** Schedules in which 95 of 100 searches must find it. */
  readonly goal: number;
  readonly broken: Program;
  readonly mended: Program;
}

type Step = (label?: string) => CoroutineGenerator<void>;

/** A program, given `step`. */
type Story = (sim: Sim, step: Step) => CoroutineGenerator<void>;

const nothing = (): void => {};

function program(name: string, story: Story): Program {
  const run = coroutine(function* main(sim: Sim) {
    yield* story(sim, function* (label = "step") {
      yield* sim.io(label, nothing);
    });
  });
  return Object.defineProperty((sim: Sim) => run(sim), "name", { value: name });
}

const idle = coroutine(function* noise(sim: Sim) {
  for (let at = 0; at < 10; at++) yield* sim.io("noise", nothing);
});

/** The same among four coroutines of ten steps. */
export function withNoise(quiet: Program): Program {
  const run = coroutine(function* main(sim: Sim) {
    yield [quiet(sim), idle(sim), idle(sim), idle(sim), idle(sim)];
  });
  return Object.defineProperty((sim: Sim) => run(sim), "name", { value: `${quiet.name} among noise` });
}

function want(isSo: boolean, text: string): void {
  if (!isSo) throw new Error(text);
}

function lostUpdate(isMended: boolean): Story {
  return function* (_sim, step) {
    let value = 0;
    const lock = new Lock();
    const add = coroutine(function* add() {
      if (isMended) yield* lock.acquire();
      yield* step("read");
      const seen = value;
      yield* step("write");
      value = seen + 1;
      if (isMended) lock.release();
    });
    const late = coroutine(function* late() {
      for (let at = 0; at < 3; at++) yield* step();
      yield* add();
    });
    yield [add(), late()];
    want(value === 2, `the value is ${value}, 2 is wanted`);
  };
}

function staleCache(isMended: boolean): Story {
  return function* (_sim, step) {
    let user = "old";
    let cached = "";
    const rename = coroutine(function* rename() {
      yield* step("write user");
      user = "new";
    });
    const post = coroutine(function* post() {
      const renaming = rename();
      if (isMended) yield* renaming;
      yield* step();
      yield* step();
      cached = user;
      yield* renaming;
    });
    yield* post();
    want(cached === "new", `the cache has the ${cached} user`);
  };
}

function checkThenAct(isMended: boolean): Story {
  return function* (_sim, step) {
    const db = new Set<string>();
    let made = 0;
    const lock = new Lock();
    const create = coroutine(function* create() {
      if (isMended) yield* lock.acquire();
      yield* step("look");
      const exists = db.has("key");
      yield* step("insert");
      if (!exists) {
        db.add("key");
        made++;
      }
      if (isMended) lock.release();
    });
    yield [create(), create()];
    want(made === 1, `it was made ${made} times`);
  };
}

function lockOrder(isMended: boolean): Story {
  return function* (_sim, step) {
    const [first, second] = [new Lock(), new Lock()];
    const both = function* (one: Lock, other: Lock): CoroutineGenerator<void> {
      yield* one.acquire();
      yield* step("between the locks");
      yield* other.acquire();
      other.release();
      one.release();
    };
    const early = coroutine(function* early() {
      yield* both(first, second);
    });
    const late = coroutine(function* late() {
      for (let at = 0; at < 5; at++) yield* step();
      yield* isMended ? both(first, second) : both(second, first);
    });
    yield [early(), late()];
  };
}

function missedWakeup(isMended: boolean): Story {
  return function* (_sim, step) {
    const items: number[] = [];
    const waiting: (() => void)[] = [];
    const consume = coroutine(function* consume() {
      for (let taken = 0; taken < 2; ) {
        yield* step("look");
        if (items.length > 0) {
          items.pop();
          taken++;
          continue;
        }
        if (!isMended) yield* step("register");
        if (isMended && items.length > 0) continue;
        yield* parked(waiting);
      }
    });
    const produce = coroutine(function* produce() {
      for (let at = 0; at < 2; at++) {
        yield* step("push");
        items.push(at);
        for (const wake of waiting.splice(0)) wake();
      }
    });
    yield [consume(), produce()];
  };
}

/** A Future that is settled when somebody calls what is put into `waiting`. */
function parked(waiting: (() => void)[]): Future<void> {
  const future = new Future<void>();
  waiting.push(() => future.setResult());
  return future;
}

function outOfOrder(isMended: boolean): Story {
  return function* (_sim, step) {
    let shown = 0;
    let newest = 0;
    const query = coroutine(function* query(number: number) {
      newest = number;
      yield* step(`query ${number}`);
      if (!isMended || number === newest) shown = number;
    });
    yield [query(1), query(2)];
    want(shown === 2, `the answer of query ${shown} is shown`);
  };
}

function doubleRelease(isMended: boolean): Story {
  return function* (_sim, step) {
    let free = 1;
    let holders = 0;
    const work = coroutine(function* work() {
      yield* step("use");
      yield* step("use");
    });
    const use = coroutine(function* use() {
      for (let tries = 0; free === 0; tries++) {
        if (tries === 20) return;
        yield* sleep(5);
      }
      free--;
      holders++;
      want(holders <= 1, `${holders} hold the only connection`);
      let isReleased = false;
      const release = (): void => {
        if (isMended && isReleased) return;
        isReleased = true;
        free++;
      };
      try {
        yield* withTimeout(10, work());
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        release();
      } finally {
        holders--;
        release();
      }
    });
    yield [use(), use(), use()];
  };
}

function useAfterClose(isMended: boolean): Story {
  return function* (_sim, step) {
    let pending = 1;
    let isStopping = false;
    let isStopped = false;
    const waiting: (() => void)[] = [];
    const leave = (): void => {
      if (--pending === 0) for (const wake of waiting.splice(0)) wake();
    };
    const stop = coroutine(function* stop() {
      yield* step("stop");
      isStopping = true;
      leave();
      yield* step("stop");
      if (pending > 0) yield* parked(waiting);
      isStopped = true;
    });
    const add = coroutine(function* add() {
      yield* step("add");
      if (isStopping) return;
      if (isMended) pending++;
      yield* step("add");
      if (!isMended) pending++;
      yield* step("add");
      want(!isStopped, "the driver was used after it had stopped");
      leave();
    });
    yield [stop(), add()];
  };
}

function bug(name: string, goal: number, story: (isMended: boolean) => Story): KnownBug {
  return { name, goal, broken: program(name, story(false)), mended: program(name, story(true)) };
}

export const knownBugs: readonly KnownBug[] = [
  bug("lostUpdate", 50, lostUpdate),
  bug("staleCache", 50, staleCache),
  bug("checkThenAct", 50, checkThenAct),
  bug("lockOrder", 50, lockOrder),
  bug("missedWakeup", 50, missedWakeup),
  bug("outOfOrder", 50, outOfOrder),
  bug("doubleRelease", 500, doubleRelease),
  bug("useAfterClose", 500, useAfterClose),
];
