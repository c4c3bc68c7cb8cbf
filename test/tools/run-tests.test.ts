import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { closingLines, findTests, needBuild, runTests } from "../../tools/run-tests.mjs";
import { root } from "../../tools/setup.mjs";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-run-tests-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Write a file below the temporary folder, and return its path. */
function place(path: string, text = ""): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Run one made-up test file with short limits. */
async function runOne(name: string, lines: string[]) {
  const text = ['import { describe, it } from "node:test";', ...lines].join("\n");
  let output = "";
  const tally = await runTests([place(`run/${name}.test.ts`, text)], {
    testLimitMs: 3000,
    exitLimitMs: 1000,
    write: (piece) => {
      output += piece;
    },
  });
  return { tally, output, failed: tally.failed.map((one) => one.name) };
}

describe("findTests()", () => {
  it("finds the tests below test/ and apps/, sorted, and nothing else", () => {
    const wanted = ["apps/shop/test/page.test.ts", "test/gen/runner.test.ts", "test/top.test.ts"];
    const others = [
      "test/gen/help.ts",
      "src/a.test.ts",
      "test/node_modules/x/test/y.test.ts",
      "test/z.test.js",
    ];
    for (const path of [...wanted, ...others]) place(`tree/${path}`);
    const tree = join(folder, "tree");
    assert.deepEqual(
      findTests(tree),
      wanted.map((path) => join(tree, path)),
    );
  });

  it("keeps only the paths that contain one of the patterns", () => {
    for (const path of ["test/a/one.test.ts", "test/b/two.test.ts", "test/c/three.test.ts"]) {
      place(`patterns/${path}`);
    }
    const tree = join(folder, "patterns");
    assert.deepEqual(findTests(tree, ["test/a", "three"]), [
      join(tree, "test/a/one.test.ts"),
      join(tree, "test/c/three.test.ts"),
    ]);
  });
});

describe("needBuild()", () => {
  it("is false for tests that mirror src/ and true for the others", () => {
    assert.equal(needBuild([join(root, "test/base/errors.test.ts")]), false);
    assert.equal(
      needBuild([join(root, "test/base/errors.test.ts"), join(root, "test/house/x.test.ts")]),
      true,
    );
    assert.equal(needBuild([join(root, "apps/survey/test/x.test.ts")]), true);
  });
});

describe("runTests()", () => {
  it("counts tests, not the groups they are in", async () => {
    const { tally } = await runOne("counts", [
      'describe("a", () => { it("passes", () => {}); it("fails", () => { throw new Error("no"); }); });',
      'it("is left out", { skip: "for a reason" }, () => {});',
    ]);
    const { tests, passed, skipped, failed } = tally;
    assert.deepEqual([tests, passed, skipped, failed.length], [3, 1, 1, 1]);
    assert.equal(failed[0]?.name, "fails");
  });

  it("strips types and shows what a test prints", async () => {
    const { output, tally } = await runOne("prints", [
      'it("prints", () => { const n: number = 41; console.log("the answer is", n + 1); });',
    ]);
    assert.match(output, /the answer is 42/);
    assert.equal(tally.passed, 1);
  });

  it("fails a file that crashes while it loads", async () => {
    const { failed } = await runOne("crash", ['throw new Error("at the top");']);
    assert.deepEqual(failed, ["the process ends with code 1, though no test fails"]);
  });

  it("fails a file that holds no test", async () => {
    const { failed } = await runOne("empty", ["export {};"]);
    assert.deepEqual(failed, ["the file holds no test"]);
  });

  it("kills a test that never ends and names it", async () => {
    const { failed } = await runOne("stuck", [
      'describe("outer", () => { it("waits forever", async () => { setInterval(() => {}, 1000); await new Promise(() => {}); }); });',
    ]);
    assert.deepEqual(failed, ["no test ends within 3 s; running: outer > waits forever"]);
  });

  it("kills a process that does not exit after its last test", async () => {
    const { failed, tally } = await runOne("open", ['it("passes", () => { setInterval(() => {}, 1000); });']);
    assert.equal(tally.passed, 1);
    assert.match(failed.join(), /the process does not exit within 1 s after its last test/);
  });
});

describe("closingLines()", () => {
  it("names what failed before the counts", () => {
    const failed = [{ file: join(root, "test/a.test.ts"), name: "is wrong" }];
    assert.equal(
      closingLines({ tests: 3, passed: 2, skipped: 0, failed }),
      "\nfailed:\n  test/a.test.ts: is wrong\n# tests 3\n# pass 2\n# fail 1\n# skipped 0\n",
    );
  });
});
