// @ts-check
/**
 * Lists files. `readdirSync` with `recursive` follows links, and the link of a workspace to the project's own
 * folder makes that endless.
 */
import { readdirSync } from "node:fs";

const skipped = new Set(["node_modules", "dist", "build", ".git"]);

/**
 * The files below a folder, sorted, without links, and without what is installed or built.
 *
 * @param {string} folder
 * @param {string} [prefix]
 * @returns {string[]} paths from `folder`, with `/` between the names; nothing when there is no such folder
 */
export function listFiles(folder, prefix = "") {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .flatMap((entry) => {
      if (entry.isDirectory() && !skipped.has(entry.name)) {
        return listFiles(`${folder}/${entry.name}`, `${prefix}${entry.name}/`);
      }
      return entry.isFile() ? [`${prefix}${entry.name}`] : [];
    })
    .sort();
}
