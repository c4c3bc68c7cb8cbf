/** `gyre tree`: the coroutines of a process, each below the one that started it. */
import { formatTree } from "../console/index.ts";
import { type Command, onlyArgument, parse, readNumber, readPid } from "./command.ts";
import { MOST_ROWS, showProcess } from "./ps.ts";

const options = { json: { type: "boolean" }, limit: { type: "string" } } as const;

export const tree: Command = {
  name: "tree",
  usage: "PID",
  summary: "show who started whom in a process, and what each waits for",
  help: `  --limit N   coroutines that are shown at most (default ${MOST_ROWS})
  --json      as JSON: the rows name their owners`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const pid = readPid(onlyArgument(parsed.positionals, "PID"));
    const limit = readNumber(parsed, "limit", { fallback: MOST_ROWS, least: 1, most: 1e7 });
    return await showProcess(pid, limit, parsed, formatTree);
  },
};
