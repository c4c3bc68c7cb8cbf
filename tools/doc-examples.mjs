// @ts-check
/**
 * The `ts` blocks of the documents and docstrings: found, compiled together, and run one by one.
 *
 * A block is a whole program. What it writes in comments of the form `// prints: text` has to be, line by line,
 * what it prints. A block that opens with "```ts no-run REASON" is only compiled.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { listFiles } from "./files.mjs";
import { sourceFlags } from "./run-tests.mjs";
import { ownEnvironment, root, run, tsc } from "./setup.mjs";

/**
 * @typedef {object} Block
 * @property {string} file it stands in, from the project's folder
 * @property {number} line of its first line of code, from 1
 * @property {number} indent columns before its code
 * @property {string} code
 * @property {string} info the words after "```ts"
 */

/**
 * The `ts` blocks of a Markdown text.
 *
 * @param {string} text
 * @param {string} file
 * @param {number} [firstLine] where the text begins in its file
 * @returns {Block[]}
 * @throws {SyntaxError} when a block is not closed
 */
export function markdownBlocks(text, file, firstLine = 1) {
  /** @type {Block[]} */
  const blocks = [];
  /** @type {{ fence: string, indent: number, language: string, info: string, line: number, code: string[] } | undefined} */
  let open;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const [, indent = "", fence, language = "", info = ""] =
        /^( *)(`{3,})(\S*) *(.*?)\s*$/.exec(line) ?? [];
      if (fence === undefined) continue;
      open = { fence, indent: indent.length, language, info, line: firstLine + index + 1, code: [] };
    } else if (line.trim() === open.fence) {
      const { indent, language, info, code } = open;
      if (/^(ts|typescript|tsx|mts)$/.test(language)) {
        const words = language === "ts" ? info : `${language} ${info}`.trim();
        blocks.push({ file, line: open.line, indent, code: code.join("\n"), info: words });
      }
      open = undefined;
    } else {
      open.code.push(line.slice(open.indent));
    }
  }
  if (open !== undefined)
    throw new SyntaxError(`Cannot read ${file}:${open.line - 1}: the block is not closed`);
  return blocks;
}

/**
 * The `ts` blocks in the docstrings of a TypeScript text.
 *
 * @param {string} text
 * @param {string} file
 * @returns {Block[]}
 */
export function docstringBlocks(text, file) {
  return parseSync(file, text)
    .comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .flatMap(({ start, value }) => {
      const before = text.slice(0, start);
      const firstLine = before.split("\n").length;
      // The stars become blanks, so that columns stay what they are.
      const blanked = value
        .split("\n")
        .map((line) => line.replace(/^\s*\*/, (stars) => " ".repeat(stars.length)));
      return markdownBlocks(blanked.join("\n"), file, firstLine);
    });
}

/**
 * All blocks of a project, in README.md, CONTRIBUTING.md, docs/ and the docstrings of src/.
 *
 * @param {string} folder
 */
export function findBlocks(folder) {
  /** @param {string} file */
  const read = (file) => readFileSync(join(folder, file), "utf8");
  const documents = [
    ...listFiles(folder).filter((file) => file === "README.md" || file === "CONTRIBUTING.md"),
    ...listFiles(join(folder, "docs"), "docs/").filter((file) => file.endsWith(".md")),
  ];
  const sources = listFiles(join(folder, "src"), "src/").filter((file) => file.endsWith(".ts"));
  return [
    ...documents.flatMap((file) => markdownBlocks(read(file), file)),
    ...sources.flatMap((file) => docstringBlocks(read(file), file)),
  ];
}

/**
 * Compile all blocks at once, then run those that compile, two at a time.
 *
 * @param {Block[]} blocks
 * @param {{ limitMs?: number }} [options] `limitMs`: how long one may run
 * @returns {Promise<string[]>} one `file:line: what is wrong` for each mistake
 */
export async function checkBlocks(blocks, { limitMs = 30_000 } = {}) {
  mkdirSync(join(root, "build"), { recursive: true });
  // Inside the project, because there a program finds "gyre" by its name.
  const folder = mkdtempSync(join(root, "build", "doc-examples-"));
  try {
    /** @type {Map<string, Block>} */
    const programs = new Map();
    for (const block of blocks) {
      const path = `${block.file}/${block.line}.ts`;
      programs.set(path, block);
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      // Empty lines put the code on the line where it stands in its document.
      writeFileSync(join(folder, path), `${"\n".repeat(block.line - 1)}${block.code}\n`);
    }
    const { problems, broken } = await compile(folder, programs);
    problems.push(...blocks.flatMap(infoProblems));
    const waiting = [...programs].filter(([, block]) => block.info === "" && !broken.has(block));
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        problems.push(...(await runBlock(folder, ...next, limitMs)));
      }
    };
    await Promise.all([worker(), worker()]);
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Block} block */
function infoProblems({ file, line, info }) {
  if (info === "" || /^no-run \S/.test(info)) return [];
  const wanted = 'nothing or "no-run" and the reason is wanted';
  return [`${file}:${line - 1}: a block opens with "ts" and then "${info}", ${wanted}`];
}

/**
 * @param {string} folder
 * @param {Map<string, Block>} programs by path
 */
async function compile(folder, programs) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Set<Block>} */
  const broken = new Set();
  if (programs.size === 0) return { problems, broken };
  const config = {
    extends: join(root, "tsconfig.json"),
    // An example may name a thing only to show it.
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: [...programs.keys()],
    include: [],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { output } = await tsc(["-p", folder], { cwd: folder });
  for (const line of output.split("\n")) {
    const [, path = "", row, column, message] = /^(.*?)\((\d+),(\d+)\): (.*)$/.exec(line) ?? [];
    const block = programs.get(path.split(sep).join("/"));
    // Errors of src/ are the business of the type check, which shows them once.
    if (block !== undefined) {
      broken.add(block);
      problems.push(`${block.file}:${row}:${Number(column) + block.indent}: ${message}`);
    } else if (path === "" && line.startsWith("error ")) problems.push(line);
    else if (/^\s/.test(line) && problems.length > 0) problems.push(`${problems.pop()}\n${line}`);
  }
  return { problems, broken };
}

/**
 * @param {string} folder
 * @param {string} path
 * @param {Block} block
 * @param {number} limitMs
 * @returns {Promise<string[]>}
 */
async function runBlock(folder, path, { file, line, code }, limitMs) {
  const result = await run(process.execPath, [...sourceFlags, join(folder, path)], {
    limitMs,
    env: ownEnvironment(),
  });
  const shown = result.output
    .replaceAll(`${relative(root, folder)}/${path}`, file)
    .replaceAll(`${root}${sep}`, "");
  if (result.timedOut)
    return [`${file}:${line}: the block does not end within ${limitMs / 1000} s\n${shown}`];
  if (result.code !== 0) return [`${file}:${line}: the block ends with code ${result.code}\n${shown}`];
  const expected = code.split("\n").flatMap((row, index) => {
    const [, text] = /\/\/ prints: (.*?)\s*$/.exec(row) ?? [];
    return text === undefined ? [] : [{ text, at: line + index }];
  });
  if (expected.length === 0) return [];
  const printed = result.stdout.trimEnd().split("\n");
  const wrong = expected.findIndex(({ text }, index) => text !== printed[index]?.trimEnd());
  if (wrong >= 0) {
    return [
      `${file}:${expected[wrong]?.at}: prints "${printed[wrong] ?? "nothing"}", "${expected[wrong]?.text}" is promised`,
    ];
  }
  const more = printed[expected.length];
  return more === undefined
    ? []
    : [`${file}:${line}: the block also prints "${more}", which no comment promises`];
}
