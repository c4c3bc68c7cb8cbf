/** What both programs do around their work: read the command line, show help, and say what went wrong. */
import { UsageError } from "./options.ts";
import { StoreError } from "./stores/index.ts";

/**
 * Run `work` with the options that `read` finds in the command line.
 *
 * The exit code is 0 at its end, 2 for a command line that cannot be read, and 1 when the work fails.
 */
export async function runProgram<O extends object>(
  help: string,
  read: (args: readonly string[]) => O | "help",
  work: (options: O) => Promise<void>,
): Promise<void> {
  try {
    const options = read(process.argv.slice(2));
    if (options === "help") process.stdout.write(help);
    else await work(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** The sentence alone where it says what the person can do about it; else all that is known. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (syscall === "listen" || syscall === "getaddrinfo") {
    return `Cannot listen on ${address ?? "this host"}${port === undefined ? "" : `, port ${port}`}: ${code}, another --host or --port is wanted`;
  }
  if (error instanceof UsageError || error instanceof StoreError) return error.message;
  return error.stack ?? error.message;
}
