/** Text for the terminal: coloured only where one is, and as JSON where it is asked for. */

import { visible } from "../base/index.ts";
import { plainStyle, type Style } from "../console/index.ts";

const terminalStyle: Style = {
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
  alarm: (text) => `\u001b[31m${text}\u001b[39m`,
};

/** Colours only on a terminal, and not where NO_COLOR is set. Source: no-color.org. */
export function styleFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Style {
  const isWanted = stream.isTTY === true && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return isWanted ? terminalStyle : plainStyle;
}

/** The lines of `text` without codes for a terminal, which names and messages of a program may hold: they are shown. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => visible(line.replaceAll("\t", "  "), Number.POSITIVE_INFINITY))
    .join("\n");
}

/** Write to standard output; resolves when it is out, so that the process may end. */
export function print(text: string): Promise<void> {
  return printPiece(text.endsWith("\n") ? text : `${text}\n`);
}

/** The same of a part of a text: as it is. */
export function printPiece(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value, undefined, 2));
}
