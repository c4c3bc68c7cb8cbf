/**
 * A sequence as the text of a Mermaid `sequenceDiagram`.
 *
 * Mermaid refuses what is longer than 50,000 characters, and a name may hold
 * anything: so rows are left out until it fits, and what is no letter, digit or
 * harmless sign is written as the number of its character.
 */
import { visible } from "../../base/index.ts";
import type { Block, Row, Sequence } from "./model.ts";
import { formatTime } from "./time.ts";

/** What it refuses is a little more. */
const MOST_CHARACTERS = 48_000;
const MOST_ROWS = 300;
const LONGEST_LABEL = 60;
const LONGEST_SENTENCE = 400;

/**
 * The drawing as text for Mermaid, with a line break at the end.
 *
 * @param sequenceOf - the model with so many rows at most
 */
export function toMermaid(sequenceOf: (rows: number) => Sequence): string {
  for (let most = MOST_ROWS; ; most = Math.floor(most * 0.7)) {
    const text = write(sequenceOf(most));
    if (text.length <= MOST_CHARACTERS || most < 1) return text;
  }
}

function write(sequence: Sequence): string {
  const { lanes, blocks, summaries, remarks } = sequence;
  const lines = ["sequenceDiagram"];
  for (const [index, lane] of lanes.entries()) {
    lines.push(`  participant ${nameOf(index)} as ${escaped(visible(lane.title, LONGEST_LABEL))}`);
  }
  const active = lanes.map(() => false);
  for (const block of blocks) lines.push(...blockLines(sequence, block, active));
  for (const [index, isActive] of active.entries()) if (isActive) lines.push(`  deactivate ${nameOf(index)}`);
  const sentences = [...summaries.map(({ subject, text }) => `${subject}: ${text}`), ...remarks];
  if (lanes.length === 0) {
    // A diagram needs someone who takes part.
    lines.push("  participant world");
  }
  for (const sentence of sentences) lines.push(noteOver(lanes.length, sentence, LONGEST_SENTENCE));
  return `${lines.join("\n")}\n`;
}

function blockLines(sequence: Sequence, block: Block, active: boolean[]): string[] {
  const { unit, originUs, lanes } = sequence;
  const lines: string[] = [];
  for (const row of block.rows) {
    lines.push(messageLine(sequence, row));
    for (const index of lanes.keys()) {
      const isRunning = row.states[index] === "running";
      if (isRunning === active[index]) continue;
      lines.push(`  ${isRunning ? "activate" : "deactivate"} ${nameOf(index)}`);
      active[index] = isRunning;
    }
  }
  if (block.times === 1) return lines;
  const until = `${formatTime(block.untilUs - originUs, unit)} ${unit.name}`;
  return [`  loop x${block.times}, until ${escaped(until)}`, ...lines.map((line) => `  ${line}`), "  end"];
}

function messageLine({ unit, originUs, lanes }: Sequence, row: Row): string {
  const time = `${formatTime(row.atUs - originUs, unit)} ${unit.name}`;
  const { from, to } = row;
  if (from === undefined) {
    const isTimed = row.kind === "note" || row.kind === "more";
    return noteOver(lanes.length, isTimed ? `${time}: ${row.text}` : row.text, LONGEST_LABEL);
  }
  if (to === undefined) {
    const said = row.kind === "begin" ? "begins" : row.text;
    return `  Note over ${nameOf(from)}: ${escaped(visible(`${time}: ${said}`, LONGEST_LABEL))}`;
  }
  const label = row.text === "" ? time : `${time}: ${row.text}`;
  return `  ${nameOf(from)}${arrowOf(row)}${nameOf(to)}: ${escaped(visible(label, LONGEST_LABEL))}`;
}

function arrowOf({ kind, how }: Row): string {
  if (how === "error" || how === "cancel") return "--x";
  if (kind === "cancel") return "-x";
  if (kind === "wake") return "-)";
  return kind === "return" || kind === "answer" ? "-->>" : "->>";
}

function noteOver(lanes: number, text: string, columns: number): string {
  const over = lanes === 0 ? "world" : lanes === 1 ? nameOf(0) : `${nameOf(0)},${nameOf(lanes - 1)}`;
  return `  Note over ${over}: ${escaped(visible(text, columns))}`;
}

/** Words of Mermaid's own are none of these. */
function nameOf(index: number): string {
  return `lane${index}`;
}

/** `text` as Mermaid shows it, whatever it is. */
function escaped(text: string): string {
  const signs = text.replace(/[^\p{L}\p{N} ._/()=]/gu, (sign) => `#${sign.codePointAt(0)};`);
  // This word alone ends a block, wherever it stands.
  return signs.replace(/\bend\b/giu, (word) => `#${word.charCodeAt(0)};${word.slice(1)}`);
}
