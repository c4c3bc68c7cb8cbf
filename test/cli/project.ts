/** A folder of a user, and what is built of gyre in it. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/setup.mjs";
import type { Programs } from "../console/child.ts";

/** The command that is built. */
export const main: string = join(root, "dist", "lib", "main.js");

/**
 * Make a folder with gyre and `packages` installed.
 *
 * @param files - what is in it, by their names
 * @returns its path
 */
export function makeProject(
  programs: Programs,
  files: { readonly [name: string]: string },
  packages: readonly string[] = ["tsx"],
): string {
  const folder = join(programs.folder, "project");
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  for (const name of packages)
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  symlinkSync(root, join(folder, "node_modules", "gyre"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
