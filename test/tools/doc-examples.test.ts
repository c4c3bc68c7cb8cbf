import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkBlocks, docstringBlocks, markdownBlocks } from "../../tools/doc-examples.mjs";

/** A Markdown text with one `ts` block. */
function block(lines: string[], info = ""): string {
  return ["# Title", "", `\`\`\`ts ${info}`, ...lines, "```", ""].join("\n");
}

describe("markdownBlocks()", () => {
  it("finds ts blocks with their lines, and no others", () => {
    const text = [
      "```sh",
      "ls",
      "```",
      "- in a list",
      "  ```ts no-run because",
      "  a;",
      "    b;",
      "  ```",
    ].join("\n");
    assert.deepEqual(markdownBlocks(text, "x.md"), [
      { file: "x.md", line: 6, indent: 2, code: "a;\n  b;", info: "no-run because" },
    ]);
  });

  it("leaves alone what a longer fence shows", () => {
    assert.deepEqual(markdownBlocks("````md\n```ts\na;\n```\n````\n", "x.md"), []);
  });

  it("throws SyntaxError for a block that is not closed", () => {
    assert.throws(() => markdownBlocks("a\n```ts\nb;\n", "x.md"), {
      name: "SyntaxError",
      message: "Cannot read x.md:2: the block is not closed",
    });
  });
});

describe("docstringBlocks()", () => {
  it("finds the blocks in docstrings, not those in other comments and strings", () => {
    const text = [
      "/* ```ts",
      "no;",
      "``` */",
      "class A {",
      "  /**",
      "   * Says it.",
      "   * ```ts",
      "   * a();",
      "   *   b();",
      "   * ```",
      "   */",
      '  c = "/** ```ts";',
      "}",
    ].join("\n");
    assert.deepEqual(docstringBlocks(text, "x.ts"), [
      { file: "x.ts", line: 8, indent: 5, code: "a();\n  b();", info: "" },
    ]);
  });
});

describe("checkBlocks()", () => {
  it("accepts blocks that compile and print what they promise", async () => {
    const text = block([
      "const unused = 1;",
      "console.log(2); // prints: 2",
      'console.error("aside");',
      'console.log("a b"); // prints: a b',
    ]);
    assert.deepEqual(await checkBlocks(markdownBlocks(text, "x.md")), []);
  });

  it("reports a type error at its line and column, and does not run the block", async () => {
    const text = block(["const a = 1;", 'const b: number = "text";', "throw new Error(String(a + b));"]);
    const problems = await checkBlocks(markdownBlocks(text, "docs/x.md"));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^docs\/x\.md:5:7: error TS2322: /);
  });

  it("reports another output at the line that promises it", async () => {
    const text = block(["console.log(1); // prints: 1", "console.log(2); // prints: 3"]);
    assert.deepEqual(await checkBlocks(markdownBlocks(text, "x.md")), [
      'x.md:5: prints "2", "3" is promised',
    ]);
  });

  it("reports output that no comment promises, and output that does not come", async () => {
    const more = block(["console.log(1); // prints: 1", "console.log(2);"]);
    assert.deepEqual(await checkBlocks(markdownBlocks(more, "x.md")), [
      'x.md:4: the block also prints "2", which no comment promises',
    ]);
    const less = block(["console.log(1); // prints: 1", "// prints: 2"]);
    assert.deepEqual(await checkBlocks(markdownBlocks(less, "x.md")), [
      'x.md:5: prints "nothing", "2" is promised',
    ]);
  });

  it("reports a block that throws, with the line in its document", async () => {
    const [problem = ""] = await checkBlocks(
      markdownBlocks(block(["", 'throw new Error("no");']), "docs/x.md"),
    );
    assert.match(problem, /^docs\/x\.md:4: the block ends with code 1\n/);
    assert.match(problem, /docs\/x\.md:5:7/);
  });

  it("reports a block that does not end", async () => {
    const text = block(["setInterval(() => {}, 1000);"]);
    const [problem = ""] = await checkBlocks(markdownBlocks(text, "x.md"), { limitMs: 1500 });
    assert.match(problem, /^x\.md:4: the block does not end within 1\.5 s\n/);
  });

  it("compiles a block marked no-run without running it", async () => {
    const text = `${block(['throw new Error("no");'], "no-run it throws")}${block(["const a: string = 1;"], "no-run x")}`;
    const problems = await checkBlocks(markdownBlocks(text, "x.md"));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^x\.md:9:7: error TS2322/);
  });

  it("demands a reason after no-run, and ts as the language", async () => {
    assert.match(
      (await checkBlocks(markdownBlocks(block([""], "no-run"), "x.md"))).join(),
      /^x\.md:3: a block opens/,
    );
    const other = "```typescript\n```\n";
    assert.match(
      (await checkBlocks(markdownBlocks(other, "x.md"))).join(),
      /"typescript", nothing or "no-run"/,
    );
  });
});
