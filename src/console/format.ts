/** Snapshots as text for people: a table of coroutines, and the tree of who started whom. */
import type { Recording, Row, Snapshot } from "../trace/index.ts";
import type { Blocked } from "./source.ts";

/** Marks a piece of text for a terminal; leaves it as it is elsewhere. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  alarm(text: string): string;
}

export const plainStyle: Style = { strong: same, faint: same, alarm: same };

/** Levels that are shown by indenting; deeper ones stand below each other. */
const MOST_INDENTS = 40;

function same(text: string): string {
  return text;
}

/** A duration as people say it: 35 ms, 4.2 s, 3 min, 2.5 h. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Whose snapshot it is, in one line. */
export function formatHead({ program, pid, node, uptimeMs }: Snapshot, style: Style = plainStyle): string {
  return `${style.strong(program)}, process ${pid}, Node ${node}, up ${formatDuration(uptimeMs)}`;
}

/** How much a recording holds. */
export function formatSummary({ works, events, dropped, cutOff }: Recording): string {
  const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
  const lost = dropped === 0 ? "" : `, ${dropped} lost because the memory for them was full`;
  return `${count(events.length, "event")} of ${count(works.length, "coroutine")}${lost}${cutOff ? ", cut off" : ""}`;
}

/** What blocks, and where; ends with a line break. */
export function formatBlocked({ forMs, frames, unreadable }: Blocked, style: Style = plainStyle): string {
  const head = style.alarm(`blocked for ${formatDuration(forMs)}`);
  if (unreadable !== undefined) return `${head}; its stack cannot be read: ${unreadable}\n`;
  if (frames.length === 0) return `${head}\n`;
  return `${head}, by\n${frames.map((frame) => `  ${frame}\n`).join("")}`;
}

/** One line for each coroutine, and what is wrong. Ends with a line break. */
export function formatRows(found: Snapshot, style: Style = plainStyle): string {
  const names = namesOf(found.rows);
  const cells = found.rows.map((row) => [
    `#${row.id}`,
    row.name,
    stateOf(row, names),
    row.at ?? "",
    row.ageMs === undefined ? "" : formatDuration(row.ageMs),
    row.labels.join(" "),
  ]);
  const table = columns([["id", "coroutine", "state", "line", "age", "labels"], ...cells]);
  const lines = table.map((line, index) => (index === 0 ? style.faint(line) : line));
  return ended([
    countOf(found),
    ...(cells.length === 0 ? [] : lines),
    ...restOf(found),
    ...deadlocksOf(found, style),
  ]);
}

/** The coroutines, each below the one that started it. Ends with a line break. */
export function formatTree(found: Snapshot, style: Style = plainStyle): string {
  const names = namesOf(found.rows);
  const children = new Map<number | undefined, Row[]>();
  for (const row of found.rows) {
    // An owner that is not among the rows has ended, or was left out.
    const ownerId = row.ownerId !== undefined && names.has(row.ownerId) ? row.ownerId : undefined;
    const siblings = children.get(ownerId);
    if (siblings === undefined) children.set(ownerId, [row]);
    else siblings.push(row);
  }
  const lines = [countOf(found)];
  // A list of what is left, no recursion: there may be more levels than the stack has room for calls.
  const left = nodesBelow(children, undefined, "");
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { row, indent, isLast, isRoot } = next;
    const branch = isRoot ? "" : isLast ? "└─ " : "├─ ";
    const place = row.at === undefined ? "" : ` at ${row.at}`;
    const labels = row.labels.length === 0 ? "" : ` [${row.labels.join(" ")}]`;
    const age = row.ageMs === undefined ? "" : style.faint(`, ${formatDuration(row.ageMs)} old`);
    const name = style.strong(`${row.name} #${row.id}`);
    lines.push(`${indent}${branch}${name}${labels} ${stateOf(row, names)}${place}${age}`);
    const deeper = isRoot ? "" : `${indent}${isLast ? "   " : "│  "}`;
    const below = deeper.length > 3 * MOST_INDENTS ? indent : deeper;
    left.push(...nodesBelow(children, row.id, below));
  }
  return ended([...lines, ...restOf(found), ...deadlocksOf(found, style)]);
}

interface Node {
  readonly row: Row;
  readonly indent: string;
  readonly isLast: boolean;
  readonly isRoot: boolean;
}

/** Last one first, as they are taken from the end. */
function nodesBelow(
  children: ReadonlyMap<number | undefined, readonly Row[]>,
  id: number | undefined,
  indent: string,
): Node[] {
  const rows = children.get(id) ?? [];
  return rows
    .map((row, at) => ({ row, indent, isLast: at === rows.length - 1, isRoot: id === undefined }))
    .reverse();
}

function namesOf(rows: readonly Row[]): ReadonlyMap<number, string> {
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function stateOf({ state, on }: Row, names: ReadonlyMap<number, string>): string {
  if (state === "running") return "runs";
  if (state === "ready") return "is ready to go on";
  if (on.length === 0) return "waits";
  const sources = on.map((each) => {
    if (typeof each === "string") return each;
    const name = names.get(each);
    return name === undefined ? `#${each}` : `${name} #${each}`;
  });
  return `waits for ${sources.join(", ")}`;
}

function countOf({ total, rows }: Snapshot): string {
  const count = (state: Row["state"]): number => rows.filter((row) => row.state === state).length;
  const all = `${total} coroutine${total === 1 ? "" : "s"}`;
  if (total !== rows.length || total === 0) return all;
  return `${all}: ${count("waiting")} waiting, ${count("ready")} ready, ${count("running")} running`;
}

function restOf({ total, rows }: Snapshot): string[] {
  return rows.length < total ? [`... and ${total - rows.length} more`] : [];
}

function deadlocksOf({ deadlocks }: Snapshot, style: Style): string[] {
  return deadlocks.map((each) => style.alarm(`deadlock: ${each}`));
}

/** Cells side by side; the last of a line is not padded. */
export function columns(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_cell, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join("  ")
      .trimEnd(),
  );
}

function ended(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
