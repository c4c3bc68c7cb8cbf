import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { exportedNames, readDoors } from "../../tools/doors.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gyre-doors-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Write a package.json with these exports. */
function place(exports: object): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "made-up", exports }));
}

describe("readDoors()", () => {
  it("gives each door the name that a user imports", () => {
    const files = { source: "./a.ts", types: "./a.d.ts", default: "./a.js" };
    place({ ".": files, "./web": files, "./package.json": "./package.json" });
    assert.deepEqual(
      readDoors(folder).map(({ name, source, types, module }) => [name, source, types, module]),
      [
        ["made-up", "./a.ts", "./a.d.ts", "./a.js"],
        ["made-up/web", "./a.ts", "./a.d.ts", "./a.js"],
      ],
    );
  });

  it("throws TypeError for a door without types", () => {
    place({ "./web": { source: "./a.ts", default: "./a.js" } });
    assert.throws(() => readDoors(folder), {
      name: "TypeError",
      message: /^Cannot read the door "\.\/web": /,
    });
  });
});

describe("exportedNames()", () => {
  it("gives values and types by the names they are exported under", () => {
    const text =
      'export { b as a, type C } from "./x.ts";\nexport type { D } from "./y.ts";\nexport * from "./z.ts";\n';
    assert.deepEqual(exportedNames(text, "index.ts"), ['* from "./z"', "C", "D", "a"]);
  });
});
