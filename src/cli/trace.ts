/** `gyre trace`: record what a running process does for a while. */
import {
  type Blocked,
  connectProcess,
  formatBlocked,
  formatSummary,
  formatTree,
  type ProcessClient,
} from "../console/index.ts";
import type { Recording, Snapshot } from "../trace/index.ts";
import { type Command, FAILED, OK, onlyArgument, parse, readNumber, readPid } from "./command.ts";
import { checkWritable } from "./files.ts";
import { print, styleFor } from "./print.ts";
import { askBlocked, MOST_ROWS } from "./ps.ts";

const options = {
  all: { type: "boolean" },
  seconds: { type: "string" },
  output: { type: "string", short: "o" },
} as const;

export const trace: Command = {
  name: "trace",
  usage: "PID",
  summary: "record a process for some seconds, into a file",
  help: `  --seconds N       how long (default 5, at most 600)
  --all             of a process that was recorded before (gyre run --trace), that too
  -o, --output FILE where to write it (default gyre-PID.trace)

Look at it by "gyre view FILE" or "gyre draw FILE --request ID". A process that is recorded
already goes on with that. Of one that does nothing but
block there is nothing to record: then it says what blocks, writes no file, and fails.`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const pid = readPid(onlyArgument(parsed.positionals, "PID"));
    const seconds = readNumber(parsed, "seconds", { fallback: 5, least: 0, most: 600, isWhole: false });
    const path = (parsed.values.output as string | undefined) ?? `gyre-${pid}.trace`;
    checkWritable(path, "write the recording");
    const client = await connectProcess(pid);
    try {
      const askedAt = new Date().toISOString();
      const whole = await client.ask<Recording>("trace", { durationMs: seconds * 1000 });
      const wasOn = whole.program.startedAt < askedAt;
      const { lastPart, writeRecording } = await import("../trace/index.ts");
      const recording = wasOn && parsed.values.all !== true ? lastPart(whole, seconds * 1e6) : whole;
      const blocked = await askBlocked(client);
      if (blocked !== null) await tellBlocked(pid, blocked, recording, client);
      if (blocked !== null && recording.events.length === 0) return FAILED;
      writeRecording(path, recording);
      await print(`${path}: ${formatSummary(recording)}`);
      return OK;
    } finally {
      client.close();
    }
  },
};

/** That, and why, nothing more is recorded; on standard error, as it is no result. */
async function tellBlocked(
  pid: number,
  blocked: Blocked,
  { events }: Recording,
  client: ProcessClient,
): Promise<void> {
  const style = styleFor(process.stderr);
  const banner = formatBlocked(blocked, style);
  if (events.length > 0) {
    process.stderr.write(`gyre: process ${pid} does nothing more now: ${banner}`);
    return;
  }
  const snapshot = await client.ask<Snapshot>("snapshot", { limit: MOST_ROWS });
  process.stderr.write(
    `gyre: Cannot record process ${pid}: nothing happens in it, ${banner}${formatTree(snapshot, style)}`,
  );
}
