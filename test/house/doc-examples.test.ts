import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkBlocks, findBlocks } from "../../tools/doc-examples.mjs";
import { root } from "../../tools/setup.mjs";

describe("the examples in documents and docstrings", () => {
  const blocks = findBlocks(root);

  it("are there, in the README at least", () => {
    assert.ok(blocks.some(({ file }) => file === "README.md"));
  });

  it("compile, run, and print what they promise", { timeout: 600_000 }, async () => {
    const problems = await checkBlocks(blocks);
    if (problems.length > 0) assert.fail(problems.join("\n"));
  });
});
