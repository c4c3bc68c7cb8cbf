/** Where the lanes of a drawing stand, in columns of text. */
import { columnsOf, visible } from "../../base/index.ts";
import type { Block, Lane, Row, Sequence } from "./model.ts";
import { formatTime } from "./time.ts";

/** Space between lanes where there is enough of it. */
const USUAL_GAP = 19;
const NARROWEST_GAP = 4;
/** A label in an arrow: `── label ──>`, with a bar on one side. */
const AROUND_LABEL = 9;
const WIDEST_LABEL = 40;
const WIDEST_NAME = 30;
const WIDEST_MARGIN = 30;
/** Words for what a lane waits for. */
export const WIDEST_WAIT = 30;

/** Columns of the drawing's parts. */
export interface Layout {
  /** Where the times end; their unit follows. */
  readonly timeEnd: number;
  /** Of each lane's bar. */
  readonly bars: readonly number[];
  /** Where the margin begins. */
  readonly margin: number;
  readonly marginColumns: number;
  readonly columns: number;
}

export function layoutOf(sequence: Sequence, columns: number, isAscii: boolean): Layout {
  const { lanes, blocks, unit, originUs } = sequence;
  const rows = blocks.flatMap((block) => block.rows);
  const width = (text: string, most: number): number => columnsOf(visible(text, most, isAscii));
  let timeColumns = 4;
  for (const block of blocks) {
    for (const atUs of [block.rows.at(-1)?.atUs ?? 0, block.untilUs]) {
      timeColumns = Math.max(timeColumns, formatTime(atUs - originUs, unit).length);
    }
  }
  const timeEnd = timeColumns + 1;
  const first = timeEnd + 5;
  const margins = marginsOf(sequence);
  const marginColumns = margins.reduce((most, text) => Math.max(most, width(text, WIDEST_MARGIN)), 0);
  const last = lanes.at(-1);
  const beside = waitColumns(sequence, width);
  const lastTitle = last === undefined ? 0 : last.isWorld ? 3 : width(last.title, WIDEST_NAME);
  const afterLast = Math.max(
    marginColumns === 0 ? 0 : marginColumns + beside + 3,
    lastTitle,
    lastTextColumns(sequence, width),
  );
  const room = Math.max(columns - first - afterLast, (lanes.length - 1) * NARROWEST_GAP);
  const gaps = gapsOf(lanes, rows, room, width);
  const bars = [first];
  for (const gap of gaps) bars.push((bars.at(-1) ?? first) + gap);
  const end = bars.at(-1) ?? first;
  const margin = end + 3 + beside;
  return { timeEnd, bars, margin, marginColumns: Math.max(columns - margin, 0), columns };
}

/** What the last lane waits for, in rows that have something in the margin, too. */
function waitColumns({ lanes, blocks }: Sequence, width: (text: string, most: number) => number): number {
  const words = blocks.flatMap(({ rows }) =>
    rows.flatMap((row) => {
      const hasMargin = row.from === undefined || row.line !== undefined;
      return (hasMargin && row.waits[lanes.length - 1]?.words) || [];
    }),
  );
  return words.reduce((most, text) => Math.max(most, width(text, WIDEST_WAIT) + "( )".length), 0);
}

/** Text that stands right of the last lane, as notes of it do. */
function lastTextColumns({ lanes, blocks }: Sequence, width: (text: string, most: number) => number): number {
  let most = 0;
  for (const { rows } of blocks) {
    for (const row of rows) {
      if (row.from !== lanes.length - 1 || row.to !== undefined) continue;
      most = Math.max(most, width(row.text, WIDEST_MARGIN) + 5);
    }
  }
  return most;
}

function gapsOf(
  lanes: readonly Lane[],
  rows: readonly Row[],
  room: number,
  width: (text: string, most: number) => number,
): number[] {
  const count = lanes.length - 1;
  if (count <= 0) return [];
  const usual = Math.max(Math.min(USUAL_GAP, Math.floor(room / count)), NARROWEST_GAP);
  const gaps = new Array<number>(count).fill(usual);
  const widen = (at: number, wanted: number): void => {
    if (at < count) gaps[at] = Math.max(gaps[at] ?? 0, wanted);
  };
  for (const [index, lane] of lanes.entries()) {
    // The world's title stands around its bar, so its neighbour's ends earlier.
    const isBeforeWorld = lanes[index + 1]?.isWorld === true;
    widen(index, width(lane.title, WIDEST_NAME) + (isBeforeWorld ? 5 : 3));
  }
  for (const row of rows) {
    if (row.from === undefined) continue;
    const label = width(row.text, WIDEST_LABEL);
    if (row.to === undefined) widen(row.from, label + 6);
    else widen(Math.min(row.from, row.to), label + AROUND_LABEL);
  }
  for (let excess = gaps.reduce((sum, gap) => sum + gap, 0) - room; excess > 0; excess--) {
    const widest = gaps.indexOf(Math.max(...gaps));
    if ((gaps[widest] ?? 0) <= NARROWEST_GAP) break;
    gaps[widest] = (gaps[widest] ?? 0) - 1;
  }
  return gaps;
}

/** What stands in the margin beside some row. */
function marginsOf(sequence: Sequence): string[] {
  return sequence.blocks.flatMap((block) => {
    const places = block.rows.map(placeOf).filter((place) => place !== "");
    const widest = places.reduce((most, place) => Math.max(most, place.length), 0);
    const beside = block.times === 1 ? "" : `  ${"x".padStart(widest)}${repeatText(sequence, block)}`;
    return [...places, beside, ...block.rows.filter((row) => row.from === undefined).map((row) => row.text)];
  });
}

/** Where the wait of a row stands: "app.ts:13". */
export function placeOf({ line }: Row): string {
  if (line === undefined) return "";
  const name = line.file.slice(Math.max(line.file.lastIndexOf("/"), line.file.lastIndexOf("\\")) + 1);
  return `${name}:${line.line}`;
}

/** "x37 until 41.0". */
export function repeatText({ originUs, unit }: Sequence, block: Block): string {
  return `x${block.times} until ${formatTime(block.untilUs - originUs, unit)}`;
}
