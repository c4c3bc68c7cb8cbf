// @ts-check
/**
 * `npm test [-- PATTERN...]`: from a fresh clone to the closing counts with one command.
 *
 * Installs and builds what is missing, then runs every test file, or those whose path contains a PATTERN.
 */
import { closingLines, findTests, needBuild, runTests } from "./run-tests.mjs";
import { builds, command, ensureBuilt, ensureModules, root, SetupError } from "./setup.mjs";
import { ensureSystemPackages } from "./system-packages.mjs";

await command(async () => {
  const patterns = process.argv.slice(2);
  const files = findTests(root, patterns);
  if (files.length === 0)
    throw new SetupError(`Cannot test: no test file matches ${patterns.join(", ") || "at all"}`);
  await ensureModules();
  await ensureSystemPackages();
  // A build that fails is one failure among the others: the tests of the sources can tell more about it.
  const broken = needBuild(files) ? await tryBuild() : [];
  const tally = await runTests(files);
  tally.tests += broken.length;
  tally.failed.push(...broken);
  process.stdout.write(closingLines(tally));
  return tally.failed.length > 0 || tally.passed === 0 ? 1 : 0;
});

/** @returns {Promise<{ file: string, name: string }[]>} what does not build, as failed tests */
async function tryBuild() {
  const failed = [];
  for (const one of [builds.gyre, builds.survey]) {
    try {
      await ensureBuilt(one);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(`\n${error.message}`);
      failed.push({ file: one.config, name: "does not build" });
    }
  }
  return failed;
}
