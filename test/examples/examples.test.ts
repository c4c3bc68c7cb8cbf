import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checkBlocks } from "../../tools/doc-examples.mjs";
import { root } from "../../tools/setup.mjs";

describe("examples/", () => {
  const programs = readdirSync(join(root, "examples"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const file = `examples/${name}`;
      return { file, line: 1, indent: 0, code: readFileSync(join(root, file), "utf8"), info: "" };
    });

  it("holds programs that say what they print", () => {
    assert.ok(programs.length > 0);
    for (const { file, code } of programs) assert.match(code, /^\/\/ prints: /m, file);
  });

  it("compile, run, and print what they promise", { timeout: 600_000 }, async () => {
    const problems = await checkBlocks(programs);
    if (problems.length > 0) assert.fail(problems.join("\n"));
  });
});
