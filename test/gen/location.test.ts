import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { root, run } from "../../tools/setup.mjs";

const program = fileURLToPath(new URL("./location-program.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "gyre-location-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Where in the program's source a text stands. */
function placeOf(text: string): string {
  const lines = readFileSync(program, "utf8").split("\n");
  return `test/gen/location-program.ts:${lines.findIndex((line) => line.includes(text)) + 1}`;
}

const wanted = [
  `waits ${placeOf("// waits here")}`,
  `frame at ${placeOf("// error here")}`,
  `defined ${placeOf("function* ask")}`,
  `started ${placeOf("// starts here")}`,
];

/** Run Node; its lines without what a minifier changes: names of functions, and columns by a few characters. */
async function runLines(args: readonly string[]): Promise<string[]> {
  const { code, output, stdout } = await run(process.execPath, [...args], { limitMs: 60_000 });
  assert.equal(code, 0, output);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/^frame at \S+ \((.*)\)$/, "frame at $1").replace(/:\d+$/, ""));
}

describe("lines of the source", () => {
  it("are told of a program whose types are stripped in place", async () => {
    const strip = pathToFileURL(join(root, "tools", "strip.mjs")).href;
    assert.deepEqual(await runLines(["--import", strip, "-C", "source", program]), wanted);
  });

  it("are told of a program that tsx runs", async () => {
    assert.deepEqual(await runLines(["--import", "tsx", "-C", "source", program]), wanted);
  });

  for (const flags of [[], ["--enable-source-maps"]]) {
    it(`are told of a bundle that is minified ${flags.join(" ")}`.trimEnd(), async () => {
      const bundle = await rolldown({
        input: program,
        platform: "node",
        resolve: { conditionNames: ["source", "node", "import"] },
        external: ["koffi", "piscina"],
        logLevel: "silent",
      });
      const file = join(folder, `bundle${flags.length}`, "main.mjs");
      await bundle.write({ file, format: "esm", sourcemap: true, minify: true, codeSplitting: false });
      await bundle.close();
      assert.deepEqual(await runLines([...flags, file]), wanted);
    });
  }
});
