// @ts-check
/**
 * What every command of the house does first: look at the Node version,
 * install the packages when they are missing or old, and build what is stale.
 *
 * Plain JavaScript with built-ins only, because it runs before there is a
 * `node_modules`. What a command does after that is the command's own file.
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { listFiles } from "./files.mjs";

/** The folder of the project, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The oldest major version of Node that gyre runs on. */
export const oldestNode = 20;

/** A mistake or a lack that the person at the keyboard can mend; shown without a stack. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}

/**
 * @param {string} version as in `process.versions.node`
 * @throws {SetupError} when it is older than `oldestNode`
 */
export function checkNode(version = process.versions.node) {
  if (Number.parseInt(version, 10) < oldestNode) {
    throw new SetupError(`Cannot run gyre: this is Node ${version}, Node ${oldestNode} or newer is wanted`);
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] the project's folder when left out
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [limitMs] after which the program is killed; none when left out
 * @property {(chunk: Buffer) => void} [onOutput] is called with each piece of output as it comes
 */

/**
 * The environment, without what tells a runner of tests that it is inside of another one.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function ownEnvironment() {
  const { NODE_TEST_CONTEXT: _node, VITEST: _vitest, ...env } = process.env;
  return env;
}

/**
 * Run a program to its end, with its output collected. It gets no stdin.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string, timedOut: boolean }>} `output` is stdout and
 *   stderr in the order they came; a program killed by a signal has a code above 128, one that cannot be started 127
 */
export function run(program, args, { cwd = root, env = process.env, limitMs, onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    /** @type {Buffer[]} */
    const chunks = [];
    /** @type {Buffer[]} */
    const outChunks = [];
    let timedOut = false;
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            child.kill("SIGKILL");
            // A grandchild may hold the pipes open; without this "close" would wait for it.
            child.stdout.destroy();
            child.stderr.destroy();
          }, limitMs);
    /** @param {number} code @param {string} [extra] */
    const end = (code, extra = "") => {
      clearTimeout(timer);
      resolve({
        code,
        output: `${Buffer.concat(chunks)}${extra}`,
        stdout: `${Buffer.concat(outChunks)}`,
        timedOut,
      });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        chunks.push(chunk);
        onOutput?.(chunk);
      });
    }
    child.stdout.on("data", (chunk) => outChunks.push(chunk));
    child.on("error", (error) => end(127, error.message));
    child.on("close", (code) => end(code ?? 137));
  });
}

/**
 * Run npm: the one that started us where there is one, because it may not be on the PATH.
 *
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith("npm-cli.js")
    ? run(process.execPath, [cli, ...args], options)
    : run("npm", args, options);
}

/**
 * Run the TypeScript compiler of the project.
 *
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export function tsc(args, options) {
  return run(
    process.execPath,
    [join(root, "node_modules", "typescript", "bin", "tsc"), "--pretty", "false", ...args],
    options,
  );
}

/**
 * Say what starts, do it, and say how long it took, on one line.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const startMs = performance.now();
  process.stdout.write(`gyre: ${what} ... `);
  const result = await work();
  process.stdout.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
  return result;
}

/**
 * Whether `npm ci` has to run: the installed packages are missing or are not those of the lock file.
 *
 * The times are looked at first, the contents only when they disagree: `git checkout` gives an unchanged lock
 * file a new time, and an install that nobody needs empties `node_modules` under everything that runs.
 *
 * @param {string} folder with `package-lock.json` and perhaps `node_modules`
 */
export function isInstallStale(folder) {
  const lock = join(folder, "package-lock.json");
  const installed = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return true;
  if (!existsSync(lock) || statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return false;
  const wanted = JSON.parse(readFileSync(lock, "utf8")).packages;
  const present = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(wanted).some(([path, entry]) => {
    // What is optional may be left out, as binaries for other platforms are.
    if (!path.includes("node_modules/") || entry.optional) return false;
    return present[path]?.version !== entry.version;
  });
}

/**
 * Install the packages if `isInstallStale`. Shows one line.
 *
 * @throws {SetupError} with npm's output when it fails
 */
export async function ensureModules(folder = root) {
  if (!isInstallStale(folder)) return;
  const command = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  const result = await step(`installing packages (npm ${command})`, () => {
    const dots = setInterval(() => process.stdout.write("."), 2000);
    return npm([command, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder }).finally(() =>
      clearInterval(dots),
    );
  });
  if (result.code !== 0)
    throw new SetupError(`Cannot install the packages: npm ${command} failed\n${result.output}`);
}

/**
 * The newest change below some paths. Folders count too, because deleting a file changes only its folder.
 *
 * @param {string[]} paths files and folders; `node_modules` and `dist` inside them are left out
 * @returns {number} ms of the epoch; 0 when nothing is there
 */
export function newestChangeAtMs(paths) {
  let newestAtMs = 0;
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    newestAtMs = Math.max(newestAtMs, found.mtimeMs);
    if (!found.isDirectory()) continue;
    const names = readdirSync(path).filter((name) => name !== "node_modules" && name !== "dist");
    newestAtMs = Math.max(newestAtMs, newestChangeAtMs(names.map((name) => join(path, name))));
  }
  return newestAtMs;
}

/**
 * One thing that is compiled: a tsconfig, what it reads, and the `dist` it fills.
 *
 * @typedef {object} Build
 * @property {string} name as shown
 * @property {string} config path of its tsconfig
 * @property {{ from: string, to: string }[]} [copies] folders whose files are taken as they are: paths of them, and
 *   where they come to below `dist`
 * @property {boolean} [isBundled] the JavaScript comes to `dist/lib`, by `bundle.mjs`
 * @property {string} dist path of the folder it fills
 * @property {string[]} sources paths of what it is made from
 */

/** @type {{ gyre: Build, survey: Build }} */
export const builds = {
  gyre: {
    name: "gyre",
    config: join(root, "tsconfig.build.json"),
    dist: join(root, "dist"),
    // What the browser runs is JavaScript, and not compiled.
    copies: [{ from: join(root, "src", "console", "page", "static"), to: join("lib", "page", "static") }],
    // What is shipped is bundled; the compiler makes the declarations.
    isBundled: true,
    sources: [
      "src",
      "package.json",
      "tsconfig.json",
      "tsconfig.build.json",
      "tools/setup.mjs",
      "tools/bundle.mjs",
    ].map((path) => join(root, path)),
  },
  survey: {
    name: "apps/survey",
    config: join(root, "apps", "survey", "tsconfig.json"),
    dist: join(root, "apps", "survey", "dist"),
    // It compiles against the types of gyre's dist, so that comes first.
    sources: [
      join(root, "apps", "survey", "src"),
      join(root, "apps", "survey", "tsconfig.json"),
      join(root, "dist"),
    ],
  },
};

/**
 * The time of a `dist` folder is the time its build began: see `build`.
 *
 * @param {Build} build
 */
export function isBuildStale({ dist, sources }) {
  const builtAtMs = statSync(dist, { throwIfNoEntry: false })?.mtimeMs;
  return builtAtMs === undefined || newestChangeAtMs(sources) > builtAtMs;
}

/**
 * Compile into a new folder and put it in the place of `dist`.
 *
 * Not into `dist` itself: what a deleted source left there would stay, and another process could load half a
 * build. The folder is stamped with the time of the start, so that a source saved meanwhile makes it stale.
 *
 * @param {Build} build
 * @param {{ isQuiet?: boolean }} [options] `isQuiet`: say nothing
 * @throws {SetupError} with the compiler's errors; the old `dist` stays then
 */
export async function build({ name, config, dist, isBundled, copies = [] }, { isQuiet = false } = {}) {
  const startedAt = new Date();
  // A sibling of dist, because source maps hold relative paths; the dot keeps it out of every "include".
  const fresh = join(dirname(dist), `.${basename(dist)}-${process.pid}`);
  const old = `${fresh}-old`;
  try {
    mkdirSync(fresh, { recursive: true });
    const words = ["-p", config, "--outDir", fresh, "--noEmitOnError"];
    const compile = async () => {
      const result = await tsc(isBundled ? [...words, "--emitDeclarationOnly"] : words);
      if (result.code !== 0)
        throw new SetupError(`Cannot build ${name}: the compiler found errors\n${result.output}`);
      // Not at the top: there may be no packages yet.
      if (!isBundled) return;
      await (await import("./bundle.mjs")).bundle(root, join(fresh, "lib"));
      // What npm does with a command when it installs it; here it is built later.
      chmodSync(join(fresh, "lib", "main.js"), 0o755);
    };
    await (isQuiet ? compile() : step(`building ${name}`, compile));
    renameInDeclarations(fresh);
    for (const { from, to } of copies) {
      // A tsconfig says how files are checked, and nothing to those who use them.
      cpSync(from, join(fresh, to), {
        recursive: true,
        filter: (path) => basename(path) !== "tsconfig.json",
      });
    }
    utimesSync(fresh, startedAt, startedAt);
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(fresh, dist);
  } finally {
    for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
  }
}

/**
 * Let declarations import `./x.js`, as the modules beside them do: the compiler renames only in those.
 *
 * @param {string} folder
 */
function renameInDeclarations(folder) {
  for (const file of listFiles(folder).filter((name) => name.endsWith(".d.ts"))) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    // As long as before, so that the columns of the declaration maps stay right.
    writeFileSync(path, text.replace(/((?:from |import |import\()"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
  }
}

/** Build those that are stale, in order. @param {Build[]} wanted */
export async function ensureBuilt(...wanted) {
  for (const one of wanted) if (isBuildStale(one)) await build(one);
}

/**
 * Whether a module is the one that Node was started with, and not imported by a test.
 *
 * @param {string} url its `import.meta.url`
 */
export function isMain(url) {
  // Node resolves links in the url but not in the argument.
  const started = process.argv[1];
  return started !== undefined && pathToFileURL(realpathSync(started)).href === url;
}

/**
 * Run a command's `main` and turn its outcome into the exit code.
 *
 * @param {() => Promise<number | undefined>} main resolves with the exit code; with nothing when the process
 *   should go on
 */
export async function command(main) {
  try {
    checkNode();
    const code = await main();
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    console.error(error instanceof SetupError ? `\ngyre: ${error.message}` : error);
    process.exitCode = 1;
  }
}
