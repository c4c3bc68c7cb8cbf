import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findBenches, readArguments } from "../../tools/bench.mjs";

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
    assert.deepEqual(readArguments(["heap", "--short"]), { flags: ["--short"], names: ["heap"] });
  });

  it("throws for a flag it does not know", () => {
    assert.throws(() => readArguments(["--fast"]), {
      message: "Cannot measure: unknown flag --fast, only --short is known",
    });
  });
});
