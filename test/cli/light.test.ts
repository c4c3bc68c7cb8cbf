import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../dist/lib", import.meta.url));

const main = readFileSync(join(folder, "main.js"), "utf8");

/** The files of gyre that are loaded with `file`. */
function loadedWith(file: string, loaded: Set<string> = new Set()): Set<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  const source = readFileSync(join(folder, file), "utf8");
  for (const [, next = ""] of source.matchAll(/^(?:import|export) [^;]*?"\.\/([^"]+)";$/gm))
    loadedWith(next, loaded);
  return loaded;
}

describe("commands that ask a process", () => {
  for (const command of ["ps", "tree", "stack"]) {
    it(`start without loop and recorder, as people wait for them: ${command}`, () => {
      const file = new RegExp(`\\b${command}: .*import\\("\\./([^"]+)"\\)`).exec(main)?.[1];
      assert.ok(file !== undefined);
      const loaded = [...loadedWith(file)];
      assert.ok(loaded.includes("gyre-console.js"), `it connects by ${loaded}`);
      for (const heavy of ["gyre-coroutine.js", "gyre-trace.js"]) assert.ok(!loaded.includes(heavy), heavy);
    });
  }
});
