/** Stretches without a row: marks where nothing happens for long, and where rows are left out. */
import type { Block, Lane, Row } from "./model.ts";
import { formatDuration } from "./time.ts";

/** Shorter ones are seen in the times well enough. */
const SHORTEST_GAP_US = 500_000;
/** And so much of the whole. */
const SHARE_OF_WHOLE = 0.1;

/** Mark where nothing happens for long. */
export function insertGaps(blocks: readonly Block[], lanes: readonly Lane[]): Block[] {
  const firstUs = blocks[0]?.rows[0]?.atUs ?? 0;
  const lastUs = blocks.at(-1)?.untilUs ?? 0;
  const longUs = Math.max(SHORTEST_GAP_US, (lastUs - firstUs) * SHARE_OF_WHOLE);
  let beforeUs = firstUs;
  let before: Row | undefined;
  return blocks.map((block) => {
    const rows: Row[] = [];
    for (const row of block.rows) {
      if (before !== undefined && row.atUs - beforeUs >= longUs) {
        rows.push(gapRow(before, row, row.atUs - beforeUs, lanes));
      }
      rows.push(row);
      before = row;
      beforeUs = row.atUs;
    }
    beforeUs = block.untilUs;
    return { ...block, rows };
  });
}

function gapRow(before: Row, after: Row, quietUs: number, lanes: readonly Lane[]): Row {
  const busy = before.states.lastIndexOf("running");
  const text =
    busy < 0
      ? `nothing for ${formatDuration(quietUs)}`
      : `${lanes[busy]?.title ?? ""} runs for ${formatDuration(quietUs)}`;
  const { states } = before;
  return { ...emptyRow, kind: "gap", atUs: before.atUs, text, states, waits: after.waits };
}

const emptyRow = { from: undefined, to: undefined, how: undefined, line: undefined };

/** Keep the first and the last of `most` rows, and say how many are left out between them. */
export function leaveOut(blocks: readonly Block[], most: number): Block[] {
  const total = blocks.reduce((sum, block) => sum + block.rows.length, 0);
  if (total <= most) return [...blocks];
  const head = Math.ceil((most * 2) / 3);
  const tail = total - (most - head);
  const kept: Block[] = [];
  let at = 0;
  for (const block of blocks) {
    const rows = block.rows.filter((_, index) => at + index < head);
    const later = block.rows.filter((_, index) => at + index >= tail);
    at += block.rows.length;
    if (rows.length > 0) kept.push({ ...block, rows });
    const last = rows.at(-1);
    if (last !== undefined && at >= head) {
      kept.push({ rows: [omittedRow(last, total - most)], times: 1, untilUs: block.untilUs });
    }
    if (later.length > 0) kept.push({ ...block, rows: later });
  }
  return kept;
}

function omittedRow(before: Row, count: number): Row {
  const text = `${count} rows are left out`;
  const { atUs, states, waits } = before;
  return { ...emptyRow, kind: "omitted", atUs, text, states, waits };
}
