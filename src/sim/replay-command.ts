/** The one line that runs a token again, in the way in which this process was started. */
import { basename, relative } from "node:path";

export function replayCommand(token: string): string {
  const [, script = ""] = process.argv;
  const file = relative(process.cwd(), script);
  // Under a test runner with workers, the script is the worker's.
  if (file.includes("vitest")) return `GYRE_SIM_REPLAY=${token} npx vitest run`;
  const options = process.execArgv.filter((each) => !/^--test(-|$)/.test(each));
  return ["GYRE_SIM_REPLAY=" + token, basename(process.execPath), ...options, file].join(" ").trimEnd();
}
