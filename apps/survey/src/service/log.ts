/** The service's log: gyre's, with one more word and a time stamp on each entry. */
import { errorText, type Log } from "gyre";

export interface ServiceLog extends Log {
  info(message: string): void;
}

/**
 * A log of lines `2025-11-23T06:01:02.345Z level message`; further lines of an entry are indented.
 *
 * @param write - takes one entry with its line end; standard error if absent
 */
export function timestampedLog(
  write: (entry: string) => void = (entry) => void process.stderr.write(entry),
  now: () => number = Date.now,
): ServiceLog {
  const put = (level: string, text: string): void => {
    const at = new Date(now()).toISOString();
    write(`${at} ${level} ${text.replace(/\r?\n/g, "\n  ")}\n`);
  };
  return {
    info: (message) => put("info ", message),
    warn: (message) => put("warn ", message),
    error: (message, error) =>
      put("error", error === undefined ? message : `${message}\n${errorText(error)}`),
  };
}
