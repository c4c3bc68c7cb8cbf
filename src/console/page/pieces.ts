/**
 * A snapshot whose lines are asked for a few at a time.
 *
 * The program stands still while it is asked, and a line takes about 0.1 ms. All at once would be a pause of 50 ms
 * each second, which its users feel; in pieces it is as long, but no pause is longer than some milliseconds.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Row, Snapshot } from "../../trace/index.ts";
import type { ConsoleSource } from "../source.ts";

const PIECE = 50;
const PAUSE_MS = 10;

/**
 * The first `limit` rows, those that wait with their lines.
 *
 * A row whose line is asked for is replaced by what it is then; so each row is right by itself, while rows may differ
 * by some milliseconds.
 *
 * @returns the snapshot, and for how long nothing was asked in between
 */
export async function snapshotInPieces(
  source: ConsoleSource,
  limit: number,
): Promise<{ readonly snapshot: Snapshot; readonly pausedMs: number }> {
  const first = await source.snapshot({ limit, lines: false });
  const waiting = first.rows.filter(({ state }) => state === "waiting").map(({ id }) => id);
  const newer = new Map<number, Row>();
  let pausedMs = 0;
  for (let from = 0; from < waiting.length; from += PIECE) {
    if (from > 0) {
      const startMs = performance.now();
      await pause(PAUSE_MS);
      pausedMs += performance.now() - startMs;
    }
    const ids = waiting.slice(from, from + PIECE);
    const wanted = new Set(ids);
    const { rows } = await source.snapshot({ limit, lines: ids });
    for (const row of rows) if (wanted.has(row.id)) newer.set(row.id, row);
  }
  const rows = first.rows.map((row) => newer.get(row.id) ?? row);
  return { snapshot: { ...first, rows }, pausedMs };
}
