// @ts-check
/**
 * `npm run test:nodes [-- MAJOR...] [-- PATTERN...]`: every test, or those whose path contains a PATTERN, under the
 * Node that runs this and under Node 22 and 24, or under the versions named.
 *
 * The binaries are npm packages, so they come from wherever the user's npm takes its packages from.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command, isMain, npm, root, run, SetupError, step } from "./setup.mjs";

/** The versions that are tried beside the one that runs. */
const defaultMajors = [22, 24];

/** Platforms whose binary is a package. */
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * Split what stands after `npm run test:nodes --`.
 *
 * @param {string[]} args
 * @returns {{ majors: number[], patterns: string[] }} `majors` are those beside the running one
 * @throws {SetupError} for a version that is no whole number
 */
export function readArguments(args) {
  const at = args.indexOf("--");
  const versions = at < 0 ? args : args.slice(0, at);
  const patterns = at < 0 ? [] : args.slice(at + 1);
  const wrong = versions.find((version) => !/^[1-9]\d*$/.test(version));
  if (wrong !== undefined) {
    throw new SetupError(
      `Cannot test under Node ${wrong}: it is no major version, a number such as 22 is wanted (patterns follow a second --)`,
    );
  }
  return { majors: versions.length === 0 ? defaultMajors : versions.map(Number), patterns };
}

/**
 * The package that holds Node's binary for a platform.
 *
 * @param {string} [platform] as in `process.platform`
 * @param {string} [arch] as in `process.arch`
 * @throws {SetupError} where there is none
 */
export function packageOf(platform = process.platform, arch = process.arch) {
  const name = `${platform}-${arch}`;
  if (platforms.includes(name)) return `node-${name}`;
  throw new SetupError(
    `Cannot fetch Node for ${name}: there is no package of it, one of ${platforms.join(", ")} is wanted`,
  );
}

/**
 * The counts of the closing lines of `tools/test.mjs`.
 *
 * @param {string} output
 * @returns {{ tests: number, pass: number, fail: number, skipped: number } | undefined} `undefined` when it has none
 */
export function readCounts(output) {
  const found = /# tests (\d+)\n# pass (\d+)\n# fail (\d+)\n# skipped (\d+)\n$/.exec(output);
  if (found === null) return undefined;
  const [tests = 0, pass = 0, fail = 0, skipped = 0] = found.slice(1).map(Number);
  return { tests, pass, fail, skipped };
}

/**
 * One line for one Node.
 *
 * @param {string} version
 * @param {number} code that the tests ended with
 * @param {string} output
 */
export function summaryLine(version, code, output) {
  const counts = readCounts(output);
  const said =
    counts === undefined
      ? `ended with code ${code} before the closing counts`
      : `${counts.pass} of ${counts.tests} pass, ${counts.fail} fail, ${counts.skipped} skipped`;
  return `Node ${version}: ${said}`;
}

/**
 * The binary of a major version, fetched when it is not there.
 *
 * @param {number} major
 * @returns {Promise<string>} its path
 */
async function fetchNode(major) {
  const name = packageOf();
  const folder = join(root, "build", "nodes", String(major));
  const binary = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // A package of its own, or npm would install into the project that the folder stands in.
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true })}\n`);
  const words = ["install", `${name}@${major}`, "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const result = await step(`fetching Node ${major}`, () => npm(words, { cwd: folder }));
  if (result.code !== 0 || !existsSync(binary))
    throw new SetupError(`Cannot fetch Node ${major}: npm could not install ${name}\n${result.output}`);
  return binary;
}

/**
 * Run `tools/test.mjs` under `binary`, its output shown as it comes.
 *
 * @param {string} binary
 * @param {string[]} patterns
 * @returns {Promise<{ code: number, output: string }>}
 */
function runTests(binary, patterns) {
  // What the tests start by the name "node" is this one too.
  const path = `${dirname(binary)}:${process.env.PATH ?? ""}`;
  const child = spawn(binary, [join(root, "tools", "test.mjs"), ...patterns], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

if (isMain(import.meta.url)) {
  await command(async () => {
    const { majors, patterns } = readArguments(process.argv.slice(2));
    // All are there before the first one runs: a version that cannot be had is told at once.
    const binaries = [process.execPath];
    for (const major of majors) binaries.push(await fetchNode(major));
    const lines = [];
    let failed = false;
    for (const binary of binaries) {
      const version = (await run(binary, ["-p", "process.versions.node"])).stdout.trim();
      process.stdout.write(`\nNode ${version}\n`);
      const { code, output } = await runTests(binary, patterns);
      failed ||= code !== 0;
      lines.push(summaryLine(version, code, output));
    }
    process.stdout.write(`\n${lines.join("\n")}\n`);
    return failed ? 1 : 0;
  });
}
