/** `gyre trace`: record what a running process does for a while. */
import { connectProcess } from "../console/index.ts";
import type { Recording } from "../trace/index.ts";
import { type Command, OK, onlyArgument, parse, readNumber, readPid } from "./command.ts";
import { print } from "./print.ts";

const options = { seconds: { type: "string" }, output: { type: "string", short: "o" } } as const;

export const trace: Command = {
  name: "trace",
  usage: "PID",
  summary: "record a process for some seconds, into a file",
  help: `  --seconds N       how long (default 5, at most 600)
  -o, --output FILE where to write it (default gyre-PID.trace)

Look at it by "gyre view FILE" or "gyre draw FILE --request ID". A process that is recorded
already (gyre run --trace) gives all that it has, and goes on.`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const pid = readPid(onlyArgument(parsed.positionals, "PID"));
    const seconds = readNumber(parsed, "seconds", { fallback: 5, least: 0, most: 600 });
    const path = (parsed.values.output as string | undefined) ?? `gyre-${pid}.trace`;
    const client = await connectProcess(pid);
    try {
      const recording = await client.ask<Recording>("trace", { durationMs: seconds * 1000 });
      const { writeRecording } = await import("../trace/index.ts");
      writeRecording(path, recording);
      await print(`${path}: ${summaryOf(recording)}`);
      return OK;
    } finally {
      client.close();
    }
  },
};

/** How much a recording holds, in words. */
export function summaryOf({ works, events, dropped }: Recording): string {
  const lost = dropped === 0 ? "" : `, ${dropped} lost because the memory for them was full`;
  return `${events.length} events of ${works.length} coroutines${lost}`;
}
