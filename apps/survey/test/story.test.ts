import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { drawStory } from "../src/story.ts";

const { legacy, mended } = drawStory(100);

/** Of the only row of `drawing` that matches. */
function rowOf(drawing: string, pattern: RegExp): number {
  const rows = drawing.split("\n").flatMap((row, index) => (pattern.test(row) ? [index] : []));
  assert.equal(rows.length, 1, `${pattern} in\n${drawing}`);
  return rows[0] as number;
}

function assertAscending(rows: readonly number[]): void {
  const sorted = rows.toSorted((a, b) => a - b);
  assert.deepEqual(rows, sorted);
}

describe("drawStory()", () => {
  it("shows that the old handler writes the cache before the file is renamed, and is over before its rename", () => {
    const write = rowOf(legacy, /── cache write, old names ──/);
    const over = rowOf(legacy, /└─> done +⋮/);
    const renamed = rowOf(legacy, /<── renamed ──/);
    const end = rowOf(legacy, /└─> done, its owner has ended/);
    assertAscending([write, over, renamed, end]);
  });

  it("shows that the mended handler writes the cache after its rename is over", () => {
    const renamed = rowOf(mended, /<── renamed ──/);
    const write = rowOf(mended, /── cache write, new names ──/);
    const over = rowOf(mended, /└─> done/);
    const ends = mended.split("\n").flatMap((row, index) => (/<─+┘/.test(row) ? [index] : []));
    // Of the rename's two coroutines before the write, of the two that wait for it behind.
    assert.equal(ends.length, 4);
    assertAscending([renamed, ...ends.slice(0, 2), write, ...ends.slice(2), over]);
    assert.doesNotMatch(mended, /its owner has ended/);
  });

  it("fits into 20 rows of 100 columns", () => {
    for (const drawing of [legacy, mended]) {
      const rows = drawing.trimEnd().split("\n");
      assert.ok(rows.length <= 20);
      for (const row of rows) assert.ok(row.length <= 100, row);
    }
  });

  it("draws the same at each run", () => {
    assert.deepEqual(drawStory(100), { legacy, mended });
  });

  it("draws what the README shows", () => {
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    for (const drawing of [legacy, mended]) {
      assert.ok(readme.includes(`\n\`\`\`text\n${drawing}\`\`\`\n`), `README.md wants\n${drawing}`);
    }
  });
});
