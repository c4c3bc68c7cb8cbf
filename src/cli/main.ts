#!/usr/bin/env node
/** `gyre`: which command it is, and what its outcome means to the shell. */
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { FAILED, OK, USAGE, UsageError } from "./command.ts";
import { commands } from "./commands.ts";

/**
 * Run the command that `args` names.
 *
 * @returns the exit code; `undefined` when the process is to go on
 */
export async function main(args: readonly string[]): Promise<number | undefined> {
  const [name = "", ...rest] = args;
  if (name === "--version" || name === "-v") {
    const { version } = await import("./version.ts");
    process.stdout.write(`${version()}\n`);
    return OK;
  }
  const asksForHelp = name === "" || name === "--help" || name === "-h";
  const command = await commands[asksForHelp ? "help" : name]?.();
  try {
    if (command === undefined) throw new UsageError(`there is no command "${name}"`);
    const code =
      rest[0] === "--help" || rest[0] === "-h" ? await helpOn(name) : await command.run(rest, commands);
    // Without any argument somebody tried what it does: that is no success.
    return name === "" ? USAGE : code;
  } catch (error) {
    if (error instanceof UsageError) {
      const hint = command === undefined ? "gyre help" : `gyre help ${command.name}`;
      process.stderr.write(
        `gyre${command === undefined ? "" : ` ${command.name}`}: ${error.message} (see "${hint}")\n`,
      );
      return USAGE;
    }
    process.stderr.write(`gyre: ${error instanceof Error ? error.message : String(error)}\n`);
    return FAILED;
  }
}

async function helpOn(name: string): Promise<number | undefined> {
  return (await commands.help?.())?.run([name], commands);
}

// Node resolves links in the url but not in the argument.
const [, started] = process.argv;
if (started !== undefined && pathToFileURL(realpathSync(started)).href === import.meta.url) {
  // A reader that has seen enough, as `head`, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? OK : FAILED),
  );
  const code = await main(process.argv.slice(2));
  if (code !== undefined) process.exitCode = code;
}
