/** `gyre help`: all commands, or one. */
import { type Command, type Commands, OK, parse, UsageError } from "./command.ts";
import { print } from "./print.ts";

export const help: Command = {
  name: "help",
  usage: "[COMMAND]",
  summary: "say what a command does",
  help: "",
  options: {},
  async run(args, all) {
    const [name] = parse(args, {}).positionals;
    if (name === undefined) {
      await print(await overview(all));
      return OK;
    }
    const command = await all[name]?.();
    if (command === undefined) throw new UsageError(`there is no command "${name}"`);
    const text = command.help.trimEnd();
    await print(
      [
        `gyre ${command.name} ${command.usage}`.trimEnd(),
        "",
        `${command.summary}.`,
        ...(text === "" ? [] : ["", text]),
      ].join("\n"),
    );
    return OK;
  },
};

async function overview(all: Commands): Promise<string> {
  const commands = await Promise.all(Object.values(all).map((load) => load()));
  const heads = commands.map(({ name, usage }) => `gyre ${name} ${usage}`.trimEnd());
  const width = Math.max(...heads.map(({ length }) => length));
  return [
    "gyre: see what a program of coroutines does and waits for.",
    "",
    ...commands.map(({ summary }, at) => `  ${(heads[at] as string).padEnd(width)}  ${summary}`),
    "",
    "gyre help COMMAND says more; gyre --version says which gyre this is.",
    "Exit codes: 0 done, 1 failed (why stands on standard error), 2 wrong use. gyre run ends as the program does.",
    "Colours only on a terminal, and not with NO_COLOR set.",
  ].join("\n");
}
