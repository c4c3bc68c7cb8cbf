/** A failure as text: at most 15 lines, the error first. */
import { stripVTControlCharacters } from "node:util";
import { visible } from "../../base/index.ts";
import { firstUserLine, formatLocation, isOwnFrame } from "../../gen/index.ts";
import { InvariantError } from "../errors.ts";
import { type DeviationLine, inWords, type SimFailureInfo } from "./failure.ts";

const MOST_LINES = 15;
const MOST_COLUMNS = 160;
/** The most that the error's own message takes, its line included. */
const ERROR_LINES = 6;

/**
 * @param drawing - the file that has the picture, if there is one
 * @returns at most 15 lines
 */
export function formatFailure(
  failure: Omit<SimFailureInfo, "text" | "drawing">,
  name: string,
  replayCommand: string,
  drawing?: string,
): string {
  const { kind, error, token, schedule, deviations, realizable, shrinkRuns, hints } = failure;
  const message = inWords(error)
    .split(/\r?\n/)
    .filter((line) => !isForeign(line))
    .slice(0, ERROR_LINES)
    .flatMap((line) => wrapped(messageLine(line)));
  const turns = turnsOf(deviations);
  const at = kind === "error" || kind === "invariant" ? throwLine(error) : undefined;
  // What needs no turn was not made smaller, only looked at.
  const small = shrinkRuns === 0 || turns.length === 0 ? "" : `, made small by ${shrinkRuns} more`;
  const isNamed = at === undefined || message.some((line) => line.includes(at));
  const head = [
    cut(`${name === "" ? "the program" : name} failed: ${kind}, ${whichRun(schedule)}${small}`),
    ...message.slice(0, isNamed ? ERROR_LINES : ERROR_LINES - 1).map((line) => cut(`  ${line}`)),
    ...(isNamed ? [] : [cut(`    at ${at}`)]),
    `  token   ${token}`,
  ];
  // A replay shows nothing of what another run does otherwise.
  if (kind !== "nondeterminism" && kind !== "uncontrolled") head.push(`  replay  ${replayCommand}`);
  if (drawing !== undefined) head.push(`  drawing ${drawing}`);
  if (!realizable) head.push("  only where what is ready may be reordered: no real run does this");
  head.push(...hints.map((hint) => cut(`  ${hint}`)));
  if (turns.length > 0) head.push(`  ${count(turns.length)} from plain order:`);
  else if (kind !== "nondeterminism" && kind !== "uncontrolled") {
    const isUntold = hints.length === 0 && (kind === "error" || kind === "invariant");
    const tip = isUntold ? " (of what is given to sim.shared it is told who read and wrote it)" : "";
    head.push(`  fails in plain order already${tip}`);
  }
  return [...head, ...turnLines(turns, MOST_LINES - head.length).map(cut)].join("\n");
}

function whichRun(schedule: number): string {
  return schedule === 0 ? "replayed" : `in schedule ${schedule}`;
}

/** The frame that calls a run: what is behind it, such as the test, is not where the program fails. */
const RUN_BEGINS = /^\s+at (?:Module\.)?runOnce /;

/** The program's own line that threw `error`, or its cause where an invariant tells of it. */
function throwLine(error: Error): string | undefined {
  try {
    const thrown = error instanceof InvariantError && error.cause instanceof Error ? error.cause : error;
    const frames = String(thrown.stack).split("\n");
    const end = frames.findIndex((frame) => RUN_BEGINS.test(frame));
    const line = firstUserLine(frames.slice(0, end < 0 ? frames.length : end).join("\n"));
    return line && formatLocation(line);
  } catch {
    // A stack may be made to fail.
    return undefined;
  }
}

/** Deviations that follow each other, in which one and the same went ahead of one and the same. */
interface Turn {
  readonly at: number;
  readonly chosen: string;
  readonly instead: string;
  readonly isOrder: boolean;
  /** What else went ahead, the last of it. */
  last: string | undefined;
  steps: number;
}

function turnsOf(deviations: readonly DeviationLine[]): Turn[] {
  const turns: Turn[] = [];
  for (const { at, chosen, instead, isOrder } of deviations) {
    const before = turns.at(-1);
    if (
      before?.isOrder === true &&
      before.instead === instead &&
      before.at + before.steps === at &&
      whose(before.chosen) === whose(chosen)
    ) {
      before.last = chosen;
      before.steps++;
    } else turns.push({ at, chosen, instead, isOrder, last: undefined, steps: 1 });
  }
  return turns;
}

/** The coroutine in `"read" of editor #2 at app.ts:3:5`. */
function whose(text: string): string | undefined {
  return / of (.* #\d+)/.exec(text)?.[1];
}

/** Two lines each, as many as there is room for. */
function turnLines(turns: readonly Turn[], room: number): string[] {
  const all = turns.flatMap(({ at, chosen, instead, isOrder, last, steps }) => [
    `  ${String(at).padStart(3)}  ${chosen}${last === undefined ? "" : `, ${steps} steps up to ${last.replace(/ of .* #\d+/, "")}`}`,
    `       ${isOrder ? "before" : "where"} ${instead}${isOrder ? "" : " in plain order"}`,
  ]);
  if (all.length <= room) return all;
  const shown = Math.floor((room - 1) / 2);
  return [...all.slice(0, 2 * shown), `       and ${turns.length - shown} more, see the drawing`];
}

function count(turns: number): string {
  return turns === 1 ? "one turn" : `${turns} turns`;
}

/** A line that is too long, as several: what to do about an error stands at its end. */
function wrapped(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let rest = line;
  while (rest.length > MOST_COLUMNS - 2) {
    const at = rest.lastIndexOf(" ", MOST_COLUMNS - 2);
    // A word that is longer than a line stays whole.
    if (at <= indent.length + 2) break;
    lines.push(rest.slice(0, at));
    rest = `${indent}  ${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}

/** A frame of a stack that is not the program's. */
function isForeign(line: string): boolean {
  return isOwnFrame(line) || /^\s+at .*\(?node:/.test(line);
}

/** Names and labels may have line breaks. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, " ");
}

/** What a program calls its things may hold anything: codes for the terminal are shown, and not obeyed. */
function cut(text: string): string {
  return visible(oneLine(text), MOST_COLUMNS);
}

/** The same of a message, as much as may be shown: colours, as node:assert has them on a terminal, are left out. */
function messageLine(line: string): string {
  return visible(stripVTControlCharacters(line).replaceAll("\t", "  "), ERROR_LINES * MOST_COLUMNS);
}
