import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  foldKey,
  membersOf,
  stackOf,
  type TreeLine,
  treeLines,
} from "../../../../src/console/page/static/tree.js";
import type { Row } from "../../../../src/trace/index.ts";
import { makeRow } from "../sources.ts";

function drawn(rows: readonly Row[], closed: number[] = [], deadlocks: string[] = []): string[] {
  return treeLines(rows, new Set(closed), deadlocks).map(textOf);
}

function textOf({ kind, row, depth, isAwaited, circle, folded }: TreeLine): string {
  const indent = "  ".repeat(depth);
  if (kind === "fold") return `${indent}${folded} more`;
  if (kind === "coroutine") return `${indent}${isAwaited ? "=" : ""}#${row.id}`;
  return `${indent}-> #${row.id}${circle === undefined ? "" : ` circle ${circle.join(" ")}`}`;
}

describe("treeLines()", () => {
  it("draws owners above what they started, and marks what they wait for", () => {
    const rows = [
      makeRow({ id: 1, on: [3] }),
      makeRow({ id: 2, ownerId: 1 }),
      makeRow({ id: 3, ownerId: 1 }),
      makeRow({ id: 4, ownerId: 3 }),
      makeRow({ id: 5 }),
    ];
    assert.deepEqual(drawn(rows), ["#1", "  #2", "  =#3", "    #4", "#5"]);
  });

  it("leaves out what is below a closed line", () => {
    const rows = [makeRow({ id: 1 }), makeRow({ id: 2, ownerId: 1 }), makeRow({ id: 3 })];
    const [first] = treeLines(rows, new Set([1]));
    assert.deepEqual(drawn(rows, [1]), ["#1", "#3"]);
    assert.deepEqual([first?.below, first?.isOpen], [1, false]);
  });

  it("draws a shared coroutine once, and leads there from all who wait for it", () => {
    const rows = [
      makeRow({ id: 1 }),
      makeRow({ id: 2, ownerId: 1 }),
      makeRow({ id: 3, on: [2] }),
      makeRow({ id: 4, on: [2] }),
    ];
    assert.deepEqual(drawn(rows), ["#1", "  #2", "#3", "  -> #2", "#4", "  -> #2"]);
  });

  it("draws a circle of waits in its place", () => {
    const rows = [
      makeRow({ id: 1, on: [2] }),
      makeRow({ id: 2, on: [3] }),
      makeRow({ id: 3, on: [1] }),
      makeRow({ id: 4, on: [1] }),
    ];
    assert.deepEqual(drawn(rows), [
      "#1",
      "  -> #2 circle 1 2 3",
      "#2",
      "  -> #3 circle 1 2 3",
      "#3",
      "  -> #1 circle 1 2 3",
      "#4",
      "  -> #1",
    ]);
  });

  it("draws one that waits for itself", () => {
    assert.deepEqual(drawn([makeRow({ id: 1, on: [1] })]), ["#1", "  -> #1 circle 1"]);
  });

  it("draws a circle through locks, which rows tell in words only", () => {
    const rows = [makeRow({ id: 4, on: ["a lock"] }), makeRow({ id: 7, on: ["a lock"] })];
    const deadlock = "a #4 holds lock 1, waits for lock 2; b #7 holds lock 2, waits for lock 1";
    assert.deepEqual(drawn(rows, [], [deadlock]), ["#4", "  -> #7 circle 4 7", "#7", "  -> #4 circle 4 7"]);
  });

  it("folds many that are alike, but for the first three and those with more to see", () => {
    const rows = [
      makeRow({ id: 1 }),
      ...Array.from({ length: 20 }, (_, at) => makeRow({ id: at + 2, name: "idle", ownerId: 1 })),
      makeRow({ id: 30, ownerId: 10 }),
    ];
    const fold = treeLines(rows, new Set()).find(({ kind }) => kind === "fold");
    assert.equal(fold?.folded, 16);
    assert.deepEqual(drawn(rows), ["#1", "  #2", "  #3", "  #4", "  16 more", "  #10", "    #30"]);
    const opened = treeLines(rows, new Set(), [], new Set([foldKey(fold?.row ?? makeRow({ id: 0 }))]));
    assert.deepEqual(opened.map(textOf).slice(4, 7), ["  16 more", "  #5", "  #6"]);
    assert.equal(opened.length, 23);
  });

  it("takes one whose owner has ended as a root", () => {
    assert.deepEqual(drawn([makeRow({ id: 5, ownerId: 4 })]), ["#5"]);
  });

  it("draws owners of any depth", () => {
    const rows = Array.from({ length: 20_000 }, (_, at) =>
      makeRow({ id: at + 1, ownerId: at === 0 ? undefined : at }),
    );
    assert.equal(treeLines(rows, new Set()).at(-1)?.depth, 19_999);
  });

  it("follows waits of any length", () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => makeRow({ id: at + 1, on: [at + 2] }));
    assert.equal(treeLines(rows, new Set()).length, 39_999);
  });
});

describe("membersOf()", () => {
  it("gives the ids in the order of waiting", () => {
    assert.deepEqual(
      membersOf("a #4 holds lock 1, waits for lock 2; b #7 holds lock 2, waits for lock 1"),
      [4, 7],
    );
    assert.deepEqual(membersOf("a #4 waits for b #7; b #7 waits for a #4"), [4, 7]);
    assert.deepEqual(membersOf("and 3 more circles"), []);
  });
});

describe("stackOf()", () => {
  /** The ids from inside to outside; `=` before one that waits for the one before it. */
  function stack(id: number, rows: readonly Row[]): string {
    const row = rows.find((one) => one.id === id) as Row;
    return stackOf(row, rows)
      .map((one) => `${one.row.id}${one.isAwaited ? " =" : ""}`)
      .join(" ");
  }

  it("leads over those who wait, up to the root", () => {
    const rows = [
      makeRow({ id: 1, on: [2] }),
      makeRow({ id: 2, ownerId: 1, on: [3] }),
      makeRow({ id: 3, ownerId: 2 }),
    ];
    assert.equal(stack(3, rows), "3 = 2 = 1");
  });

  it("prefers who waits to who started it", () => {
    const rows = [makeRow({ id: 1 }), makeRow({ id: 2, ownerId: 1 }), makeRow({ id: 3, on: [2] })];
    assert.equal(stack(2, rows), "2 = 3");
  });

  it("leads to who started it when nobody waits", () => {
    assert.equal(stack(2, [makeRow({ id: 1 }), makeRow({ id: 2, ownerId: 1 })]), "2 1");
  });

  it("ends in a circle", () => {
    assert.equal(stack(1, [makeRow({ id: 1, on: [2] }), makeRow({ id: 2, on: [1] })]), "1 = 2 =");
  });
});
