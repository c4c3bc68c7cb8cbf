/** Where an application says what happened: errors as every loop's log does, and one line a request. */
import { type Log, stderrLog } from "../loop/index.ts";

/** A log with a place for what is no trouble; without `info`, requests are not logged. */
export interface WebLog extends Log {
  info?(message: string): void;
}

/** Errors to standard error, requests to standard output. */
export const defaultLog: WebLog = {
  info(message: string): void {
    process.stdout.write(`${message}\n`);
  },
  warn: (message) => stderrLog.warn(message),
  error: (message, error) => stderrLog.error(message, error),
};

/** `text` on one line: what a client sent must not make lines of its own. */
export function oneLine(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
