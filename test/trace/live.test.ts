import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { Future } from "../../src/future/index.ts";
import { all, coroutine, detach, race, sleep, withTimeout } from "../../src/gen/index.ts";
import { Lock, Queue } from "../../src/sync/index.ts";
import { label, makeVisible, type Snapshot, snapshot } from "../../src/trace/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";

const forever = coroutine(function* forever() {
  yield* new Future<void>();
});
const napping = coroutine(function* napping(ms: number) {
  yield* sleep(ms);
});

/** The rows of what `fn` left running, seen from a coroutine "looker" that runs now. */
function rowsIn(sim: Simulation, fn: () => unknown, options?: Parameters<typeof snapshot>[0]): Snapshot {
  let taken: Snapshot | undefined;
  sim.loop.runSync(function* looker() {
    fn();
    yield* sleep(1);
    taken = snapshot(options);
  });
  sim.close();
  sim.takeReports();
  return taken as Snapshot;
}

function shapeOf({ rows }: Snapshot): unknown[] {
  const first = Math.min(...rows.map(({ id }) => id));
  const relative = (on: number | string): number | string => (typeof on === "number" ? on - first : on);
  return rows.map(({ id, name, ownerId, state, on }) => [
    id - first,
    name,
    ownerId === undefined ? undefined : ownerId - first,
    state,
    on.map(relative),
  ]);
}

describe("snapshot()", () => {
  it("shows who started whom and who waits for what, owners before what they started", (test) => {
    const parent = coroutine(function* parent() {
      yield* napping(10);
    });
    const taken = rowsIn(simulation(test), () => {
      parent();
      parent();
    });
    assert.deepEqual(shapeOf(taken), [
      [0, "looker", undefined, "running", []],
      [1, "parent", 0, "waiting", [2]],
      [2, "napping", 1, "waiting", ["sleep 10 ms, 9 ms left"]],
      [3, "parent", 0, "waiting", [4]],
      [4, "napping", 3, "waiting", ["sleep 10 ms, 9 ms left"]],
    ]);
    assert.equal(taken.total, 5);
  });

  it("names the members of lists, each by itself", (test) => {
    const taken = rowsIn(simulation(test), () => {
      coroutine(function* lists() {
        yield [napping(5), { a: sleep(7), b: [forever()] }, Promise.resolve()];
      })();
    });
    assert.deepEqual(shapeOf(taken)[1], [
      1,
      "lists",
      0,
      "waiting",
      [2, "sleep 7 ms, 6 ms left", 3, "a promise"],
    ]);
  });

  it("says who holds the lock that is waited for, behind a limit and in a list, too", (test) => {
    const lock = new Lock({ name: "A" });
    const taken = rowsIn(simulation(test), () => {
      const holder = coroutine(function* holder() {
        yield* lock.acquire();
        yield* sleep(1000);
      });
      const waits = coroutine(function* waits(how: () => unknown) {
        yield how();
      });
      holder();
      waits(() => lock.acquire());
      waits(() => lock.acquire({ timeoutMs: 50 }));
      waits(() => withTimeout(50, lock.acquire()));
      waits(() => [lock.acquire(), napping(5)]);
      waits(() => race([lock.acquire(), sleep(50)]));
    });
    const held = `lock A, held by holder #${taken.rows.find(({ name }) => name === "holder")?.id}`;
    assert.deepEqual(
      taken.rows.filter(({ name }) => name === "waits").map(({ on }) => on[0]),
      [held, held, `${held}, at most 50 ms`, held, `race of (${held}), (sleep 50 ms, 49 ms left)`],
    );
  });

  it("says so when who holds a lock has ended", (test) => {
    const lock = new Lock({ name: "A" });
    const taken = rowsIn(simulation(test), () => {
      coroutine(function* forgetful() {
        yield* lock.acquire();
      })();
      coroutine(function* waits() {
        yield* lock.acquire();
      })();
    });
    assert.match(String(taken.rows[1]?.on[0]), /^lock A, held by forgetful #\d+, which has ended$/);
  });

  it("says of a race that it is one, with the members that it has not lost", (test) => {
    const taken = rowsIn(simulation(test), () => {
      coroutine(function* racer() {
        yield [napping(5), race([napping(7), Promise.resolve()])];
      })();
      coroutine(function* failsFast() {
        yield* all([napping(5), napping(7)], { failFast: true });
      })();
    });
    const [id] = taken.rows.map((row) => row.id) as [number];
    assert.deepEqual(
      shapeOf(taken)
        .filter((row) => /racer|failsFast/.test(String(row)))
        .map((row) => (row as unknown[])[4]),
      [
        [2, `race of napping #${id + 3}, a promise`],
        [5, 6],
      ],
    );
  });

  it("names 20 members of a list, and says how many there are besides", (test) => {
    const taken = rowsIn(simulation(test), () => {
      coroutine(function* many() {
        yield* all(Array.from({ length: 50 }, () => sleep(5)));
      })();
    });
    assert.equal(taken.rows[1]?.on.length, 21);
    assert.equal(taken.rows[1]?.on.at(-1), "30 more");
  });

  it("shows one that is waited for by several once", (test) => {
    const taken = rowsIn(simulation(test), () => {
      const shared = napping(5);
      const waiter = coroutine(function* waiter() {
        yield* shared;
      });
      waiter();
      waiter();
    });
    assert.deepEqual(
      shapeOf(taken).map((row) => (row as unknown[])[1]),
      ["looker", "napping", "waiter", "waiter"],
    );
    assert.deepEqual((shapeOf(taken)[2] as unknown[])[4], [1]);
    assert.deepEqual((shapeOf(taken)[3] as unknown[])[4], [1]);
  });

  it("says that one is ready when what it waited for is there", (test) => {
    const sim = simulation(test);
    let rows: Snapshot | undefined;
    sim.loop.runSync(function* looker() {
      const gate = new Future<void>();
      const waiter = coroutine(function* waiter() {
        yield* gate;
      })();
      gate.setResult();
      rows = snapshot();
      yield* waiter;
    });
    assert.deepEqual(
      rows?.rows.map(({ name, state, on }) => [name, state, on]),
      [
        ["looker", "running", []],
        ["waiter", "ready", []],
      ],
    );
  });

  it("shows one that is in its first step, and those that called it", (test) => {
    const sim = simulation(test);
    let taken: Snapshot | undefined;
    const inner = coroutine(function* inner() {
      taken = snapshot();
      yield* sleep(1);
    });
    sim.loop.runSync(function* outer() {
      yield* inner();
    });
    assert.deepEqual(shapeOf(taken as Snapshot), [
      [0, "outer", undefined, "running", []],
      [1, "inner", 0, "running", []],
    ]);
  });

  it("gives the line of each wait, and of none that runs", (test) => {
    const { rows } = rowsIn(simulation(test), () => napping(5));
    assert.deepEqual([rows[0]?.at, rows[0]?.file], [undefined, undefined]);
    assert.match(rows[1]?.at ?? "", /^test\/trace\/live\.test\.ts:\d+:\d+$/);
    assert.ok(rows[1]?.file?.endsWith("/test/trace/live.test.ts"));
    assert.equal(rows[1]?.at?.split(":")[1], String(rows[1]?.line));
  });

  it("gives the line of the wait at which one is now, though it was asked at another one before", (test) => {
    const sim = simulation(test);
    const lines: (number | undefined)[] = [];
    const look = (): number => lines.push(snapshot().rows.find(({ name }) => name === "two")?.line);
    sim.loop.runSync(function* looker() {
      const gate = new Future<void>();
      const two = coroutine(function* two() {
        try {
          yield* gate;
        } catch {
          yield* gate;
        }
      })();
      look();
      look();
      two.cancel();
      yield* sleep(1);
      look();
      gate.setResult();
      yield* two;
    });
    const [first = 0] = lines;
    assert.deepEqual(lines, [first, first, first + 2]);
  });

  it("leaves lines out where they are not wanted", (test) => {
    const { rows } = rowsIn(simulation(test), () => napping(5), { lines: false });
    assert.equal(rows[1]?.at, undefined);
    assert.equal("file" in (rows[1] as object), false);
  });

  it("counts all when rows are limited", (test) => {
    const taken = rowsIn(
      simulation(test),
      () => {
        for (let i = 0; i < 100; i++) napping(5);
      },
      { limit: 3 },
    );
    assert.equal(taken.rows.length, 3);
    assert.equal(taken.total, 101);
  });

  it("refuses a limit that is no whole number", () => {
    for (const limit of [-1, 0.5, Number.NaN]) assert.throws(() => snapshot({ limit }), RangeError);
  });

  it("survives coroutines that wait for each other 100,000 deep", (test) => {
    const link = coroutine(function* link(next: Future<void>) {
      yield* next;
    });
    const sim = simulation(test);
    sim.loop.runSync(function* looker() {
      const gate = new Future<void>();
      let last: Future<void> = gate;
      for (let i = 0; i < 100_000; i++) last = link(last);
      const { total, rows, deadlocks } = snapshot({ limit: 10, lines: false });
      assert.deepEqual([total, rows.length, deadlocks], [100_001, 10, []]);
      gate.setResult();
      yield* last;
    });
  });

  it("says which process it is of", (test) => {
    const taken = rowsIn(simulation(test), () => {});
    assert.equal(taken.pid, process.pid);
    assert.equal(taken.node, process.version);
    assert.equal(taken.program, basename(process.argv[1] ?? "node"));
    assert.deepEqual(JSON.parse(JSON.stringify(taken)).loop, taken.loop);
    assert.equal(taken.loop.running, true);
    assert.deepEqual(taken.recorder, { on: false, events: 0, dropped: 0 });
  });

  it("has labels of coroutines that got some while somebody could look", (test) => {
    const stop = makeVisible();
    const labelled = coroutine(function* labelled() {
      label("r-7");
      label("slow");
      label("r-7");
      yield* sleep(5);
    });
    const { rows } = rowsIn(simulation(test), labelled);
    stop();
    assert.deepEqual(rows[1]?.labels, ["r-7", "slow"]);
    assert.deepEqual(rows[0]?.labels, []);
  });

  it("knows ages from when somebody looked before", (test) => {
    const sim = simulation(test);
    const ages: (number | undefined)[][] = [];
    const look = (): number => ages.push(snapshot().rows.map(({ ageMs }) => ageMs));
    sim.loop.runSync(function* looker() {
      look();
      napping(5);
      look();
      look();
      yield* sleep(1);
    });
    sim.close();
    sim.takeReports();
    const [first, second, third] = ages as [number[], (number | undefined)[], number[]];
    assert.equal(first.length, 1);
    assert.equal(second[1], undefined, "it started after the last look");
    assert.ok((third[1] as number) >= 0);
  });
});

describe("snapshot().deadlocks", () => {
  /** Take one lock, later the other. */
  const both = coroutine(function* both(one: Lock, other: Lock) {
    const first = yield* one.acquire();
    yield* sleep(0.5);
    const second = yield* other.acquire();
    second();
    first();
  });

  function withoutIds(texts: readonly string[]): string[] {
    return texts.map((text) => text.replace(/#\d+/g, "#n").replace(/lock \d+/g, "lock n"));
  }

  it("say who holds what and waits for what", (test) => {
    const [a, b] = [new Lock({ name: "A" }), new Lock({ name: "B" })];
    const { deadlocks, rows } = rowsIn(simulation(test), () => {
      both(a, b);
      both(b, a);
    });
    const [, one, two] = rows;
    assert.deepEqual(deadlocks, [
      `both #${one?.id} holds lock A, waits for lock B; both #${two?.id} holds lock B, waits for lock A`,
    ]);
    assert.deepEqual(
      [one?.on, two?.on],
      [[`lock B, held by both #${two?.id}`], [`lock A, held by both #${one?.id}`]],
    );
  });

  it("give locks without a name a number, always the same", (test) => {
    const [a, b] = [new Lock(), new Lock()];
    const { deadlocks } = rowsIn(simulation(test), () => {
      both(a, b);
      both(b, a);
    });
    const numbers = [...(deadlocks[0] ?? "").matchAll(/lock (\d+)/g)].map(([, number]) => number);
    assert.equal(numbers.length, 4);
    assert.deepEqual([numbers[0], numbers[1]], [numbers[3], numbers[2]]);
    assert.notEqual(numbers[0], numbers[1]);
  });

  it("go through children and lists", (test) => {
    const [a, b] = [new Lock({ name: "A" }), new Lock({ name: "B" })];
    const { deadlocks } = rowsIn(simulation(test), () => {
      a.run(function* first() {
        yield* sleep(0.1);
        yield [sleep(0.1), b.run(() => 1)];
      });
      b.run(function* second() {
        yield* sleep(0.5);
        yield* a.run(() => 2);
      });
      both(b, a);
    });
    assert.equal(deadlocks.length, 1);
    assert.match(
      withoutIds(deadlocks)[0] ?? "",
      /^Lock\.run #n holds lock A, waits for \w+ #n; .*Lock\.run #n waits for lock B; Lock\.run #n holds lock B, waits for .*waits for lock A$/,
    );
  });

  it("are those of one that waits for a lock that it holds itself", (test) => {
    const lock = new Lock({ name: "A" });
    const { deadlocks } = rowsIn(simulation(test), () => both(lock, lock));
    assert.deepEqual(withoutIds(deadlocks), ["both #n holds lock A, waits for lock A"]);
  });

  it("are none where a wait has a limit", (test) => {
    const [a, b] = [new Lock(), new Lock()];
    const patient = coroutine(function* patient() {
      yield* b.acquire();
      yield* sleep(0.5);
      yield* a.acquire({ timeoutMs: 100 });
    });
    const { deadlocks } = rowsIn(simulation(test), () => {
      both(a, b);
      patient();
    });
    assert.deepEqual(deadlocks, []);
  });

  it("are none where a limit is around a wait", (test) => {
    const [a, b] = [new Lock(), new Lock()];
    const patient = coroutine(function* patient() {
      yield* b.acquire();
      yield* sleep(0.5);
      yield* withTimeout(100, a.acquire());
    });
    const { deadlocks } = rowsIn(simulation(test), () => {
      both(a, b);
      patient();
    });
    assert.deepEqual(deadlocks, []);
  });

  it("are none while the holder of a lock waits for something else", (test) => {
    const lock = new Lock();
    const { deadlocks } = rowsIn(simulation(test), () => {
      lock.run(() => new Queue<number>().get());
      detach(
        lock.run(() => 1),
        "it may wait",
      );
    });
    assert.deepEqual(deadlocks, []);
  });

  it("are 100 at most, and the number of the others", (test) => {
    const { deadlocks } = rowsIn(simulation(test), () => {
      for (let i = 0; i < 105; i++) {
        const [a, b] = [new Lock(), new Lock()];
        both(a, b);
        both(b, a);
      }
    });
    assert.equal(deadlocks.length, 101);
    assert.equal(deadlocks.at(-1), "and 5 more circles");
  });

  it("name 20 coroutines of a circle, and the number of the others", (test) => {
    const locks = Array.from({ length: 30 }, () => new Lock());
    const { deadlocks } = rowsIn(simulation(test), () => {
      for (let i = 0; i < 30; i++) both(locks[i] as Lock, locks[(i + 1) % 30] as Lock);
    });
    assert.equal(deadlocks.length, 1);
    assert.equal(deadlocks[0]?.split("; ").length, 21);
    assert.match(deadlocks[0] ?? "", /; and 10 more$/);
  });
});

describe("makeVisible()", () => {
  const LIVE = Symbol.for("gyre.live");
  const live = (): ((options?: string) => string) | undefined =>
    (globalThis as { [LIVE]?: (options?: string) => string })[LIVE];

  it("is what puts the function there, and its end takes it away", () => {
    assert.equal(live(), undefined);
    const stop = makeVisible();
    const stopToo = makeVisible();
    stop();
    stop();
    assert.equal(typeof live(), "function");
    stopToo();
    assert.equal(live(), undefined);
  });

  it("gives the snapshot as JSON", (test) => {
    test.after(makeVisible());
    const parsed = JSON.parse(live()?.('{"limit":0}') ?? "") as Snapshot;
    assert.deepEqual([parsed.rows, parsed.pid], [[], process.pid]);
    assert.equal((JSON.parse(live()?.() ?? "") as Snapshot).pid, process.pid);
  });

  it("gives an error as JSON, too, as nobody there could catch it", (test) => {
    test.after(makeVisible());
    for (const options of ["what", '{"limit":-1}', "null"])
      assert.match(JSON.parse(live()?.(options) ?? "").error, /Error: /, options);
  });

  it("answers another thread while this one does not come to itself", async (test) => {
    test.after(makeVisible());
    const held = napping(60_000);
    // Does this thread spin yet, and has the other one its answer?
    const signs = new Int32Array(new SharedArrayBuffer(8));
    const asker = `
      const { Session } = require("node:inspector");
      const { parentPort, workerData } = require("node:worker_threads");
      Atomics.wait(workerData, 0, 0);
      const session = new Session();
      session.connectToMainThread();
      const expression = 'globalThis[Symbol.for("gyre.live")]("{}")';
      session.post("Runtime.evaluate", { expression }, (error, answer) => {
        session.disconnect();
        Atomics.store(workerData, 1, 1);
        parentPort.postMessage(error ?? answer.result.value);
      });
      // Keeps the thread until the answer was heard: a session that asks does not.
      parentPort.once("message", () => parentPort.close());`;
    const worker = new Worker(asker, { eval: true, workerData: signs });
    const answer = new Promise<string>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    const stuck = coroutine(function* stuck() {
      // Until the other thread has its answer; not for ever, should it never come.
      const lastMs = performance.now() + 20_000;
      Atomics.store(signs, 0, 1);
      Atomics.notify(signs, 0);
      while (Atomics.load(signs, 1) === 0 && performance.now() < lastMs);
    });
    // The worker begins while this thread is free.
    await new Promise((resolve) => worker.once("online", resolve));
    stuck();
    const { rows } = JSON.parse(await answer) as Snapshot;
    worker.postMessage("end");
    held.cancel();
    const found = rows.map(({ name, state }) => `${name} ${state}`);
    assert.ok(found.includes("stuck running"), found.join(", "));
    const napper = rows.find(({ name }) => name === "napping");
    assert.match(napper?.at ?? "", /live\.test\.ts:\d+:\d+$/);
  });
});
