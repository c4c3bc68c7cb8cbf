// @ts-check
/**
 * `node tools/statements.mjs`: which of the numbered statements on order and errors have no test.
 *
 * A test names its statement in a comment beside it, `// GEN-006`. One that does not apply to JavaScript has a
 * line in docs/design.md that begins with its id and says why.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles } from "./files.mjs";
import { isMain, root } from "./setup.mjs";

/** The statements of each group, first and last number of each run. */
const groups = {
  GEN: [
    [1, 24],
    [30, 42],
    [50, 57],
    [60, 77],
    [80, 95],
  ],
  FUT: [[1, 22]],
  CTX: [[1, 15]],
  LOOP: [
    [1, 14],
    [20, 33],
    [40, 56],
    [60, 70],
  ],
  PC: [[1, 11]],
  LOCK: [[1, 15]],
  QUEUE: [[1, 11]],
  TEST: [[1, 4]],
};

/** @returns {string[]} all ids, in order */
export function allStatements() {
  return Object.entries(groups).flatMap(([group, runs]) =>
    runs.flatMap(([first = 0, last = 0]) =>
      Array.from({ length: last - first + 1 }, (_, at) => `${group}-${String(first + at).padStart(3, "0")}`),
    ),
  );
}

/**
 * The ids named in comments of a test's text, also as `GEN-001, GEN-002`.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function testedIn(text) {
  const comments = text.match(/\/\/.*$|\/\*[\s\S]*?\*\//gm) ?? [];
  return comments.flatMap((comment) => comment.match(/\b[A-Z]+-\d{3}\b/g) ?? []);
}

/**
 * The ids that a text excuses: lines of the form `- GEN-018: reason`, several ids by commas.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function excusedIn(text) {
  return [...text.matchAll(/^- ((?:[A-Z]+-\d{3}(?:, )?)+): \S/gm)].flatMap(
    ([, ids = ""]) => ids.match(/[A-Z]+-\d{3}/g) ?? [],
  );
}

/**
 * @param {string} [folder] the project's
 * @returns {string[]} the ids without a test or an excuse
 */
export function missingStatements(folder = root) {
  const tests = listFiles(join(folder, "test")).filter((file) => file.endsWith(".test.ts"));
  const known = new Set([
    ...tests.flatMap((file) => testedIn(readFileSync(join(folder, "test", file), "utf8"))),
    ...excusedIn(readFileSync(join(folder, "docs", "design.md"), "utf8")),
  ]);
  return allStatements().filter((id) => !known.has(id));
}

if (isMain(import.meta.url)) {
  const missing = missingStatements();
  const count = allStatements().length;
  console.log(`${count - missing.length} of ${count} statements have a test or a reason`);
  for (const id of missing) console.log(id);
  process.exitCode = missing.length === 0 ? 0 : 1;
}
