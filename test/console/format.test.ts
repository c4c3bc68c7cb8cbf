import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatBlocked,
  formatDuration,
  formatHead,
  formatRows,
  formatTree,
  type Style,
} from "../../src/console/index.ts";
import type { Row, Snapshot } from "../../src/trace/index.ts";
import { makeRow, makeSnapshot } from "./page/sources.ts";

function row(id: number, name: string, values: Partial<Row> = {}): Row {
  return makeRow({ id, name, on: [], ageMs: undefined, ...values });
}

function snapshot(rows: readonly Row[], values: Partial<Snapshot> = {}): Snapshot {
  return makeSnapshot(rows, { pid: 7, program: "app.ts", node: "v20.0.0", uptimeMs: 3200, ...values });
}

const ROWS = [
  row(1, "main", { on: [2, 3], at: "src/app.ts:9:3", ageMs: 1500 }),
  row(2, "fetchUser", { ownerId: 1, on: ["a promise"], at: "src/app.ts:20:5", ageMs: 700, labels: ["r-1"] }),
  row(4, "audit", { ownerId: 2, state: "ready" }),
  row(3, "log", { ownerId: 1, state: "running" }),
  row(9, "late", { ownerId: 8, on: [1, 77] }),
];

describe("formatRows()", () => {
  it("gives a line to each coroutine, and names what it waits for", () => {
    assert.equal(
      formatRows(snapshot(ROWS)),
      `5 coroutines: 3 waiting, 1 ready, 1 running
id  coroutine  state                           line             age     labels
#1  main       waits for fetchUser #2, log #3  src/app.ts:9:3   1.5 s
#2  fetchUser  waits for a promise             src/app.ts:20:5  700 ms  r-1
#4  audit      is ready to go on
#3  log        runs
#9  late       waits for main #1, #77
`,
    );
  });

  it("says how many are left out, and what is deadlocked", () => {
    const text = formatRows(
      snapshot(ROWS.slice(0, 1), { total: 5, deadlocks: ["#4 waits for #5; #5 waits for #4"] }),
    );
    assert.match(text, /^5 coroutines\n/);
    assert.match(text, /\n\.\.\. and 4 more\ndeadlock: #4 waits for #5; #5 waits for #4\n$/);
  });

  it("needs no table for none", () => {
    assert.equal(formatRows(snapshot([])), "0 coroutines\n");
  });
});

describe("formatTree()", () => {
  it("puts each coroutine below its owner; one whose owner has ended stands for itself", () => {
    assert.equal(
      formatTree(snapshot(ROWS)),
      `5 coroutines: 3 waiting, 1 ready, 1 running
main #1 waits for fetchUser #2, log #3 at src/app.ts:9:3, 1.5 s old
├─ fetchUser #2 [r-1] waits for a promise at src/app.ts:20:5, 700 ms old
│  └─ audit #4 is ready to go on
└─ log #3 runs
late #9 waits for main #1, #77
`,
    );
  });

  it("draws coroutines that wait for each other, and very many levels", () => {
    const circle = formatTree(snapshot([row(1, "a", { on: [2] }), row(2, "b", { ownerId: 1, on: [1] })]));
    assert.match(circle, /\na #1 waits for b #2\n└─ b #2 waits for a #1\n$/);
    const deep = Array.from({ length: 20_000 }, (_each, at) =>
      row(at + 1, "deep", { ownerId: at === 0 ? undefined : at }),
    );
    const lines = formatTree(snapshot(deep)).trimEnd().split("\n");
    assert.equal(lines.length, 20_001);
    assert.ok(Math.max(...lines.map(({ length }) => length)) < 200);
  });
});

describe("formatHead(), formatBlocked(), formatDuration()", () => {
  it("say whose it is, what blocks it, and how long", () => {
    const style: Style = {
      strong: (text) => `*${text}*`,
      faint: (text) => text,
      alarm: (text) => `!${text}!`,
    };
    assert.equal(formatHead(snapshot([]), style), "*app.ts*, process 7, Node v20.0.0, up 3.2 s");
    assert.equal(
      formatBlocked({ forMs: 1234, frames: ["at spin (app.ts:1:2)", "at main (app.ts:3:4)"] }, style),
      "!blocked for 1.2 s!, by\n  at spin (app.ts:1:2)\n  at main (app.ts:3:4)\n",
    );
    assert.equal(formatBlocked({ forMs: 120, frames: [] }), "blocked for 120 ms\n");
    assert.equal(
      formatBlocked({ forMs: 120, frames: [], unreadable: "it sleeps" }),
      "blocked for 120 ms; its stack cannot be read: it sleeps\n",
    );
    assert.deepEqual([35, 4200, 180_000, 9_000_000].map(formatDuration), [
      "35 ms",
      "4.2 s",
      "3 min",
      "2.5 h",
    ]);
  });
});
