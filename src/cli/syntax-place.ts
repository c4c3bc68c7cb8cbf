/** Where a module, or one that it imports, cannot be read: Node keeps the place from whoever catches the error. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { formatLocation } from "../gen/index.ts";

const LIMIT_MS = 10_000;

/**
 * Have another process load the module, and die of it: then Node tells the place.
 *
 * @param url - of the module that was loaded
 * @returns `app.ts:3:28`; `undefined` when it is not told
 */
export function syntaxPlace(error: SyntaxError, url: string): string | undefined {
  const own = placeIn(String(error.stack));
  if (own !== undefined) return own;
  const { execPath, execArgv } = process;
  const script = `import(${JSON.stringify(url)})`;
  const { stderr } = spawnSync(execPath, [...execArgv, "--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: LIMIT_MS,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return placeIn(stderr);
}

/** What Node writes above an error of syntax: the file with its line, some lines up to that, and marks below the place. */
function placeIn(text: string): string | undefined {
  const [, file = "", line, space = ""] = /^(\S.*):(\d+)\n(?:.*\n){1,4}?([ \t]*)\^/m.exec(text) ?? [];
  if (line === undefined) return undefined;
  return formatLocation({
    file: file.startsWith("file:") ? fileURLToPath(file) : file,
    line: Number(line),
    column: space.length + 1,
  });
}
