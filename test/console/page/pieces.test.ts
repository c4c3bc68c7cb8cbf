import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { snapshotInPieces } from "../../../src/console/page/pieces.ts";
import type { SnapshotOptions } from "../../../src/trace/index.ts";
import { makeRow, makeSnapshot, StillSource } from "./sources.ts";

/** Gives the lines that it is asked for, as a program does. */
class LinedSource extends StillSource {
  override async snapshot(options: SnapshotOptions) {
    const { lines } = options;
    const taken = await super.snapshot(options);
    const rows = taken.rows.map((row) =>
      Array.isArray(lines) && lines.includes(row.id) ? { ...row, at: `app.ts:${row.id}:1` } : row,
    );
    return { ...taken, rows };
  }
}

const rows = Array.from({ length: 120 }, (_, at) => makeRow({ id: at + 1 }));

describe("snapshotInPieces()", () => {
  it("asks for the rows at once, and for their lines fifty at a time", async () => {
    const source = new LinedSource(makeSnapshot(rows));
    const { snapshot } = await snapshotInPieces(source, 500);
    assert.deepEqual(
      source.asked.map(({ lines }) => (Array.isArray(lines) ? lines.length : lines)),
      [false, 50, 50, 20],
    );
    assert.deepEqual(
      snapshot.rows.map(({ at }) => at),
      rows.map(({ id }) => `app.ts:${id}:1`),
    );
  });

  it("asks for no line of what does not wait", async () => {
    const source = new LinedSource(makeSnapshot([makeRow({ id: 1, state: "ready", on: [] })]));
    const { pausedMs } = await snapshotInPieces(source, 500);
    assert.deepEqual([source.asked.length, pausedMs], [1, 0]);
  });

  it("keeps a row as it was when its coroutine has ended meanwhile", async () => {
    const source = new LinedSource(makeSnapshot([makeRow({ id: 1, name: "gone" }), makeRow({ id: 2 })]));
    const whole = source.snapshot.bind(source);
    source.snapshot = async (options) => {
      const taken = await whole(options);
      return options.lines === false ? taken : { ...taken, rows: taken.rows.slice(1) };
    };
    const { snapshot } = await snapshotInPieces(source, 500);
    assert.deepEqual(
      snapshot.rows.map(({ name, at }) => [name, at]),
      [
        ["gone", undefined],
        ["work", "app.ts:2:1"],
      ],
    );
  });
});
