/** Where a loop says what nobody else can be told: one line a message, to be replaced by a logger of your own. */

import { errorText } from "../base/index.ts";

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
