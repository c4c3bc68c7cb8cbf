import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseFilter } from "../../../../src/console/page/static/filter.js";
import {
  byIdOf,
  filterOf,
  groupRows,
  kindOf,
  kindsOf,
  lintsOf,
  resourcesOf,
  waitWords,
} from "../../../../src/console/page/static/groups.js";
import { Condition, Event, Queue, RateLimiter, Semaphore } from "../../../../src/sync/index.ts";
import type { Row } from "../../../../src/trace/index.ts";
import { makeRow, makeSnapshot } from "../sources.ts";

describe("groupRows()", () => {
  function grouped(rows: readonly Row[]): unknown[] {
    return groupRows(rows, byIdOf(rows)).map(({ name, at, on, rows: members, oldestMs }) => [
      members.length,
      name,
      at,
      on,
      oldestMs,
    ]);
  }

  it("puts those of one function and line together, the largest group first", () => {
    const rows = [
      makeRow({ id: 1, name: "a", at: "x.ts:1:1", ageMs: 5 }),
      makeRow({ id: 2, name: "b", at: "x.ts:1:1" }),
      makeRow({ id: 3, name: "b", at: "x.ts:2:1", ageMs: 7 }),
      makeRow({ id: 4, name: "b", at: "x.ts:2:1", ageMs: 9 }),
    ];
    assert.deepEqual(grouped(rows), [
      [2, "b", "x.ts:2:1", "a promise", 9],
      [1, "a", "x.ts:1:1", "a promise", 5],
      [1, "b", "x.ts:1:1", "a promise", 1000],
    ]);
  });

  it("goes by what they wait for where no line is known", () => {
    const rows = [
      makeRow({ id: 1, name: "a", on: ["sleep 20 ms"] }),
      makeRow({ id: 2, name: "a", on: ["sleep 999 ms"] }),
      makeRow({ id: 3, name: "a", on: ["a lock"] }),
    ];
    assert.deepEqual(grouped(rows), [
      [2, "a", undefined, "sleep", 1000],
      [1, "a", undefined, "a lock", 1000],
    ]);
  });

  it("counts the states of a group", () => {
    const rows = [makeRow({ id: 1, at: "x" }), makeRow({ id: 2, at: "x", state: "ready", on: [] })];
    const [group] = groupRows(rows, byIdOf(rows));
    assert.deepEqual(group?.states, { running: 0, ready: 1, waiting: 1 });
    assert.equal(group?.on, "several things");
  });
});

describe("kindOf()", () => {
  it("names a coroutine that is waited for, without its id", () => {
    const rows = [
      makeRow({ id: 1, on: [2, 3] }),
      makeRow({ id: 2, name: "fetch" }),
      makeRow({ id: 3, name: "fetch" }),
    ];
    assert.equal(kindOf(rows[0] as Row, byIdOf(rows)), "fetch");
  });

  it("leaves out the numbers that tell one wait from another", () => {
    assert.equal(
      kindOf(makeRow({ id: 1, on: ["the answer to query 17, at most 200 ms"] }), new Map()),
      "the answer to query, at most … ms",
    );
  });
});

describe("filterOf()", () => {
  for (const on of [
    ["a promise"],
    [2],
    [2, 3],
    ["serve #2, work #3 and 4 more"],
    ["sleep 20 ms, 3 ms left"],
    ['the "end"'],
    [],
  ]) {
    it(`finds what waits for ${JSON.stringify(on)}`, () => {
      const rows = [
        makeRow({ id: 1, on }),
        makeRow({ id: 2, name: "serve", on: ["x"] }),
        makeRow({ id: 3, on: ["y"] }),
      ];
      const byId = byIdOf(rows);
      const test = parseFilter(filterOf(kindsOf(rows[0] as Row, byId)), (id) => byId.get(id)?.name);
      assert.deepEqual(
        rows.filter(test).map(({ id }) => id),
        [1],
      );
    });
  }
});

describe("resourcesOf()", () => {
  it("gives who waits in the order of starting, by kind of thing", () => {
    const rows = [
      makeRow({ id: 1, on: ["sleep 5 ms"] }),
      makeRow({ id: 2, on: ["a lock"] }),
      makeRow({ id: 3, on: [1] }),
      makeRow({ id: 4, on: ["an item of a queue"] }),
      makeRow({ id: 5, on: ["a lock"] }),
      makeRow({ id: 6, on: ["a promise"] }),
      makeRow({ id: 7, on: [1, "17 more"] }),
    ];
    assert.deepEqual(
      resourcesOf(rows).map(({ kind, name, waiters }) => [kind, name, waiters.map(({ id }) => id)]),
      [
        ["Locks and permits", "a lock", [2, 5]],
        ["Queues and streams", "an item of a queue", [4]],
        ["Time", "sleep", [1]],
        ["Promises, callbacks and the rest of the world", "a promise", [6]],
      ],
    );
  });
});

describe("waitWords()", () => {
  for (const [waiting, what, words] of [
    [1, "an item of a queue", "waits to take an item from a queue"],
    [2, "an item of a queue", "wait to take an item from a queue"],
    [1, "a place in a queue", "waits to put an item into a full queue"],
    [1, "a queue's items to be done", "waits until all items of a queue are done"],
    [2, "an event", "wait for an event to be set"],
    [1, "a condition", "waits for a condition to be notified"],
    [3, "a semaphore's permit", "wait for a permit of a semaphore"],
    [1, "a rate limiter's permit", "waits for a permit of a rate limiter"],
    [1, "lock stock", "waits for lock stock"],
    [2, "lock stock, at most … ms", "wait for lock stock, with a limit"],
    [2, "an event, at most … ms", "wait for an event to be set, with a limit"],
    [1, "sleep", "sleeps"],
    [240, "sleep", "sleep"],
    [2, "a promise", "wait for a promise"],
  ] as const) {
    it(`says of ${waiting} and "${what}": ${words}`, () => assert.equal(waitWords(waiting, what), words));
  }

  it("knows in what words each of the things is waited for", () => {
    const [condition, event, queue, semaphore] = [
      new Condition(),
      new Event(),
      new Queue(),
      new Semaphore(0),
    ];
    const full = new Queue({ maxSize: 1 });
    const limiter = new RateLimiter({ ratePerSecond: 1 });
    full.putNowait(1);
    limiter.acquireNowait();
    const waits = [
      condition.wait(),
      event.wait(),
      queue.get(),
      semaphore.acquire(),
      full.put(2),
      full.join(),
      limiter.acquire(),
    ];
    for (const wait of waits) {
      const what = wait._describe();
      assert.notEqual(waitWords(1, what), `waits for ${what}`);
      wait.cancel();
    }
  });
});

describe("lintsOf()", () => {
  /** What is said of a snapshot. */
  function said(...args: Parameters<typeof makeSnapshot>): string[] {
    return lintsOf(makeSnapshot(...args)).map(({ text }) => text);
  }

  it("has nothing to say of a program that does well", () => {
    assert.deepEqual(said([makeRow({ id: 1 }), makeRow({ id: 2, ownerId: 1 })]), []);
  });

  it("tells of deadlocks first, then orphans, and of lost events", () => {
    const recorder = { on: true, events: 5, dropped: 3 };
    assert.deepEqual(
      said([makeRow({ id: 9, ownerId: 4, isOrphan: true }), makeRow({ id: 10, isOrphan: true })], {
        recorder,
        deadlocks: ["#4 waits for itself"],
      }),
      [
        "Deadlock: #4 waits for itself",
        "work #9 goes on, but #4, which started it, has ended, and nobody waits for it",
        "work #10 goes on, but who started it has ended, and nobody waits for it",
        "3 events were dropped by the recorder: drawings and times have gaps",
      ],
    );
  });

  it("tells of what blocks before all else", () => {
    const snapshot = makeSnapshot([], { deadlocks: ["#4 waits for itself"] });
    const texts = (frames: string[]) => lintsOf(snapshot, { forMs: 5200, frames }).map(({ text }) => text);
    assert.deepEqual(texts(["    at spin (src/app.ts:3:5)", "at main"]), [
      "Nothing can run: spin (src/app.ts:3:5) has held the loop for 5.2 s already",
      "Deadlock: #4 waits for itself",
    ]);
    assert.equal(texts([])[0], "Nothing can run: one turn has held the loop for 5.2 s already");
  });

  it("has nothing to say of one that was let go, or whose owner is not shown", () => {
    assert.deepEqual(said([makeRow({ id: 9, ownerId: 4 })]), []);
  });

  it("tells of a loop that does not keep up", () => {
    const loop = { running: true, ready: 5000, callbacks: 0, timers: 0, descriptors: 0 };
    assert.deepEqual(said([], { loop }), ["5000 coroutines are ready to run: the loop does not keep up"]);
  });
});
