import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { listFiles } from "../../tools/files.mjs";
import { root } from "../../tools/setup.mjs";

/** Where something of the environment is read: by its name, in a pattern, or by the helper that reads numbers. */
const READS = /(?:\benv\.|\benv\["|fromEnvironment\("|const \{ )(GYRE_[A-Z0-9_]+)\b/g;

/** Each code that src/ uses, with a place that does. Environment variables look the same and are no codes. */
function usedCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  const variables = new Set<string>();
  for (const file of listFiles(join(root, "src"), "src/").filter((path) => path.endsWith(".ts"))) {
    for (const [index, line] of readFileSync(join(root, file), "utf8").split("\n").entries()) {
      for (const [, variable = ""] of line.matchAll(READS)) variables.add(variable);
      for (const [code] of line.matchAll(/\bGYRE_[A-Z0-9_]+\b/g)) {
        if (!codes.has(code)) codes.set(code, `${file}:${index + 1}`);
      }
    }
  }
  for (const variable of variables) codes.delete(variable);
  return codes;
}

/** Each code that has a section in docs/errors.md, with its line. */
function explainedCodes(): Map<string, number> {
  const codes = new Map<string, number>();
  const path = join(root, "docs", "errors.md");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  for (const [index, line] of text.split("\n").entries()) {
    const heading = /^#{2,4} .*?\b(GYRE_[A-Z0-9_]+)\b/.exec(line)?.[1];
    if (heading === undefined) continue;
    assert.ok(!codes.has(heading), `docs/errors.md:${index + 1}: ${heading} has a second section`);
    codes.set(heading, index + 1);
  }
  return codes;
}

describe("docs/errors.md", () => {
  it("has a section for every code in src/", () => {
    const explained = explainedCodes();
    const missing = [...usedCodes()].filter(([code]) => !explained.has(code));
    if (missing.length > 0)
      assert.fail(missing.map(([code, place]) => `${place}: ${code} has no section`).join("\n"));
  });

  it("has a line in its table for every section, in the same order", () => {
    const text = readFileSync(join(root, "docs", "errors.md"), "utf8");
    const lines = [...text.matchAll(/^\| `(GYRE_[A-Z0-9_]+)`/gm)].map(([, code]) => code);
    assert.deepEqual(lines, [...explainedCodes().keys()]);
  });

  it("has no section for a code that src/ does not use", () => {
    const used = usedCodes();
    assert.notEqual(used.size, 0);
    for (const [code, line] of explainedCodes())
      assert.ok(used.has(code), `docs/errors.md:${line}: ${code} is gone`);
  });
});
