import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  build,
  checkNode,
  isBuildStale,
  isInstallStale,
  newestChangeAtMs,
  root,
  run,
  SetupError,
} from "../../tools/setup.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-setup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Set the time of a file or folder to some seconds of the epoch. */
function touch(path: string, atSeconds: number): void {
  utimesSync(path, atSeconds, atSeconds);
}

describe("checkNode()", () => {
  it("rejects a Node that is too old and says which is wanted", () => {
    assert.throws(() => checkNode("18.20.4"), {
      name: "SetupError",
      message: "Cannot run gyre: this is Node 18.20.4, Node 20 or newer is wanted",
    });
  });

  it("accepts the oldest Node and newer ones", () => {
    checkNode("20.0.0");
    checkNode("100.1.0");
  });
});

describe("isInstallStale()", () => {
  /** Write a lock file and what is installed, one a second older than the other. */
  function place(wanted: object, installed: object | undefined, newer: "lock" | "installed"): void {
    const lock = join(folder, "package-lock.json");
    writeFileSync(lock, JSON.stringify({ packages: wanted }));
    touch(lock, newer === "lock" ? 2000 : 1000);
    if (installed === undefined) return;
    mkdirSync(join(folder, "node_modules"));
    const present = join(folder, "node_modules", ".package-lock.json");
    writeFileSync(present, JSON.stringify({ packages: installed }));
    touch(present, newer === "lock" ? 1000 : 2000);
  }
  const one = { "node_modules/one": { version: "1.0.0" } };
  const two = { "node_modules/one": { version: "2.0.0" } };

  it("is true when nothing is installed", () => {
    place(one, undefined, "lock");
    assert.equal(isInstallStale(folder), true);
  });

  it("is false when the packages are newer than the lock file", () => {
    place(two, one, "installed");
    assert.equal(isInstallStale(folder), false);
  });

  it("is true when the lock file is newer and names another version", () => {
    place(two, one, "lock");
    assert.equal(isInstallStale(folder), true);
  });

  it("is true when the lock file is newer and names another package", () => {
    place({ ...one, "node_modules/more": { version: "1.0.0" } }, one, "lock");
    assert.equal(isInstallStale(folder), true);
  });

  it("is false when the lock file only has a newer time, or more optional packages", () => {
    place({ ...one, "node_modules/more": { version: "1.0.0", optional: true } }, one, "lock");
    assert.equal(isInstallStale(folder), false);
  });
});

describe("newestChangeAtMs()", () => {
  it("takes the newest time of all files and folders, without node_modules and dist", () => {
    for (const name of ["node_modules", "dist", "deep"]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "file"), "");
      touch(join(folder, name, "file"), name === "deep" ? 3000 : 9000);
      touch(join(folder, name), 1000);
    }
    touch(folder, 1000);
    assert.equal(newestChangeAtMs([folder]), 3_000_000);
  });

  it("is 0 when nothing is there", () => {
    assert.equal(newestChangeAtMs([join(folder, "nothing")]), 0);
  });
});

describe("build()", () => {
  /** A made-up project of one file. */
  function project(text: string) {
    const source = join(folder, "src");
    mkdirSync(source);
    writeFileSync(join(source, "a.ts"), text);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const config = join(folder, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({
        compilerOptions: {
          rootDir: "src",
          module: "nodenext",
          rewriteRelativeImportExtensions: true,
          declaration: true,
          types: [],
        },
        include: ["src"],
      }),
    );
    return { name: "made-up", config, dist: join(folder, "dist"), sources: [source, config] };
  }

  it("fills dist, is fresh afterwards, and stale when a source changes", async () => {
    const made = project("export const a: number = 1;\n");
    assert.equal(isBuildStale(made), true);
    await build(made);
    assert.equal(statSync(join(made.dist, "a.js")).isFile(), true);
    assert.equal(isBuildStale(made), false);
    touch(join(folder, "src", "a.ts"), Date.now() / 1000 + 5);
    assert.equal(isBuildStale(made), true);
  });

  it("lets modules and declarations import built files", async () => {
    const made = project('import { b } from "./b.ts";\nexport const a: typeof import("./b.ts").b = b;\n');
    writeFileSync(join(folder, "src", "b.ts"), "export const b: number = 1;\n");
    await build(made);
    assert.match(readFileSync(join(made.dist, "a.js"), "utf8"), /from "\.\/b\.js"/);
    assert.match(readFileSync(join(made.dist, "a.d.ts"), "utf8"), /import\("\.\/b\.js"\)/);
  });

  it("takes files over as they are, but for their tsconfig", async () => {
    const made = project("export const a: number = 1;\n");
    const page = join(folder, "page");
    mkdirSync(page);
    for (const name of ["index.html", "page.js", "tsconfig.json"]) writeFileSync(join(page, name), "{}");
    await build({ ...made, copies: [{ from: page, to: join("deep", "page") }] });
    assert.deepEqual(readdirSync(join(made.dist, "deep", "page")), ["index.html", "page.js"]);
  });

  it("leaves nothing in dist of a source that is gone", async () => {
    const made = project("export const a: number = 1;\n");
    mkdirSync(made.dist);
    writeFileSync(join(made.dist, "gone.js"), "");
    await build(made);
    assert.equal(statSync(join(made.dist, "gone.js"), { throwIfNoEntry: false }), undefined);
  });

  it("rejects with the compiler's errors, and keeps the old dist", async () => {
    const made = project('export const a: number = "text";\n');
    mkdirSync(made.dist);
    writeFileSync(join(made.dist, "a.js"), "old");
    await assert.rejects(
      build(made),
      (error) => error instanceof SetupError && /a\.ts\(1,14\)/.test(error.message),
    );
    assert.equal(statSync(join(made.dist, "a.js")).size, 3);
  });
});

describe("run()", () => {
  it("collects stdout and stderr, and gives the exit code", async () => {
    const result = await run(process.execPath, ["-e", "console.log(1); console.error(2); process.exit(3)"]);
    assert.equal(result.code, 3);
    assert.deepEqual(result.output.trim().split("\n").sort(), ["1", "2"]);
  });

  it("kills a program at its limit", async () => {
    const result = await run(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { limitMs: 300 });
    assert.deepEqual([result.timedOut, result.code > 128], [true, true]);
  });

  it("gives code 127 when there is no such program", async () => {
    assert.equal((await run(join(root, "no-such-program"), [])).code, 127);
  });
});
