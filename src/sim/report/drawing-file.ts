/** Where the picture of a failing run is kept, for whoever wants to look. */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns the file; `undefined` where none can be written, as the failure itself is told anyway */
export function saveDrawing(name: string, token: string, drawing: string): string | undefined {
  const folder = join(tmpdir(), "gyre-sim");
  const file = join(
    folder,
    `${name.replace(/\W+/g, "-").slice(0, 60) || "program"}-${token.slice(3, 11)}.txt`,
  );
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, drawing);
    return file;
  } catch {
    return undefined;
  }
}
