import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { checks, runChecks } from "../../tools/check.mjs";
import { root } from "../../tools/setup.mjs";

describe("checks()", () => {
  it("holds the compiler, the linter and every structure test", () => {
    const names = checks().map(({ name }) => name);
    const structure = readdirSync(join(root, "test", "house"))
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => file.slice(0, -".test.ts".length));
    assert.deepEqual(
      names.sort(),
      ["build", "declarations", "lint", "page types", "types", ...structure].sort(),
    );
  });
});

describe("runChecks()", () => {
  it("runs all, says each on one line, and shows in full what failed", async () => {
    let said = "";
    const failed = await runChecks(
      [
        { name: "good", work: async () => ({ code: 0, output: "quiet" }) },
        { name: "bad", work: async () => ({ code: 2, output: "x.ts:1: wrong\nx.ts:2: wrong too\n" }) },
        { name: "last", work: async () => ({ code: 0, output: "" }) },
      ],
      (text) => {
        said += text;
      },
    );
    assert.deepEqual(failed, ["bad"]);
    assert.match(
      said,
      /^good +\d+\.\d s {2}ok\nbad +\d+\.\d s {2}failed\nx\.ts:1: wrong\nx\.ts:2: wrong too\n\nlast .*ok\n$/,
    );
  });
});
