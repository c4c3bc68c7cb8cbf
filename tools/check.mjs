// @ts-check
/**
 * `npm run check`: everything that can be checked without running the program's own tests, one line a check.
 */
import { join } from "node:path";
import { findTests, sourceFlags } from "./run-tests.mjs";
import { build, builds, command, ensureModules, isBuildStale, isMain, root, run, tsc } from "./setup.mjs";

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<{ code: number, output: string }>} work
 */

/** @returns {Check[]} */
export function checks() {
  const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
  const structure = findTests(root, ["test/house/"]).map((file) => ({
    name: file.slice(join(root, "test", "house").length + 1, -".test.ts".length),
    work: () => runStructureTest(file),
  }));
  return [
    { name: "types", work: () => tsc(["-p", "tsconfig.json"]) },
    { name: "page types", work: () => tsc(["-p", "src/console/page/static/tsconfig.json"]) },
    { name: "declarations", work: () => tsc(["-p", "tsconfig.build.json", "--noEmit"]) },
    { name: "lint", work: () => run(process.execPath, [biome, "ci", "--colors=off", "--error-on-warnings"]) },
    { name: "build", work: buildStale },
    ...structure,
  ];
}

/** @param {string} file */
async function runStructureTest(file) {
  const words = [...sourceFlags, "--test-reporter", "spec", file];
  const { code, output } = await run(process.execPath, words, { limitMs: 600_000 });
  // Node tells each failure twice, the second time without the tests that passed.
  const at = output.indexOf("✖ failing tests:");
  return { code, output: at < 0 ? output : output.slice(at) };
}

/** Build quietly; what follows reads it. */
async function buildStale() {
  try {
    for (const one of [builds.gyre, builds.survey])
      if (isBuildStale(one)) await build(one, { isQuiet: true });
    return { code: 0, output: "" };
  } catch (error) {
    return { code: 1, output: /** @type {Error} */ (error).message };
  }
}

/**
 * Run checks one after the other; a failed one shows all it said.
 *
 * @param {Check[]} list
 * @param {(text: string) => void} [write]
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function runChecks(list, write = (text) => process.stdout.write(text)) {
  const failed = [];
  for (const { name, work } of list) {
    const startMs = performance.now();
    const { code, output } = await work();
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    write(`${name.padEnd(16)}${seconds.padStart(6)} s  ${code === 0 ? "ok" : "failed"}\n`);
    if (code === 0) continue;
    failed.push(name);
    write(`${output.trimEnd()}\n\n`);
  }
  return failed;
}

if (isMain(import.meta.url)) {
  await command(async () => {
    await ensureModules();
    const list = checks();
    const failed = await runChecks(list);
    console.log(failed.length === 0 ? `all ${list.length} checks passed` : `failed: ${failed.join(", ")}`);
    return failed.length === 0 ? 0 : 1;
  });
}
