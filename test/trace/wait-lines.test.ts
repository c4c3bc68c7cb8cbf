import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, sleep } from "../../src/gen/index.ts";
import { Lock, Queue, Semaphore } from "../../src/sync/index.ts";
import { type Snapshot, snapshot } from "../../src/trace/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";

const take = coroutine(function* take(what: Lock | Semaphore, heldMs: number) {
  const release = yield* what.acquire();
  yield* sleep(heldMs);
  release();
});
const get = coroutine(function* get(queue: Queue<number>) {
  yield* queue.get();
});

/** The lines there are while what `fn` started runs, with the ids counted from the looker's. */
function linesIn(sim: Simulation, fn: () => unknown): unknown[] {
  let taken: Snapshot | undefined;
  sim.loop.runSync(function* looker() {
    fn();
    yield* sleep(1);
    taken = snapshot({ lines: false, limit: 1 });
  });
  sim.close();
  sim.takeReports();
  const looker = taken?.rows[0]?.id ?? 0;
  return (taken?.waitLines ?? []).map(({ what, name, holderId, waiting, waiters }) => [
    what.replace(/#(\d+)/, (_, id) => `#+${Number(id) - looker}`),
    name,
    holderId === undefined ? undefined : holderId - looker,
    waiting,
    waiters.map((id) => id - looker),
  ]);
}

describe("snapshot().waitLines", () => {
  it("say who has a lock and who waits for it, the next one first", (test) => {
    const [one, other] = [new Lock({ name: "A" }), new Lock({ name: "B" })];
    const lines = linesIn(simulation(test), () => {
      take(one, 10);
      take(other, 10);
      take(one, 10);
      take(other, 10);
      take(one, 10);
    });
    assert.deepEqual(lines, [
      ["lock A, held by take #+1", "lock A", 1, 2, [3, 5]],
      ["lock B, held by take #+2", "lock B", 2, 1, [4]],
    ]);
  });

  it("say who waits at a queue or for a permit, which nobody has alone", (test) => {
    const [queue, permits] = [new Queue<number>(), new Semaphore(1)];
    const lines = linesIn(simulation(test), () => {
      get(queue);
      take(permits, 10);
      take(permits, 10);
    });
    assert.deepEqual(
      lines.map((line) => (line as unknown[]).slice(2)),
      [
        [undefined, 1, [1]],
        [undefined, 1, [3]],
      ],
    );
  });

  it("tell two of a kind apart by their names, or else by numbers", (test) => {
    const lines = linesIn(simulation(test), () => {
      get(new Queue({ name: "jobs" }));
      take(new Semaphore(0, { name: "db" }), 1);
      for (let at = 0; at < 2; at++) take(new Semaphore(0), 1);
    });
    const names = lines.map((line) => (line as string[])[1]) as string[];
    assert.deepEqual(names.slice(0, 2), ["an item of queue jobs", "a permit of semaphore db"]);
    const numbers = names.slice(2).map((name) => Number(/^semaphore's permit (\d+)$/.exec(name)?.[1]));
    assert.equal(numbers[1], (numbers[0] as number) + 1);
  });

  it("go by the order of waiting, not of starting", (test) => {
    const lock = new Lock({ name: "A" });
    const late = coroutine(function* late() {
      yield* sleep(0.5);
      yield* lock.acquire();
    });
    const lines = linesIn(simulation(test), () => {
      take(lock, 10);
      late();
      take(lock, 10);
    });
    assert.deepEqual(lines, [["lock A, held by take #+1", "lock A", 1, 2, [3, 2]]]);
  });

  it("say who has it where the first one found has a limit, too", (test) => {
    const lock = new Lock({ name: "A" });
    const limited = coroutine(function* limited() {
      yield* lock.acquire({ timeoutMs: 5 });
    });
    const lines = linesIn(simulation(test), () => {
      take(lock, 10);
      limited().addDoneCallback((ended) => ended.error());
    });
    assert.deepEqual(lines, [["lock A, held by take #+1", "lock A", 1, 1, [2]]]);
  });

  it("name twenty of many, and count all", (test) => {
    const lock = new Lock({ name: "A" });
    const [line] = linesIn(simulation(test), () => {
      for (let at = 0; at < 31; at++) take(lock, 10);
    }) as [string, string, number, number, number[]][];
    assert.deepEqual([line?.[3], line?.[4].length, line?.[4][0]], [30, 20, 2]);
  });

  it("are none when nobody waits in line", (test) => {
    assert.deepEqual(
      linesIn(simulation(test), () => sleep(5)),
      [],
    );
  });
});
