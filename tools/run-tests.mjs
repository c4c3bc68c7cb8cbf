// @ts-check
/**
 * Runs test files with `node:test`, each in a process of its own, and counts over all of them.
 *
 * Not `node --test`: on Node 20 it knows no globs, its time limit is for a whole file, it counts a killed file as
 * "cancelled" instead of failed, and it cannot say which test hangs.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { createInterface } from "node:readline";
import { listFiles } from "./files.mjs";
import { ownEnvironment, root } from "./setup.mjs";

/** The flags that run a `.ts` file of this project against its sources. */
export const sourceFlags = ["--import", join(root, "tools", "strip.mjs"), "-C", "source"];

/**
 * Every `*.test.ts` in a folder named `test` at the top or below `apps/`.
 *
 * @param {string} folder of the project
 * @param {string[]} [patterns] keep only paths that contain one of them; all when empty
 * @returns {string[]} absolute paths, sorted
 */
export function findTests(folder, patterns = []) {
  return listFiles(folder)
    .filter((path) => /^(test|apps\/(.*\/)?test)\/.*\.test\.ts$/.test(path))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .map((path) => join(folder, path));
}

/**
 * Whether some of the tests run what is built. Those that mirror a folder of `src/` run the sources.
 *
 * @param {string[]} files absolute paths
 */
export function needBuild(files) {
  return files.some((file) => {
    const [top, folder = ""] = relative(root, file).split(sep);
    return top !== "test" || !existsSync(join(root, "src", folder));
  });
}

/**
 * @typedef {object} Tally
 * @property {number} tests
 * @property {number} passed
 * @property {number} skipped
 * @property {{ file: string, name: string }[]} failed
 */

/**
 * @typedef {object} RunTestsOptions
 * @property {number} [concurrency] files at a time
 * @property {number} [testLimitMs] how long a test may run without a sign; a test that needs a shorter limit
 *   sets node:test's `timeout`
 * @property {number} [exitLimitMs] how long a process may stay when none of its tests runs
 * @property {(text: string) => void} [write] takes the output, one whole file at a time
 */

/**
 * Run test files to their end; never hangs.
 *
 * @param {string[]} files absolute paths
 * @param {RunTestsOptions} [options]
 * @returns {Promise<Tally>} a process that crashes, hangs, or holds no test is a failed test of its own
 */
export async function runTests(files, options = {}) {
  const { concurrency = 2, write = (text) => process.stdout.write(text) } = options;
  /** @type {Tally} */
  const total = { tests: 0, passed: 0, skipped: 0, failed: [] };
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { output, tally, seconds } = await runFile(file, options);
      write(`\n${relative(root, file)} (${seconds.toFixed(1)} s)\n${output}`);
      total.tests += tally.tests;
      total.passed += tally.passed;
      total.skipped += tally.skipped;
      total.failed.push(...tally.failed);
    }
  };
  // A signal would end us without the "exit" event on which each file's processes are killed.
  const stop = () => process.exit(130);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);
  await Promise.all(Array.from({ length: concurrency }, worker));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
  return total;
}

/**
 * The closing lines of a run: what failed, then the counts.
 *
 * @param {Tally} tally
 */
export function closingLines({ tests, passed, skipped, failed }) {
  const list = failed.map(({ file, name }) => `  ${relative(root, file)}: ${name}\n`).join("");
  const counts = `# tests ${tests}\n# pass ${passed}\n# fail ${failed.length}\n# skipped ${skipped}\n`;
  return `\n${list === "" ? "" : `failed:\n${list}`}${counts}`;
}

/**
 * @param {string} file
 * @param {RunTestsOptions} options
 * @returns {Promise<{ output: string, tally: Tally, seconds: number }>}
 */
function runFile(file, { testLimitMs = 120_000, exitLimitMs = 30_000 }) {
  const startMs = performance.now();
  const reporter = [
    "--test-reporter",
    join(root, "tools", "test-report.mjs"),
    "--test-reporter-destination",
    "stdout",
  ];
  const child = spawn(process.execPath, [...sourceFlags, ...reporter, file], {
    cwd: root,
    env: { ...ownEnvironment(), HOUSE_EVENTS_FD: "3" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    // A group of its own, so that what a killed test had started goes with it.
    detached: true,
  });
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is empty already.
    }
  };
  process.once("exit", killGroup);

  /** @type {Tally} */
  const tally = { tests: 0, passed: 0, skipped: 0, failed: [] };
  /** @type {string[]} */
  const output = [];
  /** Tests that have begun and not ended, by nesting and name. @type {Map<string, string>} */
  const running = new Map();
  let hanging = "";
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const watch = () => {
    clearTimeout(timer);
    const isIdle = running.size === 0 && tally.tests > 0;
    const limitMs = isIdle ? exitLimitMs : testLimitMs;
    timer = setTimeout(() => {
      const within = `within ${limitMs / 1000} s`;
      hanging = isIdle
        ? `the process does not exit ${within} after its last test (is a server, timer or socket still open?)`
        : `no test ends ${within}; running: ${[...running.values()].join(" > ") || "none, the file is still loading"}`;
      killGroup();
    }, limitMs);
  };
  watch();

  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text) => output.push(text));
  const events = createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdio[3]) });
  events.on("line", (line) => {
    const { kind, name, nesting, isSuite, isSkipped, isTodo } = JSON.parse(line);
    if (kind === "start") running.set(`${nesting} ${name}`, name);
    else running.delete(`${nesting} ${name}`);
    if ((kind === "pass" || kind === "fail") && !isSuite) {
      tally.tests++;
      if (isSkipped || isTodo) tally.skipped++;
      else if (kind === "pass") tally.passed++;
      else tally.failed.push({ file, name });
    }
    watch();
  });

  return new Promise((resolve) => {
    child.on("exit", () => {
      killGroup();
      // What left the group, as a browser does, may still hold the pipes: "close" shall not wait for it.
      setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, 2000).unref();
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      process.off("exit", killGroup);
      let crash = hanging;
      if (crash === "" && tally.failed.length === 0) {
        if (code !== 0) crash = `the process ends with ${signal ?? `code ${code}`}, though no test fails`;
        else if (tally.tests === 0) crash = "the file holds no test";
      }
      if (crash !== "") {
        tally.tests++;
        tally.failed.push({ file, name: crash });
        output.push(`✖ ${crash}\n`);
      }
      resolve({ output: output.join(""), tally, seconds: (performance.now() - startMs) / 1000 });
    });
  });
}
