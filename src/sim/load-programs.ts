/** The programs of a module: what `gyre sim` runs, and what worker threads search. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ExploreOptions } from "./options.ts";
import type { Program } from "./run.ts";

/** One of them. */
export interface NamedProgram {
  /** Of the export, or in the object that is the export. */
  readonly name: string;
  readonly program: Program;
  /** What the module says of it; its `name` is that of the program, if that has one. */
  readonly options: ExploreOptions;
}

/**
 * Load a module, and find its programs: its default export, else every function that it exports. A default export
 * may be an object of programs, and a program may come with options of its own, as `{ program, options }`. An
 * export `options` is for all of them.
 *
 * TypeScript is run by Node where it can, or by the loader that there is, else by the tsx that is installed beside
 * the module.
 *
 * @param module - the URL or path of a file
 */
export async function loadPrograms(module: string): Promise<readonly NamedProgram[]> {
  const url = /^[a-z]+:\/\//.test(module) ? module : pathToFileURL(module).href;
  return programsOf(await load(url));
}

/** @returns the programs among what a module exports */
export function programsOf(exported: { readonly [name: string]: unknown }): readonly NamedProgram[] {
  const { default: main, options = {}, ...others } = exported;
  const shared = options as ExploreOptions;
  if (main === undefined) return fromEntries(others, shared);
  const only = fromEntries({ default: main }, shared);
  return only.length > 0 || typeof main !== "object" || main === null
    ? only
    : fromEntries(main as { readonly [name: string]: unknown }, shared);
}

function fromEntries(entries: { readonly [name: string]: unknown }, shared: ExploreOptions): NamedProgram[] {
  const found = Object.entries(entries).flatMap(([name, value]): NamedProgram[] => {
    const { program, options } = (isProgram(value) ? { program: value } : (value ?? {})) as {
      readonly program?: unknown;
      readonly options?: ExploreOptions;
    };
    if (!isProgram(program)) return [];
    const called = program.name === "" ? name : program.name;
    return [{ name, program, options: { name: called, ...shared, ...options } }];
  });
  // What one function has made is called alike: then it is the export that tells them apart.
  const isAlone = ({ options }: NamedProgram): boolean =>
    found.filter((each) => each.options.name === options.name).length === 1;
  return found.map((each) =>
    isAlone(each) ? each : { ...each, options: { ...each.options, name: each.name } },
  );
}

/** A class is a function too, and cannot be called. */
function isProgram(value: unknown): value is Program {
  return typeof value === "function" && !/^class\b/.test(Function.prototype.toString.call(value));
}

async function load(url: string): Promise<{ readonly [name: string]: unknown }> {
  try {
    return await import(url);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    await registerTsx(fileURLToPath(url));
    // Node keeps that the first one failed, by its name.
    return await import(`${url}?types`);
  }
}

/** By its functions: what `--import tsx` does is left out in threads other than the main one. */
async function registerTsx(path: string): Promise<void> {
  const file = findTsx(path);
  if (file === undefined) {
    throw new Error(
      `Cannot simulate ${path}: Node ${process.version} does not strip types, tsx is wanted (npm install --save-dev tsx)`,
    );
  }
  const tsx = (await import(pathToFileURL(file).href)) as { register(): void };
  tsx.register();
}

/** The module's tsx, else that of the folder that we are in. */
function findTsx(path: string): string | undefined {
  for (const from of [path, join(process.cwd(), "x.js")]) {
    try {
      const manifest = createRequire(from).resolve("tsx/package.json");
      const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as {
        exports: { "./esm/api": { import: { default: string } } };
      };
      return join(dirname(manifest), exports["./esm/api"].import.default);
    } catch {
      // Not there, or a version without such functions.
    }
  }
  return undefined;
}
