/** A program of its own, for what concerns the whole process: its end, its signals, its standard error. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(fileURLToPath(import.meta.url), "..");
const root = join(folder, "..", "..");

/** What a program may use that is run with what is built. */
const BUILT_NAMES = "IOLoop, sleep, moment";

/** Far above what any program here takes: it ends one that hangs. */
const LIMIT_MS = 60_000;

export interface Outcome {
  /** Lines of standard output. */
  readonly lines: string[];
  readonly stderr: string;
  /** The exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals;
}

export interface ChildOptions {
  /** Node's own flags. */
  readonly flags?: readonly string[];
  /** Run what is built, not the sources. */
  readonly built?: boolean;
  /** Called with each line, as it comes. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** Run a program's text to its end, with the runtime's everyday names, `net`, `Worker` and `system` in scope. */
export function runChild(text: string, options: ChildOptions = {}): Promise<Outcome> {
  const what = options.built
    ? ["--input-type=module", "--eval", `import { ${BUILT_NAMES} } from "gyre";\n${text}`]
    : ["--import", join(root, "tools", "strip.mjs"), "-C", "source", join(folder, "program.ts"), text];
  const flags = [...(options.flags ?? []), ...what];
  const child = spawn(process.execPath, flags, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    const lines = stdout.split("\n");
    for (; seen < lines.length - 1; seen++) options.onLine?.(lines[seen] as string, child);
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ lines: stdout.split("\n").slice(0, -1), stderr, end: signal ?? (code as number) });
    });
  });
}
