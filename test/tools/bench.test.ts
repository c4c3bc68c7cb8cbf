import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findBenches, readArguments, readRows } from "../../tools/bench.mjs";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-bench-"));
  for (const name of ["heap.bench.ts", "calls.bench.ts", "help.ts"]) writeFileSync(join(folder, name), "");
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("findBenches()", () => {
  it("finds the measurements, and those alone whose path contains a name", () => {
    assert.deepEqual(findBenches(folder, []), ["calls.bench.ts", "heap.bench.ts"]);
    assert.deepEqual(findBenches(folder, ["heap"]), ["heap.bench.ts"]);
    assert.deepEqual(findBenches(folder, ["no such"]), []);
  });
});

describe("readArguments()", () => {
  it("tells flags from names", () => {
    assert.deepEqual(readArguments(["heap", "--short", "calls"]), {
      isShort: true,
      isMarkdown: false,
      names: ["heap", "calls"],
    });
    assert.deepEqual(readArguments(["--markdown"]), { isShort: false, isMarkdown: true, names: [] });
  });

  it("throws for a flag it does not know", () => {
    assert.throws(() => readArguments(["--fast"]), {
      message: "Cannot measure: unknown flag --fast, known are --short and --markdown",
    });
  });
});

describe("readRows()", () => {
  it("reads a row from each line, and none from an empty file", () => {
    assert.deepEqual(readRows(""), []);
    assert.deepEqual(
      readRows('{"title":"call"}\n{"title":"wait"}\n').map(({ title }) => title),
      ["call", "wait"],
    );
  });
});
