import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { exportedNames, readDoors } from "../../tools/doors.mjs";
import { listFiles } from "../../tools/files.mjs";
import { readImports } from "../../tools/layers.mjs";
import { builds, ensureBuilt, npm, root, run, tsc } from "../../tools/setup.mjs";

const doors = readDoors(root);

/** A folder outside the project with the packed package installed, as a user has it. */
let consumer = "";
let installed = "";

before(
  async () => {
    await ensureBuilt(builds.gyre);
    consumer = mkdtempSync(join(tmpdir(), "gyre-consumer-"));
    installed = join(consumer, "node_modules", "gyre");
    const packed = await npm(["pack", "--ignore-scripts", "--silent", "--pack-destination", consumer]);
    assert.equal(packed.code, 0, packed.output);
    mkdirSync(installed, { recursive: true });
    const archive = join(consumer, packed.stdout.trim().split("\n").at(-1) ?? "");
    const unpacked = await run("tar", ["-xzf", archive, "--strip-components=1", "-C", installed]);
    assert.equal(unpacked.code, 0, unpacked.output);
    writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
    // What npm would install beside it.
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    // With the peer whose users have a door of their own.
    for (const name of [...Object.keys(dependencies), "fast-check", "@types/node", "undici-types"]) {
      mkdirSync(join(consumer, "node_modules", name, ".."), { recursive: true });
      symlinkSync(join(root, "node_modules", name), join(consumer, "node_modules", name));
    }
  },
  { timeout: 120_000 },
);
after(() => rmSync(consumer, { recursive: true, force: true }));

/** Run a module in the consumer's folder. */
function runConsumer(text: string) {
  writeFileSync(join(consumer, "main.js"), text);
  return run(process.execPath, ["main.js"], { cwd: consumer, limitMs: 30_000 });
}

describe("the package", () => {
  for (const { name, source, types, module } of doors) {
    describe(`its door "${name}"`, () => {
      it("is there, with its types", () => {
        assert.ok(existsSync(join(installed, module)), module);
        assert.ok(existsSync(join(installed, types)), types);
      });

      it("exports the names that its source does", async () => {
        const text = `console.log(JSON.stringify(Object.keys(await import("${name}")).sort()));`;
        const { stdout, output, code } = await runConsumer(text);
        assert.equal(code, 0, output);
        const wanted = Object.keys(await import(pathToFileURL(join(root, source)).href)).sort();
        assert.deepEqual(JSON.parse(stdout), wanted);
        assert.notEqual(wanted.length, 0);
      });

      it("exports the types that its source does", () => {
        const declared = readFileSync(join(installed, types), "utf8");
        const written = readFileSync(join(root, source), "utf8");
        assert.deepEqual(exportedNames(declared, types), exportedNames(written, source));
      });
    });
  }

  it("type-checks in a strict project that uses all doors", { timeout: 60_000 }, async () => {
    const lines = doors.map(({ name }, index) => `export * as door${index} from "${name}";`);
    writeFileSync(join(consumer, "all.ts"), lines.join("\n"));
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023", "--types", "node"];
    const checked = await tsc([...options, "all.ts"], { cwd: consumer });
    assert.equal(checked.code, 0, checked.output);
  });

  it("refuses imports past its doors", async () => {
    const text = 'await import("gyre/dist/index.js").catch((error) => console.log(error.code));';
    assert.equal((await runConsumer(text)).stdout.trim(), "ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("holds no test, no TypeScript source, and what a reader expects", () => {
    const files = listFiles(installed);
    for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) assert.ok(files.includes(name), name);
    const strays = files.filter((file) => /\.test\.|^(src|test|apps|bench|tools)\//.test(file));
    assert.deepEqual(strays, []);
  });

  it("imports no .ts file from what is built", () => {
    const built = join(installed, "dist");
    // "dist" itself is what listFiles leaves out below a folder, not where it begins.
    const modules = listFiles(built).filter((file) => /\.(js|d\.ts)$/.test(file));
    assert.notEqual(modules.length, 0);
    for (const file of modules) {
      for (const { specifier, line } of readImports(readFileSync(join(built, file), "utf8"), file)) {
        assert.ok(!/^\..*(?<!\.d)\.ts$/.test(specifier ?? ""), `dist/${file}:${line} imports ${specifier}`);
      }
    }
  });
});
