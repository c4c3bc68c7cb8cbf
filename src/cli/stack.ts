/** `gyre stack`: what the main thread of a process runs at this moment. */
import { connectProcess, type Stack } from "../console/index.ts";
import { type Command, OK, onlyArgument, parse, readPid } from "./command.ts";
import { print, printJson } from "./print.ts";

const options = { json: { type: "boolean" } } as const;

export const stack: Command = {
  name: "stack",
  usage: "PID",
  summary: "show the stack that runs in a process now, an endless loop's too",
  help: "  --json      as JSON",
  options,
  async run(args) {
    const { values, positionals } = parse(args, options);
    const client = await connectProcess(readPid(onlyArgument(positionals, "PID")));
    try {
      const { frames } = await client.ask<Stack>("stack");
      if (values.json) await printJson({ frames });
      else
        await print(
          frames.length === 0 ? "nothing runs: the main thread waits for events" : frames.join("\n"),
        );
      return OK;
    } finally {
      client.close();
    }
  },
};
