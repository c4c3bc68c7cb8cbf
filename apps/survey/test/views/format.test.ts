import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatBytes,
  formatChoice,
  formatCount,
  formatDuration,
  formatInstant,
} from "../../src/views/format.ts";

describe("formatBytes()", () => {
  for (const [bytes, text] of [
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [50_000_000, "50 MB"],
    [5e15, "5000 TB"],
  ] as const) {
    it(`writes ${bytes} as ${text}`, () => {
      assert.equal(formatBytes(bytes), text);
    });
  }
});

describe("formatDuration()", () => {
  for (const [durationMs, text] of [
    [499, "0 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [130_000, "2 min 10 s"],
    [3_600_000, "1 h"],
    [11_100_000, "3 h 5 min"],
  ] as const) {
    it(`writes ${durationMs} ms as ${text}`, () => {
      assert.equal(formatDuration(durationMs), text);
    });
  }
});

describe("formatInstant()", () => {
  it("writes date and time in UTC", () => {
    assert.equal(formatInstant(Date.UTC(2025, 0, 3, 4, 5)), "3 Jan 2025, 04:05 UTC");
  });
});

describe("formatCount()", () => {
  it("takes the plural for all counts but one", () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => formatCount(count, "file")),
      ["0 files", "1 file", "2 files"],
    );
    assert.equal(formatCount(2, "answer needs", "answers need"), "2 answers need");
  });
});

describe("formatChoice()", () => {
  it("puts or before the last word", () => {
    assert.deepEqual([[], [".a"], [".a", ".b"], [".a", ".b", ".c"]].map(formatChoice), [
      "",
      ".a",
      ".a or .b",
      ".a, .b or .c",
    ]);
  });
});
