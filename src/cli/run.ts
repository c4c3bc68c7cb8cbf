/** `gyre run`: start a program so that it can be looked into. */
import { existsSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Command, type Parsed, parse, readNumber, UsageError } from "./command.ts";
import { loadDoor } from "./door.ts";
import { checkWritable } from "./files.ts";

const options = {
  console: { type: "boolean" },
  port: { type: "string" },
  "allow-control": { type: "boolean" },
  trace: { type: "string" },
  sites: { type: "boolean" },
  "blocked-after": { type: "string" },
  import: { type: "string", multiple: true },
} as const;

export const run: Command = {
  name: "run",
  usage: "[OPTIONS] FILE [ARGUMENTS]",
  summary: "run a program so that gyre ps, tree, stack and trace can look into it",
  help: `  --console           serve the page too, on 127.0.0.1, and print its address
  --port N            of the page, with --console (default: any that is free)
  --allow-control     let the page cancel coroutines
  --trace FILE        record from the start, and write it to FILE at the end, also at that by a signal
  --sites             keep the line at which each coroutine is started (2 us each)
  --blocked-after MS  how long one thing may take before it is called blocking (default 200)
  --import MODULE     load a module first, as Node's --import does: a loader, say

FILE is JavaScript or TypeScript. Types are stripped by Node where it can, else by tsx where
it is installed, unless --import names a loader. What follows FILE goes to the program, which
runs in this very process: signals and the exit code are its own. SIGUSR2 makes it write what
it waits for to standard error.`,
  options,
  async run(args) {
    const { own, file, rest } = split(args);
    const parsed = parse(own, options);
    const port = readNumber(parsed, "port", { fallback: 0, least: 0, most: 65_535 });
    const blockedAfterMs = readNumber(parsed, "blocked-after", {
      fallback: 200,
      least: 1,
      most: 1e9,
      isWhole: false,
    });
    if (parsed.values.port !== undefined && !parsed.values.console)
      throw new UsageError("--port is of the page, --console is wanted with it");
    if (parsed.values.trace !== undefined)
      checkWritable(parsed.values.trace as string, "write the recording");
    const path = resolve(file);
    if (!existsSync(path)) throw new Error(`Cannot run ${file}: there is no such file`);
    await loadModules(parsed, path);
    // As if Node had been started with it.
    process.argv.splice(1, process.argv.length - 1, path, ...rest);
    await makeVisible(parsed, path, { port, blockedAfterMs });
    (Module as unknown as { runMain(path: string): void }).runMain(path);
    return undefined;
  },
};

/** What is ours, and what is the program's: all that follows the first word that is no option of ours. */
function split(args: readonly string[]): { own: readonly string[]; file: string; rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find(({ kind }) => kind === "positional");
  if (first === undefined) {
    parse(args, options);
    throw new UsageError("FILE is missing");
  }
  const rest = args.slice(first.index + 1);
  return {
    own: args.slice(0, first.index).filter((arg) => arg !== "--"),
    file: args[first.index] as string,
    rest: rest[0] === "--" ? rest.slice(1) : rest,
  };
}

async function loadModules({ values }: Parsed, path: string): Promise<void> {
  const require = createRequire(path);
  const wanted = (values.import ?? []) as string[];
  for (const name of wanted) {
    const isPath = name.startsWith(".") || name.startsWith("/");
    await import(pathToFileURL(isPath ? resolve(name) : require.resolve(name)).href);
  }
  if (wanted.length > 0 || ![".ts", ".mts", ".cts", ".tsx"].includes(extname(path)) || stripsTypes()) return;
  await import(pathToFileURL(findTsx(path)).href);
}

/** Does this Node run TypeScript by itself? */
function stripsTypes(): boolean {
  const { typescript } = process.features as { typescript?: "strip" | "transform" | false };
  return typescript === "strip" || typescript === "transform";
}

/** The program's tsx, else that of the folder that we are in. */
function findTsx(path: string): string {
  for (const from of [path, join(process.cwd(), "x.js")]) {
    try {
      return createRequire(from).resolve("tsx");
    } catch {
      // Not there.
    }
  }
  throw new Error(
    `Cannot run ${path}: Node ${process.version} does not strip types, tsx is wanted (npm install --save-dev tsx, or name a loader by --import)`,
  );
}

/** By the program's own gyre: there may be several, and only that one knows its coroutines. */
async function makeVisible(
  { values }: Parsed,
  path: string,
  { port, blockedAfterMs }: { readonly port: number; readonly blockedAfterMs: number },
): Promise<void> {
  const door = await loadDoor(path, "gyre/console", () => import("../console/index.ts"));
  const started = await door.startConsole({
    blockedAfterMs,
    allowControl: values["allow-control"] === true,
    sites: values.sites === true,
    ...(values.console ? { http: { port } } : {}),
    ...(values.trace === undefined ? {} : { trace: resolve(values.trace as string) }),
  });
  for (const problem of started.problems) process.stderr.write(`gyre: ${problem}\n`);
  if (started.address !== undefined) process.stderr.write(`gyre: the console is at ${started.address}\n`);
}
