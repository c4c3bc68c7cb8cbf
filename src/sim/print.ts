/** A failure as text: at most 15 lines, the error first. */
import type { SimFailureInfo } from "./failure.ts";

const MOST_LINES = 15;
const MOST_COLUMNS = 160;
/** The most that the error's own message takes. */
const ERROR_LINES = 6;

/** @param drawing - the file that has the picture, if there is one */
export function formatFailure(
  failure: Omit<SimFailureInfo, "text" | "drawing">,
  name: string,
  replayCommand: string,
  drawing: string | undefined,
): string {
  const { kind, error, token, schedule, deviations, realizable, shrinkRuns } = failure;
  const message = `${error.name}: ${error.message}`.split("\n").filter((line) => line.trim() !== "");
  const head = [
    `${name === "" ? "the program" : name} failed: ${kind}, in schedule ${schedule}${shrinkRuns === 0 ? "" : `, made small by ${shrinkRuns} more`}`,
    ...message.slice(0, ERROR_LINES).map((line) => `  ${line}`),
    `  token   ${token}`,
    `  replay  ${replayCommand}`,
  ];
  if (drawing !== undefined) head.push(`  drawing ${drawing}`);
  if (!realizable) head.push("  (only where what is ready may be reordered: no real run does this)");
  head.push(
    deviations.length === 0
      ? "  fails in plain order, without a turn"
      : `  ${count(deviations.length)} from plain order:`,
  );
  const room = Math.floor((MOST_LINES - head.length) / 2);
  const shown = deviations.length > room ? deviations.slice(0, Math.max(room, 1)) : deviations;
  const lines = shown.flatMap(({ at, chosen, instead }) => [
    `  ${String(at).padStart(3)}  ${chosen}`,
    `       before ${instead}`,
  ]);
  if (shown.length < deviations.length) {
    lines.splice(-1, 1, `       and ${deviations.length - shown.length} more, see the drawing`);
  }
  return [...head, ...lines].slice(0, MOST_LINES).map(cut).join("\n");
}

function count(deviations: number): string {
  return deviations === 1 ? "one turn" : `${deviations} turns`;
}

function cut(line: string): string {
  return line.length > MOST_COLUMNS ? `${line.slice(0, MOST_COLUMNS - 1)}…` : line;
}
