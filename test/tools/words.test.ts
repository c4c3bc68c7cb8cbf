import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findWords } from "../../tools/words.mjs";

/** Joined while the test runs, so that this file does not contain what it looks for. */
const path = (...names: string[]) => ["", ...names].join("/");
const dots = (...names: string[]) => names.join(".");

describe("findWords()", () => {
  for (const word of [
    path("home", "ann", "x"),
    path("work", "x"),
    path("tmp", "x"),
    dots("registry", "npmjs", "org"),
  ]) {
    it(`finds ${word.replaceAll(/[./]/g, " ").trim()}`, () => {
      const problems = findWords(`fine\nsee ${word}\n`, "docs/x.md");
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /^docs\/x\.md:2: /);
    });
  }

  it("leaves alone what only contains such a word", () => {
    assert.deepEqual(findWords("the work/life of network/work/x, a home/page and ./tmp/x", "x.md"), []);
  });

  const marks = [
    ["it", 'only("x")'],
    ["describe", 'skip("x")'],
    ["test", 'todo("x")'],
  ] as const;
  for (const [call, mark] of marks) {
    it(`finds ${call} with ${mark} in tests and nowhere else`, () => {
      const text = dots(call, mark);
      assert.equal(findWords(text, "test/x.test.ts").length, 1);
      assert.equal(findWords(text, "src/x.ts").length, 0);
    });
  }

  it("finds a mark without a reason, and accepts one with a reason", () => {
    assert.equal(findWords(`it("x", { ${["skip", "true"].join(": ")} });`, "x.test.ts").length, 1);
    assert.deepEqual(findWords('it("x", { skip: "no descriptors here" });', "x.test.ts"), []);
  });
});
