/** `gyre ps`: which processes can be looked into; what one of them does and waits for. */
import {
  type Blocked,
  columns,
  connectAll,
  connectProcess,
  formatBlocked,
  formatDuration,
  formatHead,
  formatRows,
  type ProcessClient,
  type Stack,
} from "../console/index.ts";
import type { Snapshot } from "../trace/index.ts";
import {
  type Command,
  OK,
  onlyArgument,
  type Parsed,
  parse,
  readNumber,
  readPid,
  UsageError,
} from "./command.ts";
import { print, printJson, styleFor } from "./print.ts";

const options = {
  attach: { type: "boolean" },
  json: { type: "boolean" },
  limit: { type: "string" },
} as const;

/** Each line of a coroutine that has not been looked at before costs the program about 0.1 ms. */
export const MOST_ROWS = 100;

export const ps: Command = {
  name: "ps",
  usage: "[PID]",
  summary: "list processes, or the coroutines of one with the lines they wait at",
  help: `  --limit N   coroutines that are shown at most (default ${MOST_ROWS})
  --attach    ask a process that was not prepared, through Node's inspector, which this opens on
              127.0.0.1 for as long as it takes (Linux only; see docs/guide/visibility.md)
  --json      as JSON

A process can be looked into when it was started by "gyre run", or calls startConsole() of
gyre/console. It answers also while it is in an endless loop; then the lines that block it
come first.`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const limit = readNumber(parsed, "limit", { fallback: MOST_ROWS, least: 1, most: 1e7 });
    if (parsed.positionals.length === 0) {
      if (parsed.values.attach) throw new UsageError("PID is missing");
      return await listProcesses(parsed);
    }
    const pid = readPid(onlyArgument(parsed.positionals, "PID"));
    if (parsed.values.attach) {
      const { attach } = await import("./attach.ts");
      return await attach(pid, limit, parsed.values.json === true);
    }
    return await showProcess(pid, limit, parsed, formatRows);
  },
};

/** Ask one process, and show what it says by `format`. */
export async function showProcess(
  pid: number,
  limit: number,
  { values }: Parsed,
  format: typeof formatRows,
): Promise<number> {
  const client = await connectProcess(pid);
  try {
    const [blocked, snapshot] = await Promise.all([
      askBlocked(client),
      client.ask<Snapshot>("snapshot", { limit }),
    ]);
    if (values.json) await printJson({ blocked, ...snapshot });
    else {
      const style = styleFor(process.stdout);
      const banner = blocked === null ? "" : formatBlocked(blocked, style);
      await print(`${formatHead(snapshot, style)}\n${banner}${format(snapshot, style)}`);
    }
    return OK;
  } finally {
    client.close();
  }
}

/** What blocks a process, with its stack; `null` when nothing does. */
export async function askBlocked(client: ProcessClient): Promise<Blocked | null> {
  const blocked = await client.ask<Blocked | null>("blocked");
  if (blocked === null || blocked.frames.length > 0 || blocked.unreadable !== undefined) return blocked;
  // It began a moment ago, and its thread has not looked yet.
  const { telling } = await client.ask<Stack>("stack");
  return { ...blocked, frames: telling };
}

interface Listed {
  readonly pid: number;
  readonly program: string;
  readonly node: string;
  readonly startedAt: string;
  readonly blockedForMs: number | undefined;
  /** `undefined` when the process cannot say. */
  readonly coroutines: number | undefined;
}

async function listProcesses({ values }: Parsed): Promise<number> {
  const clients = await connectAll();
  const found = await Promise.all(clients.map(ask));
  for (const client of clients) client.close();
  if (values.json) {
    await printJson(found);
    return OK;
  }
  if (found.length === 0) {
    await print(
      'no process can be looked into: start one by "gyre run app.ts" (the survey service by "npm start -- --console"), or call startConsole() in it',
    );
    return OK;
  }
  const style = styleFor(process.stdout);
  const lines = columns([
    ["pid", "program", "up", "coroutines", "state"],
    ...found.map(({ pid, program, startedAt, coroutines, blockedForMs }) => [
      String(pid),
      program,
      formatDuration(Date.now() - Date.parse(startedAt)),
      coroutines === undefined ? "?" : String(coroutines),
      blockedForMs === undefined ? "runs" : `blocked for ${formatDuration(blockedForMs)}`,
    ]),
  ]);
  await print(lines.map((line, at) => (at === 0 ? style.faint(line) : line)).join("\n"));
  return OK;
}

async function ask(client: ProcessClient): Promise<Listed> {
  const { pid, program, node, startedAt } = client.hello;
  const blocked = await client.ask<Blocked | null>("blocked").catch(() => null);
  const counted = client.ask<Snapshot>("snapshot", { limit: 1, lines: false });
  const coroutines = await counted.then(
    ({ total }) => total,
    () => undefined,
  );
  return { pid, program, node, startedAt, blockedForMs: blocked?.forMs, coroutines };
}
