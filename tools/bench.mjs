// @ts-check
/**
 * `npm run bench [-- --short] [-- --markdown] [-- NAME...]`: run the measurements of `bench/`, or those whose path
 * contains a NAME, and print the speed table.
 *
 * One after the other, each in a process of its own, against what is built: that is what users run. With `--short`
 * it takes a minute and only shows what is far off. With `--markdown` standard output is the table as the README
 * has it, and nothing else; what happens meanwhile goes to standard error.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toCells, toMarkdown, toNotes, toText } from "./bench-table.mjs";
import { listFiles } from "./files.mjs";
import { builds, command, ensureBuilt, ensureModules, isMain, root, run, SetupError } from "./setup.mjs";

/** @typedef {import("../bench/row.ts").Row} Row */

const knownFlags = ["--short", "--markdown"];

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
 * @returns {{ isShort: boolean, isMarkdown: boolean, names: string[] }}
 * @throws {SetupError} for an unknown flag
 */
export function readArguments(args) {
  const unknown = args.find((arg) => arg.startsWith("-") && !knownFlags.includes(arg));
  if (unknown !== undefined)
    throw new SetupError(`Cannot measure: unknown flag ${unknown}, known are ${knownFlags.join(" and ")}`);
  return {
    isShort: args.includes("--short"),
    isMarkdown: args.includes("--markdown"),
    names: args.filter((arg) => !arg.startsWith("-")),
  };
}

/**
 * What a measurement has written: a row in each line.
 *
 * @param {string} text
 * @returns {Row[]}
 */
export function readRows(text) {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Of Node and of the packages that the columns stand for. @returns {Record<string, string>} */
function versionsOf() {
  /** @type {Record<string, string>} */
  const versions = { Node: process.versions.node };
  const packages = {
    co: "co",
    bluebird: "bluebird",
    effect: "Effect",
    effection: "Effection",
    "redux-saga": "redux-saga",
    "fast-check": "fast-check",
  };
  for (const [name, column] of Object.entries(packages)) {
    const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
    versions[column] = JSON.parse(text).version;
  }
  return versions;
}

/** @param {string[]} args */
export async function bench(args) {
  const { isShort, isMarkdown, names } = readArguments(args);
  const folder = join(root, "bench");
  const files = findBenches(folder, names);
  if (files.length === 0)
    throw new SetupError(`Cannot measure: no bench/*.bench.ts matches ${names.join(", ")}`);
  await ensureModules();
  await ensureBuilt(builds.gyre, builds.survey);
  const progress = isMarkdown ? process.stderr : process.stdout;
  const temporary = mkdtempSync(join(tmpdir(), "gyre-bench-"));
  const failed = [];
  try {
    const path = join(temporary, "rows");
    writeFileSync(path, "");
    for (const file of files) {
      progress.write(`\nbench/${file}\n`);
      const words = ["--expose-gc", "--import", join(root, "tools", "strip.mjs"), join(folder, file)];
      const { code } = await run(
        process.execPath,
        [...words, `--rows=${path}`, ...(isShort ? ["--short"] : [])],
        {
          // Some peers check more in development.
          env: { ...process.env, NODE_ENV: "production" },
          onOutput: (chunk) => progress.write(chunk),
        },
      );
      if (code !== 0) failed.push(`bench/${file} ended with code ${code}`);
    }
    printTable(readRows(readFileSync(path, "utf8")), isMarkdown);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  for (const line of failed) console.error(line);
  return failed.length === 0 ? 0 : 1;
}

/**
 * @param {Row[]} rows
 * @param {boolean} isMarkdown
 */
function printTable(rows, isMarkdown) {
  if (rows.length === 0) return;
  const cells = toCells(rows);
  const notes = toNotes(rows, versionsOf());
  if (isMarkdown) console.log(`${toMarkdown(cells)}\n\n${notes.join(" ")}`);
  else console.log(`\n${toText(cells)}\n\n${notes.map((note) => `  ${note}`).join("\n")}`);
}

if (isMain(import.meta.url)) await command(() => bench(process.argv.slice(2)));
