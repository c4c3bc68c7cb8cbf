import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { missingStatements } from "../../tools/statements.mjs";

describe("the numbered statements on order and errors", () => {
  it("each have a test that names them, or a reason why not", () => {
    assert.deepEqual(missingStatements(), []);
  });
});
