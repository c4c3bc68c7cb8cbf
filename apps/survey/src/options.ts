/** The command lines of the service and of its worker. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** `apps/survey/src` and `apps/survey/dist` are at the same depth. */
const defaultFolder = fileURLToPath(new URL("../../../data", import.meta.url));
const defaultPort = 8080;
const defaultMaxFileMb = 50;

export interface ServiceOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Absolute. */
  readonly folder: string;
  readonly hasLegacy: boolean;
  readonly hasWorker: boolean;
  readonly maxFileBytes: number;
  readonly hasConsole: boolean;
  /** Absolute: where the recording is written. */
  readonly traceFile: string | undefined;
}

export interface WorkerOptions {
  readonly folder: string;
}

/** A command line that says nothing to us; the message is for who typed it. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

export const serviceHelp = `Usage: npm start -- [options]

  --port NUMBER         port to listen on; default ${defaultPort}, and the next free one when it is taken
  --host ADDRESS        address to listen on; default 127.0.0.1, which only this machine reaches
  --data FOLDER         where answers and files are kept; default ./data
  --max-file-mb NUMBER  largest file that is taken, in MB; default ${defaultMaxFileMb}
  --no-worker           do not look into photos and videos here: "npm run worker" does
  --console             serve a page, on this machine only, that shows what the service does and waits for
  --trace FILE          record what it does, and write that to FILE at the end, and on SIGUSR2
  --legacy              add /legacy/s/..., where the old logic caches a stale answer
  --help                show this
`;

export const workerHelp = `Usage: npm run worker -- [options]

  --data FOLDER  the folder of the service; default ./data
  --help         show this
`;

type Values = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Read the command line of the service.
 *
 * @returns "help" when it is asked for
 * @throws {UsageError} for an option that is not known, or a value that cannot be
 */
export function readServiceOptions(args: readonly string[]): ServiceOptions | "help" {
  const values = read(args, {
    port: { type: "string" },
    host: { type: "string" },
    data: { type: "string" },
    "max-file-mb": { type: "string" },
    "no-worker": { type: "boolean" },
    console: { type: "boolean" },
    trace: { type: "string" },
    legacy: { type: "boolean" },
    help: { type: "boolean" },
  });
  if (values.help === true) return "help";
  const maxFileMb = readNumber("--max-file-mb", values["max-file-mb"], defaultMaxFileMb);
  if (!(maxFileMb > 0 && maxFileMb <= 100_000)) {
    throw new UsageError(
      `Cannot start: --max-file-mb is ${maxFileMb}, a number above 0, at most 100000, is wanted`,
    );
  }
  const port = readNumber("--port", values.port, defaultPort);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new UsageError(`Cannot start: --port is ${port}, a whole number from 0 to 65535 is wanted`);
  }
  return {
    host: readText("--host", values.host, "127.0.0.1"),
    port,
    folder: resolve(readText("--data", values.data, defaultFolder)),
    hasLegacy: values.legacy === true,
    hasWorker: values["no-worker"] !== true,
    maxFileBytes: Math.round(maxFileMb * 1_000_000),
    hasConsole: values.console === true,
    traceFile: values.trace === undefined ? undefined : resolve(readText("--trace", values.trace, "")),
  };
}

/** Read the command line of the worker. As `readServiceOptions`. */
export function readWorkerOptions(args: readonly string[]): WorkerOptions | "help" {
  const values = read(args, { data: { type: "string" }, help: { type: "boolean" } });
  if (values.help === true) return "help";
  return { folder: resolve(readText("--data", values.data, defaultFolder)) };
}

function read(args: readonly string[], options: Record<string, { type: "string" | "boolean" }>): Values {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS_") !== true) throw error;
    // Node's further sentences are about positional arguments, which there are none of.
    throw new UsageError(`Cannot start: ${message.split(". ")[0]?.split("\n")[0]}, see --help`);
  }
}

function readText(name: string, value: string | boolean | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new UsageError(`Cannot start: ${name} is empty, a value is wanted`);
}

function readNumber(name: string, value: string | boolean | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new UsageError(`Cannot start: ${name} is "${String(value)}", a number is wanted`);
}
