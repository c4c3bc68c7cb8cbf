// @ts-check
/**
 * Words that must not be committed: paths of somebody's machine, names of package registries, and tests that
 * are left out without a reason.
 */

/** Needles are put together here, so that this file does not contain them. */
const slash = "/";
const dot = "\\.";

/** @type {{ pattern: RegExp, wanted: string }[]} */
const everywhere = [
  {
    pattern: new RegExp(`(?<![\\w.)-])${slash}(?:home|Users|work|root)${slash}[\\w.]`),
    wanted: "a path that exists on every machine",
  },
  {
    pattern: new RegExp(`(?<![\\w.])${slash}tmp${slash}[\\w.]`),
    wanted: "os.tmpdir() in place of a fixed folder",
  },
  {
    pattern: new RegExp(["registry", "(npmjs|yarnpkg|npmmirror)", "\\w"].join(dot)),
    wanted: "no address of a package registry",
  },
];

/** @type {{ pattern: RegExp, wanted: string }[]} */
const inTests = [
  { pattern: /\b(?:it|test|describe|suite)\.only\(|\bonly: true\b/, wanted: "all tests to run" },
  { pattern: /\b(?:it|test|describe|suite)\.(?:skip|todo)\(/, wanted: '{ skip: "the reason" }' },
  { pattern: /\b(?:skip|todo): true\b|\bt\.(?:skip|todo)\(\s*\)/, wanted: "a reason in place of true" },
];

/**
 * @param {string} text
 * @param {string} file its path, which says whether it is a test
 * @returns {string[]} one `file:line: what is there, what is wanted` for each
 */
export function findWords(text, file) {
  const rules = /\.test\.ts$/.test(file) ? [...everywhere, ...inTests] : everywhere;
  return text.split("\n").flatMap((line, index) =>
    rules.flatMap(({ pattern, wanted }) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [`${file}:${index + 1}: "${found}" is there, ${wanted} is wanted`];
    }),
  );
}
