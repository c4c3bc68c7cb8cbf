/** Where a loop says what nobody else can be told: one line a message, to be replaced by a logger of your own. */

/** What a loop needs of a logger; `console` and the usual loggers fit. */
export interface Log {
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** Writes to standard error, so that nothing is silent before a logger was set up. */
export const stderrLog: Log = {
  warn(message: string): void {
    process.stderr.write(`gyre: ${message}\n`);
  },
  error(message: string, error?: unknown): void {
    process.stderr.write(`gyre: ${message}${error === undefined ? "" : `\n${errorText(error)}`}\n`);
  },
};

/** An error as text, its causes and all: the stack where there is one. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by: ${errorText(error.cause)}`;
}
