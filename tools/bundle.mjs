// @ts-check
/**
 * The JavaScript that is shipped: every door, command and worker thread of gyre in one folder, in a few files.
 *
 * A program that imports gyre opens two or three files instead of ninety, which is what its start took most of its
 * time for. The folder is flat, so that a file that is named by `new URL("./x.js", import.meta.url)` stands beside
 * whichever file the name is in.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { readDoors } from "./doors.mjs";
import { listFiles } from "./files.mjs";

/**
 * What is imported or started by itself.
 *
 * @param {string} folder of the project
 * @returns {Record<string, string>} paths of sources, by the name of the built file without its ending
 */
export function findEntries(folder) {
  /** @type {Record<string, string>} */
  const entries = {};
  for (const { source, module } of readDoors(folder)) entries[basename(module, ".js")] = join(folder, source);
  const sources = listFiles(join(folder, "src")).filter((file) => /(^|[-/])(worker|main)\.ts$/.test(file));
  for (const file of sources) entries[basename(file, ".ts")] = join(folder, "src", file);
  return entries;
}

/**
 * Bundle the sources of gyre.
 *
 * @param {string} folder of the project
 * @param {string} out the folder that is filled
 * @throws {Error} with the bundler's text when it finds errors
 */
export async function bundle(folder, out) {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const build = await rolldown({
    input: findEntries(folder),
    platform: "node",
    external: [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })],
    tsconfig: join(folder, "tsconfig.build.json"),
    // A field is assigned, not defined: twice as fast to make (docs/performance.md).
    transform: {
      target: "es2023",
      assumptions: { setPublicClassFields: true },
      typescript: { removeClassFieldsWithoutInitializer: true },
    },
    plugins: [{ name: "top-level-var", renderChunk: (code) => ({ code: toVars(code), map: null }) }],
  });
  await build.write({
    dir: out,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "gyre-[name].js",
  });
  await build.close();
}

/**
 * With `var` in place of `let` for a module's own variables: V8 looks at each use of a `let` whether it has a value yet. A
 * `const` stays one, as V8 takes its value for a constant.
 *
 * @param {string} code of a chunk, in which only what belongs to the module begins at the beginning of a line
 * @returns {string} as long as before, so that its source map holds
 */
function toVars(code) {
  return code.replace(/^let /gm, "var ");
}
