// @ts-check
/**
 * Who may import whom, as a table, and the check that reads every import: values, types, inline `import("...")`
 * types, dynamic imports, and files named by `new URL("...", import.meta.url)`.
 *
 * The reasons for the order are in docs/design.md; this file only knows the order.
 */
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { listFiles } from "./files.mjs";

/**
 * One folder of `src/`.
 *
 * @typedef {object} Layer
 * @property {string[]} uses the folders on its right: it may use these, and what they may use
 * @property {string[] | "any"} builtins modules of Node that it may import
 * @property {"any" | { lazily: string[] }} packages what it may import from outside: anything, or only these
 *   and only by a dynamic import
 */

/** @type {{ lazily: string[] }} */
const none = { lazily: [] };

/** Left before right, as in `cli -> console -> ...`. @type {Record<string, Layer>} */
export const layers = {
  cli: { uses: ["console"], builtins: "any", packages: "any" },
  console: { uses: ["web", "trace", "sim"], builtins: "any", packages: "any" },
  web: { uses: ["sync"], builtins: "any", packages: "any" },
  trace: { uses: ["gen", "loop"], builtins: "any", packages: { lazily: ["@opentelemetry/api"] } },
  testing: { uses: ["sim"], builtins: [], packages: none },
  // It draws what failed into a file, and asks the inspector who reads the clock.
  // Programs are modules of the user, and TypeScript is for tsx where Node cannot.
  sim: { uses: ["trace", "sync"], builtins: "any", packages: { lazily: ["tsx"] } },
  sync: { uses: ["gen"], builtins: [], packages: none },
  // It maps the lines of coroutines back to their sources, hence files and paths.
  gen: { uses: ["loop"], builtins: "any", packages: none },
  loop: { uses: ["future"], builtins: "any", packages: { lazily: ["koffi", "piscina"] } },
  future: { uses: ["context"], builtins: [], packages: none },
  context: { uses: ["base"], builtins: ["node:async_hooks"], packages: none },
  base: { uses: [], builtins: ["node:util"], packages: none },
};

/** A door of its own may import what only its users have installed. @type {Record<string, string>} */
const packageOfDoor = { "src/sim/fast-check.ts": "fast-check" };

/** The folders behind `import ... from "gyre"`, which `src/index.ts` puts together. */
export const runtime = ["base", "context", "future", "loop", "gen", "sync"];

/**
 * One mention of another module.
 *
 * @typedef {object} Import
 * @property {string | undefined} specifier undefined when it is computed while the program runs
 * @property {number} line from 1
 * @property {boolean} isDynamic by `import()`
 */

/**
 * Read the imports of one TypeScript file.
 *
 * @param {string} text
 * @param {string} file its name, for errors
 * @returns {Import[]} in the order they stand
 * @throws {SyntaxError} when the file cannot be parsed
 */
export function readImports(text, file) {
  /** @type {Import[]} */
  const found = [];
  /** @param {any} node @param {any} source @param {boolean} [isDynamic] */
  const add = (node, source, isDynamic = false) => {
    if (source === null || source === undefined) return;
    const line = text.slice(0, node.start).split("\n").length;
    found.push({ specifier: literalText(source), line, isDynamic });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source),
    ExportAllDeclaration: (node) => add(node, node.source),
    ExportNamedDeclaration: (node) => add(node, node.source),
    TSImportType: (node) => add(node, node.source),
    TSExternalModuleReference: (node) => add(node, node.expression),
    ImportExpression: (node) => add(node, node.source, true),
    NewExpression: (node) => {
      // A thread's file is loaded by its URL; other URLs name no module of ours.
      const [first, second] = node.arguments;
      const isOfModule =
        node.callee.type === "Identifier" && node.callee.name === "URL" && second !== undefined;
      const path = isOfModule && first !== undefined ? literalText(first) : undefined;
      if (path !== undefined && /^\.{1,2}\/.*\.[mc]?[jt]s$/.test(path)) add(node, first);
    },
  }).visit(parse(text, file));
  return found;
}

/** @param {string} text @param {string} file */
function parse(text, file) {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`Cannot parse ${file}: ${error.message}`);
  return program;
}

/** @param {any} node @returns {string | undefined} */
function literalText(node) {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked;
  return undefined;
}

/**
 * The folders a layer may use: those on its right, and all on their right.
 *
 * @param {string} name
 * @returns {Set<string>}
 */
export function reach(name) {
  const direct = layers[name]?.uses ?? [];
  return new Set(direct.flatMap((other) => [other, ...reach(other)]));
}

/**
 * Check `src/`, `apps/` and `examples/` of a project.
 *
 * @param {string} folder of the project
 * @returns {string[]} one `file:line: rule` for each violation
 */
export function findViolations(folder) {
  /** @type {string[]} */
  const violations = [];
  /** What each file of src imports from src. @type {Map<string, { target: string, line: number }[]>} */
  const graph = new Map();
  const files = ["src", "apps", "examples"].flatMap((top) =>
    listFiles(join(folder, top), `${top}/`).filter((file) => /\.[mc]?ts$/.test(file)),
  );
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    const isSource = file.startsWith("src/");
    if (file === "src/index.ts") violations.push(...bodyViolations(file, text));
    for (const found of readImports(text, file)) {
      const rule = isSource ? sourceRule(file, found) : appRule(file, found);
      if (rule !== undefined) violations.push(`${file}:${found.line}: ${rule}`);
      if (isSource && found.specifier?.startsWith(".")) {
        const edges = graph.get(file) ?? [];
        edges.push({ target: resolve(file, found.specifier), line: found.line });
        graph.set(file, edges);
      }
    }
  }
  return [...violations, ...cycles(graph)];
}

/** @param {string} file @param {string} specifier */
function resolve(file, specifier) {
  return posix.join(dirname(file), specifier);
}

/** The folder of `src/` that a file is in; empty for `src/index.ts`. @param {string} file */
function layerOf(file) {
  const [, first = "", second] = file.split("/");
  return second === undefined ? "" : first;
}

/**
 * @param {string} file in src
 * @param {Import} found
 * @returns {string | undefined} the rule it breaks
 */
function sourceRule(file, { specifier, isDynamic }) {
  const name = layerOf(file);
  const layer = layers[name];
  if (layer === undefined && file !== "src/index.ts")
    return `"${name}" is no layer: add it to tools/layers.mjs`;
  if (specifier === undefined) {
    const mayCompute = layer !== undefined && (layer.packages === "any" || layer.packages.lazily.length > 0);
    return mayCompute
      ? undefined
      : "the name of an imported module is computed, it has to be written out here";
  }
  if (specifier.startsWith(".")) return pathRule(file, name, resolve(file, specifier));
  if (layer === undefined) return 'the door "gyre" exports only what the folders of the runtime export';
  if (specifier === "gyre" || specifier.startsWith("gyre/"))
    return "src/ imports its own folders by relative path";
  if (specifier.startsWith("node:")) {
    if (layer.builtins === "any" || layer.builtins.includes(specifier)) return undefined;
    return `${name} may not import ${specifier} (it may: ${layer.builtins.join(", ") || "no module of Node"})`;
  }
  if (layer.packages === "any" || packageOfDoor[file] === specifier) return undefined;
  if (!layer.packages.lazily.includes(specifier))
    return `${name} may not depend on a package, this is "${specifier}"`;
  return isDynamic ? undefined : `${name} may import "${specifier}" only by import(), when it is used`;
}

/**
 * @param {string} file
 * @param {string} name the layer of the file
 * @param {string} target the file it imports
 */
function pathRule(file, name, target) {
  if (!target.startsWith("src/")) return `src/ may not import ${target}, which is outside of it`;
  if (target === "src/index.ts") return "only users import the door src/index.ts, a folder imports folders";
  const other = layerOf(target);
  if (other === name) return undefined;
  const allowed = file === "src/index.ts" ? new Set(runtime) : reach(name);
  if (!allowed.has(other)) {
    return `${name || "src/index.ts"} may not import ${other} (it may: ${[...allowed].join(", ") || "nothing"})`;
  }
  if (target !== `src/${other}/index.ts`)
    return `${target} is inside ${other}, import its door src/${other}/index.ts`;
  return undefined;
}

/**
 * @param {string} file in apps or examples
 * @param {Import} found
 */
function appRule(file, { specifier }) {
  if (specifier === undefined || !specifier.startsWith(".")) return undefined;
  const home = file.startsWith("apps/") ? file.split("/").slice(0, 2).join("/") : "examples";
  const target = resolve(file, specifier);
  if (target.startsWith(`${home}/`)) return undefined;
  return `${home} may import only "gyre", "gyre/..." and its own files, this is ${target}`;
}

/** @param {string} file @param {string} text */
function bodyViolations(file, text) {
  return parse(text, file)
    .body.filter((node) => {
      if (node.type === "ExportAllDeclaration") return false;
      return node.type !== "ExportNamedDeclaration" || node.source === null;
    })
    .map(
      (node) => `${file}:${text.slice(0, node.start).split("\n").length}: it may hold nothing but re-exports`,
    );
}

/**
 * @param {Map<string, { target: string, line: number }[]>} graph
 * @returns {string[]} each cycle once, at the import that closes it
 */
function cycles(graph) {
  /** @type {string[]} */
  const found = [];
  /** @type {Set<string>} */
  const finished = new Set();
  /** @type {string[]} */
  const path = [];
  /** @param {string} file */
  const visit = (file) => {
    if (finished.has(file)) return;
    path.push(file);
    for (const { target, line } of graph.get(file) ?? []) {
      const at = path.indexOf(target);
      if (at >= 0)
        found.push(`${file}:${line}: files import each other: ${[...path.slice(at), target].join(" -> ")}`);
      else visit(target);
    }
    path.pop();
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}
