// @ts-check
/**
 * `npm run bench [-- --short] [-- NAME...]`: run the measurements of `bench/`, or those whose path contains a NAME.
 *
 * One after the other, each in a process of its own, against what is built: that is what users run, and a
 * measurement shall not share its heap or its compiled code with another.
 */
import { join } from "node:path";
import { listFiles } from "./files.mjs";
import { builds, command, ensureBuilt, ensureModules, isMain, root, run, SetupError } from "./setup.mjs";

/**
 * @param {string} folder of the measurements
 * @param {string[]} names
 * @returns {string[]} paths from `folder`
 */
export function findBenches(folder, names) {
  return listFiles(folder).filter((file) => {
    return file.endsWith(".bench.ts") && (names.length === 0 || names.some((name) => file.includes(name)));
  });
}

/**
 * Split what stands after `npm run bench --`.
 *
 * @param {string[]} args
 * @returns {{ flags: string[], names: string[] }} flags go to every measurement
 * @throws {SetupError} for an unknown flag
 */
export function readArguments(args) {
  const flags = args.filter((arg) => arg.startsWith("-"));
  const unknown = flags.find((flag) => flag !== "--short");
  if (unknown !== undefined)
    throw new SetupError(`Cannot measure: unknown flag ${unknown}, only --short is known`);
  return { flags, names: args.filter((arg) => !arg.startsWith("-")) };
}

/** @param {string[]} args */
export async function bench(args) {
  const { flags, names } = readArguments(args);
  const folder = join(root, "bench");
  const files = findBenches(folder, names);
  if (files.length === 0)
    throw new SetupError(`Cannot measure: no bench/*.bench.ts matches ${names.join(", ")}`);
  await ensureModules();
  await ensureBuilt(builds.gyre, builds.survey);
  const failed = [];
  for (const file of files) {
    console.log(`\nbench/${file}`);
    const words = ["--expose-gc", "--import", join(root, "tools", "strip.mjs"), join(folder, file), ...flags];
    const { code } = await run(process.execPath, words, { onOutput: (chunk) => process.stdout.write(chunk) });
    if (code !== 0) failed.push(`bench/${file} ended with code ${code}`);
  }
  for (const line of failed) console.error(line);
  return failed.length === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) await command(() => bench(process.argv.slice(2)));
