/** What a loop does again and again is drawn once, with how often. */
import type { Block, Row } from "./model.ts";

/** Rows of one turn of a loop, at most. */
const MOST_ROWS = 8;
/** So often at least: drawing it twice reads as well as `x2`. */
const FEWEST_TIMES = 3;

/**
 * Put rows that repeat into blocks.
 *
 * Numbers inside a text make no difference, as they count or measure in most loops; where they
 * differ they are drawn as `*`.
 */
export function mergeRepeats(rows: readonly Row[]): Block[] {
  const signatures = signaturesOf(rows);
  const blocks: Block[] = [];
  let single: Row[] = [];
  const finishSingle = (): void => {
    const last = single.at(-1);
    if (last !== undefined) blocks.push({ rows: single, times: 1, untilUs: last.atUs });
    single = [];
  };
  for (let at = 0; at < rows.length; ) {
    const { size, times } = longestRepeat(signatures, at);
    if (times === 1) {
      single.push(rows[at] as Row);
      at++;
      continue;
    }
    finishSingle();
    const turns = Array.from({ length: times }, (_, turn) =>
      rows.slice(at + turn * size, at + (turn + 1) * size),
    );
    const untilUs = turns.at(-1)?.at(-1)?.atUs ?? 0;
    blocks.push({ rows: turns[0]?.map((row, index) => common(row, turns, index)) ?? [], times, untilUs });
    at += size * times;
  }
  finishSingle();
  return blocks;
}

/** The same number for rows that look the same. */
function signaturesOf(rows: readonly Row[]): number[] {
  const numbers = new Map<string, number>();
  return rows.map(({ kind, from, to, text, how, line }) => {
    const place = line === undefined ? "" : `${line.file}:${line.line}`;
    const key = [kind, from ?? "", to ?? "", how ?? "", place, text.replace(/\d+/g, "*")].join("\0");
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/** The repetition from `at` on that covers the most rows; of equal ones that of the fewest. */
function longestRepeat(signatures: readonly number[], at: number): { size: number; times: number } {
  let best = { size: 1, times: 1 };
  for (let size = 1; size <= MOST_ROWS; size++) {
    // Each row is compared with the one a turn before: so long as they are equal, the turns are.
    let end = at + size;
    while (end < signatures.length && signatures[end] === signatures[end - size]) end++;
    const times = Math.floor((end - at) / size);
    if (times >= FEWEST_TIMES && size * times > best.size * best.times) best = { size, times };
  }
  return best;
}

/** `row` as it was in all turns: numbers that differ are stars. */
function common(row: Row, turns: readonly (readonly Row[])[], index: number): Row {
  const waits = row.waits.map((wait, lane) => {
    const isSame = turns.every((turn) => turn[index]?.waits[lane]?.words === wait?.words);
    return isSame || wait?.words === undefined ? wait : { ...wait, words: wait.words.replace(/\d+/g, "*") };
  });
  if (turns.every((turn) => turn[index]?.text === row.text)) return { ...row, waits };
  return { ...row, waits, text: row.text.replace(/\s*#\d+/g, "").replace(/\d+/g, "*") };
}
