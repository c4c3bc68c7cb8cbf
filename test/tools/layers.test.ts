import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { findViolations, layers, reach, readImports, runtime } from "../../tools/layers.mjs";
import { root } from "../../tools/setup.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-layers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Check a made-up project of these files. */
function check(files: Record<string, string>): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return findViolations(folder);
}

describe("layers", () => {
  it("names every folder of src/", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) assert.ok(name in layers, `src/${name} is missing in tools/layers.mjs`);
  });

  it("gives no folder a way back to itself", () => {
    for (const name of Object.keys(layers)) assert.equal(reach(name).has(name), false, name);
  });

  it("reaches transitively to the right", () => {
    assert.deepEqual([...reach("loop")].sort(), ["base", "context", "future"]);
    assert.deepEqual([...reach("sync")].sort(), runtime.filter((name) => name !== "sync").sort());
    assert.equal(reach("sim").has("web"), false);
  });
});

describe("readImports()", () => {
  it("finds every form of an import, with its line", () => {
    const text = [
      'import type { A } from "./a.ts";',
      'export * from "./b.ts";',
      'export { c } from "./c.ts";',
      'type D = import("./d.ts").D;',
      "const e = await import(`./e.ts`);",
      "const f = await import(e.name);",
      'const g = new URL("./g.ts", import.meta.url);',
      'const h = new URL("./page.html", import.meta.url);',
      "export const i = [f, g, h];",
    ].join("\n");
    assert.deepEqual(
      readImports(text, "x.ts").map(({ specifier, line, isDynamic }) => [specifier, line, isDynamic]),
      [
        ["./a.ts", 1, false],
        ["./b.ts", 2, false],
        ["./c.ts", 3, false],
        ["./d.ts", 4, false],
        ["./e.ts", 5, true],
        [undefined, 6, true],
        ["./g.ts", 7, false],
      ],
    );
  });

  it("throws SyntaxError for a file that cannot be parsed", () => {
    assert.throws(() => readImports("import {", "x.ts"), {
      name: "SyntaxError",
      message: /^Cannot parse x\.ts: /,
    });
  });
});

describe("findViolations()", () => {
  it("accepts imports to the right, by the door, and inside a folder", () => {
    const violations = check({
      "src/index.ts": 'export { run } from "./gen/index.ts";\n',
      "src/gen/index.ts": 'export { run } from "./run.ts";\n',
      "src/gen/run.ts": 'import { GyreError } from "../base/index.ts";\nexport const run = GyreError;\n',
      "src/base/index.ts": "export class GyreError extends Error {}\n",
      "src/loop/fd.ts":
        'import { join } from "node:path";\nexport const load = () => import("koffi");\njoin("a");\n',
      "src/web/multipart.ts": 'import busboy from "@fastify/busboy";\nexport const b = busboy;\n',
      "apps/shop/src/main.ts": 'import { run } from "gyre";\nimport { page } from "./page.ts";\nrun(page);\n',
      "apps/shop/src/page.ts": 'export { Application as page } from "gyre/web";\n',
      "examples/one.ts": 'import "gyre";\nimport "./two.ts";\n',
    });
    assert.deepEqual(violations, []);
  });

  /** Each rule, a file that breaks it, and what is said. */
  const rules: [rule: string, file: string, text: string, said: RegExp][] = [
    [
      "an import to the left",
      "src/gen/runner.ts",
      '\nimport { Lock } from "../sync/index.ts";',
      /^src\/gen\/runner\.ts:2: gen may not import sync \(it may: loop, future, context, base\)$/,
    ],
    [
      "a type import to the left",
      "src/loop/hooks.ts",
      'export type R = import("../trace/index.ts").R;',
      /^src\/loop\/hooks\.ts:1: loop may not import trace/,
    ],
    [
      "an import of a folder that is on neither side",
      "src/sim/net.ts",
      'import "../web/index.ts";',
      /sim may not import web/,
    ],
    [
      "a package that only a door of its own may import",
      "src/sim/explore.ts",
      'import * as fc from "fast-check";',
      /sim may not depend on a package, this is "fast-check"/,
    ],
    [
      "an import past a door",
      "src/gen/runner.ts",
      'import { heap } from "../loop/timers.ts";',
      /src\/loop\/timers\.ts is inside loop, import its door src\/loop\/index\.ts/,
    ],
    [
      "an import of the package's own door",
      "src/web/x.ts",
      'import "../index.ts";',
      /only users import the door/,
    ],
    ["an import of itself by name", "src/web/x.ts", 'import "gyre";', /by relative path/],
    ["an import from outside of src/", "src/web/x.ts", 'import "../../test/help.ts";', /outside of it/],
    ["a folder without a layer", "src/extra/x.ts", 'import "node:fs";', /"extra" is no layer/],
    [
      "a package in the runtime",
      "src/gen/x.ts",
      'import "ms";',
      /gen may not depend on a package, this is "ms"/,
    ],
    [
      "a package in the runtime, imported lazily",
      "src/sim/x.ts",
      'export const x = import("ms");',
      /sim may not depend on a package/,
    ],
    [
      "a lazy package imported at once",
      "src/loop/x.ts",
      'import type { K } from "koffi";',
      /loop may import "koffi" only by import\(\)/,
    ],
    [
      "a module of Node where none is wanted",
      "src/sync/x.ts",
      'import "node:fs";',
      /sync may not import node:fs/,
    ],
    ["a computed import in the runtime", "src/gen/x.ts", "export const x = import(name);", /computed/],
    ["more than re-exports in src/index.ts", "src/index.ts", "export const x = 1;", /nothing but re-exports/],
    [
      "a door beyond the runtime in src/index.ts",
      "src/index.ts",
      'export { x } from "./web/index.ts";',
      /src\/index\.ts may not import web/,
    ],
    [
      "an app that reaches into src/",
      "apps/shop/src/main.ts",
      'import "../../../src/gen/index.ts";',
      /apps\/shop may import only "gyre", "gyre\/\.\.\." and its own files, this is src\/gen\/index\.ts/,
    ],
    [
      "an app that reaches into another",
      "apps/shop/src/main.ts",
      'import "../../bank/src/x.ts";',
      /apps\/bank/,
    ],
    [
      "an example that reaches into src/",
      "examples/one.ts",
      'import "../src/index.ts";',
      /examples may import only/,
    ],
  ];
  for (const [rule, file, text, said] of rules) {
    it(`reports ${rule}`, () => {
      const violations = check({ [file]: text });
      assert.equal(violations.length, 1);
      assert.match(violations[0] ?? "", said);
    });
  }

  it("reports files that import each other, types included", () => {
    const violations = check({
      "src/gen/a.ts": 'import { b } from "./b.ts";\nexport const a = b;\n',
      "src/gen/b.ts": 'import { c } from "./c.ts";\nexport const b = c;\n',
      "src/gen/c.ts": 'import type { a } from "./a.ts";\nexport const c = (x: typeof a) => x;\n',
    });
    assert.deepEqual(violations, [
      "src/gen/c.ts:1: files import each other: src/gen/a.ts -> src/gen/b.ts -> src/gen/c.ts -> src/gen/a.ts",
    ]);
  });
});
