/** Lines of source around the places where coroutines wait: of those files only, whatever the page asks for. */
import { open } from "node:fs/promises";
import type { Row } from "../../trace/index.ts";
import type { Excerpt } from "./wire.ts";

const AROUND = 6;
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_FILES = 10_000;
/** A recording of somebody else's may name any file as its source. */
const SOURCES = /\.[cm]?[jt]sx?$/;

export class Excerpts {
  readonly #seen = new Set<string>();

  /** Let the files of these rows be read from now on. */
  allow(rows: readonly Row[]): void {
    for (const { file } of rows) {
      if (file !== undefined && SOURCES.test(file) && this.#seen.size < MOST_FILES) this.#seen.add(file);
    }
  }

  /**
   * The lines around `line` of `file`.
   *
   * @returns `undefined` when nothing waits in that file, or it is no longer there
   */
  async read(file: string, line: number): Promise<Excerpt | undefined> {
    if (!this.#seen.has(file)) return undefined;
    const text = await readStart(file).catch(() => undefined);
    if (text === undefined) return undefined;
    const first = Math.max(1, line - AROUND);
    const lines = text.split(/\r?\n/).slice(first - 1, line + AROUND);
    return { file, from: first, lines: lines.map((one) => one.slice(0, 400)) };
  }
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(Math.min(size, MOST_BYTES)) });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
