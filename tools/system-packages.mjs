// @ts-check
/**
 * The programs outside npm that the tests need, in one place: found, installed where we may, or named.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run, SetupError, step } from "./setup.mjs";

/**
 * @typedef {object} SystemPackage
 * @property {string} program its name on the PATH
 * @property {string} debian the Debian or Ubuntu package that holds it
 * @property {string} reason what needs it
 */

/** @type {SystemPackage[]} */
export const systemPackages = [
  {
    program: "chromium",
    debian: "chromium",
    reason: "the browser tests of the survey's and the console's pages",
  },
];

/**
 * @param {string} program
 * @param {string} [path] folders as in `PATH`
 * @returns {string | undefined} its absolute path
 */
export function findProgram(program, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * What to tell somebody whose machine lacks programs that we may not install.
 *
 * @param {SystemPackage[]} missing
 */
export function missingReport(missing) {
  const lines = missing.map(({ program, reason }) => `  ${program}: for ${reason}`);
  const names = missing.map(({ debian }) => debian).join(" ");
  return [
    "Cannot run the tests: programs are missing, and they cannot be installed from here",
    ...lines,
    `On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${names}`,
    "Elsewhere: install them by any other way, with these names on the PATH",
  ].join("\n");
}

/**
 * Install what is missing by apt-get, when root or when sudo asks no password.
 *
 * @param {SystemPackage[]} [wanted]
 * @param {string} [path] folders as in `PATH`
 * @throws {SetupError} that names what is missing and how to install it
 */
export async function ensureSystemPackages(wanted = systemPackages, path = process.env.PATH ?? "") {
  const missing = wanted.filter(({ program }) => findProgram(program, path) === undefined);
  if (missing.length === 0) return;
  const aptGet = findProgram("apt-get", path);
  const sudo = await sudoPrefix(path);
  if (aptGet === undefined || sudo === undefined) throw new SetupError(missingReport(missing));
  const names = missing.map(({ debian }) => debian);
  const result = await step(`installing ${names.join(", ")} (apt-get)`, async () => {
    const update = await runAs(sudo, [aptGet, "update"]);
    if (update.code !== 0) return update;
    return runAs(sudo, [aptGet, "install", "-y", "--no-install-recommends", ...names]);
  });
  const still = wanted.filter(({ program }) => findProgram(program, path) === undefined);
  if (result.code !== 0 || still.length > 0) {
    throw new SetupError(
      `${missingReport(still)}\napt-get ended with code ${result.code}:\n${result.output}`,
    );
  }
}

/**
 * The words that make a command run as root.
 *
 * @param {string} path
 * @returns {Promise<string[] | undefined>} nothing before it when we are root; undefined when we cannot
 */
async function sudoPrefix(path) {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram("sudo", path);
  if (sudo === undefined) return undefined;
  const probe = await run(sudo, ["-n", "true"]);
  return probe.code === 0 ? [sudo, "-n"] : undefined;
}

/** @param {string[]} prefix @param {string[]} words */
function runAs(prefix, words) {
  const [program = "", ...args] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...words];
  return run(program, args);
}
