/** `gyre view`: the page over a recording. */
import { formatSummary, viewRecording } from "../console/index.ts";
import { readRecording } from "../trace/index.ts";
import { type Command, onlyArgument, parse, readNumber } from "./command.ts";
import { print } from "./print.ts";

const options = { port: { type: "string" } } as const;

export const view: Command = {
  name: "view",
  usage: "FILE",
  summary: "serve the page over a recording, on this machine only",
  help: `  --port N   of the page (default: any that is free)

Prints the address, with a token that lets its reader in. Ctrl-C ends it.`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const path = onlyArgument(parsed.positionals, "FILE");
    const port = readNumber(parsed, "port", { fallback: 0, least: 0, most: 65_535 });
    const recording = readRecording(path);
    const { address } = await viewRecording(recording, { port });
    await print(`${path}: ${formatSummary(recording)}\n${address}`);
    return undefined;
  },
};
