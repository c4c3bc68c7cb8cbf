import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allStatements, excusedIn, testedIn } from "../../tools/statements.mjs";

describe("allStatements()", () => {
  it("names each statement once", () => {
    const ids = allStatements();
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 213);
  });
});

describe("testedIn()", () => {
  it("finds ids in comments, several in one too", () => {
    assert.deepEqual(testedIn("// GEN-001, GEN-002\nit();\n/** LOOP-003 */"), [
      "GEN-001",
      "GEN-002",
      "LOOP-003",
    ]);
  });

  it("passes over ids that stand in code", () => {
    assert.deepEqual(testedIn('it("GEN-001 holds", run);'), []);
  });
});

describe("excusedIn()", () => {
  it("finds ids that have a reason", () => {
    assert.deepEqual(excusedIn("- GEN-018: Python only\n- LOOP-055, PROC-002: no threads"), [
      "GEN-018",
      "LOOP-055",
      "PROC-002",
    ]);
  });

  it("passes over ids without one", () => {
    assert.deepEqual(excusedIn("- GEN-018:\n- GEN-019\nGEN-020: not in a list"), []);
  });
});
