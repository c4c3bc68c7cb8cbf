import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findViolations } from "../../tools/layers.mjs";
import { root } from "../../tools/setup.mjs";

describe("the layers", () => {
  it("import only what stands on their right, by its door, without a cycle", () => {
    const violations = findViolations(root);
    if (violations.length > 0) assert.fail(violations.join("\n"));
  });
});
