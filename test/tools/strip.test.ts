import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { sourceFlags } from "../../tools/run-tests.mjs";
import { ownEnvironment, run } from "../../tools/setup.mjs";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-strip-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Run a made-up program; the flags are those of the tests. */
function runProgram(lines: string[], ...args: string[]) {
  const file = join(folder, "main.ts");
  writeFileSync(file, lines.join("\n"));
  return run(process.execPath, [...sourceFlags, ...args, file], { cwd: folder, limitMs: 30_000 });
}

describe("strip.mjs", () => {
  it("runs a .ts file that imports another by its .ts name", async () => {
    writeFileSync(
      join(folder, "other.ts"),
      "export const answer = (): number => 42;\nexport type T = string;\n",
    );
    const { stdout, output } = await runProgram([
      'import { answer, type T } from "./other.ts";',
      "const text: T = String(answer() as unknown);",
      "console.log(text);",
    ]);
    assert.equal(stdout, "42\n", output);
  });

  it("keeps lines and columns in errors", async () => {
    const { output } = await runProgram([
      "interface A {",
      "  b: string;",
      "}",
      'const a: A = (() => { throw new Error("no") })();',
    ]);
    assert.match(output, /main\.ts:4:29\)?\n/);
  });

  it("works in the processes of node --test, and in worker threads", async () => {
    const file = join(folder, "thread.test.ts");
    writeFileSync(
      join(folder, "thread.ts"),
      'import { parentPort } from "node:worker_threads";\nparentPort!.postMessage(1 as number);\n',
    );
    writeFileSync(
      file,
      [
        'import { once } from "node:events";',
        'import { test } from "node:test";',
        'import { Worker } from "node:worker_threads";',
        'test("starts a thread", async () => {',
        '  const [value] = await once(new Worker(new URL("./thread.ts", import.meta.url)), "message") as [number];',
        '  if (value !== 1) throw new Error("no");',
        "});",
      ].join("\n"),
    );
    const words = [...sourceFlags, "--test", "--test-reporter", "tap", file];
    const { code, output } = await run(process.execPath, words, {
      cwd: folder,
      env: ownEnvironment(),
      limitMs: 30_000,
    });
    assert.equal(code, 0, output);
    assert.match(output, /# pass 1/);
  });

  it("says where a file has syntax that cannot be stripped", async () => {
    const { code, output } = await runProgram(["enum A {", "  B,", "}", "console.log(A.B);"]);
    assert.notEqual(code, 0);
    assert.match(output, /enum/i);
  });
});
