/**
 * Runs `.ts` files on Node versions that cannot: types are replaced by blanks,
 * so every line and column stays where the author wrote it.
 *
 * Use: `node --import ./tools/strip.mjs file.ts`. Does nothing where Node does it.
 */
import { register } from "node:module";

if (!process.features.typescript) {
  register("./strip-hooks.mjs", import.meta.url);
}
