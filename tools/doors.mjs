// @ts-check
/**
 * The doors of the package: what `exports` in package.json names, and what a module exports by name.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * @typedef {object} Door
 * @property {string} name as a user imports it: `gyre` or `gyre/web`
 * @property {string} source path of its index.ts, from the project's folder
 * @property {string} types path of the built declarations
 * @property {string} module path of the built module
 */

/**
 * @param {string} folder of the project
 * @returns {Door[]}
 * @throws {TypeError} when a door does not name its three files
 */
export function readDoors(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([path]) => path !== "./package.json")
    .map(([path, files]) => {
      const { source, types, default: module } = files;
      if (![source, types, module].every((file) => typeof file === "string")) {
        throw new TypeError(`Cannot read the door "${path}": "source", "types" and "default" are wanted`);
      }
      return { name: name + path.slice(1), source, types, module };
    });
}

/**
 * What a module of re-exports exports, types included.
 *
 * @param {string} text of an index.ts or an index.d.ts
 * @param {string} file
 * @returns {string[]} names, sorted; `* from "..."` for each `export *`
 */
export function exportedNames(text, file) {
  const { module } = parseSync(file, text);
  return module.staticExports
    .flatMap(({ entries }) => entries)
    .map(({ exportName, moduleRequest }) => {
      // A build renames the files, so their endings say nothing.
      return exportName.name ?? `* from "${moduleRequest?.value.replace(/\.[jt]s$/, "")}"`;
    })
    .sort();
}
