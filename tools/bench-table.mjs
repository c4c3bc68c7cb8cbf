// @ts-check
/**
 * The speed table: from the rows that the measurements publish to cells, and from cells to text or Markdown.
 *
 * A cell of a peer says how many times gyre's figure it takes, so that more than 1 is in favour of gyre.
 */

/** @typedef {import("../bench/row.ts").Row} Row */
/** @typedef {import("../bench/row.ts").Goal} Goal */

/** What gyre is measured against, in the order of the columns. Other contenders of a row are printed with it only. */
export const peers = ["native", "co", "bluebird", "Effect", "Effection", "redux-saga", "Tornado"];

/** A goal against this holds when it does against every one of the peers that is a library. */
const libraries = "libraries";

/**
 * @param {readonly Row[]} rows
 * @returns {string[][]} the heading, then a line for each row
 */
export function toCells(rows) {
  // Rows about gyre alone need no columns for others.
  const columns = rows.some(({ ratios }) => peers.some((peer) => peer in ratios)) ? peers : [];
  const heading = ["", "gyre", ...columns, "goal", "holds"];
  return [heading, ...rows.map((row) => lineOf(row, columns))];
}

/**
 * @param {Row} row
 * @param {readonly string[]} columns
 */
function lineOf(row, columns) {
  const ratios = columns.map((peer) => formatRatio(row.ratios[peer]));
  const own = formatFigure(row.figures.gyre, row.unit);
  return [
    row.title,
    own,
    ...ratios,
    row.goals.map((goal) => formatGoal(goal, row.unit)).join(", "),
    verdict(row),
  ];
}

/**
 * "0.61x", "4.3x", "263x"; "-" where nothing was measured.
 *
 * @param {number | undefined} ratio
 */
export function formatRatio(ratio) {
  if (ratio === undefined) return "-";
  return `${ratio.toFixed(ratio < 2 ? 2 : ratio < 10 ? 1 : 0)}x`;
}

/**
 * With three digits or so, and microseconds as milliseconds where there are many.
 *
 * @param {number | undefined} figure
 * @param {Row["unit"]} unit
 */
export function formatFigure(figure, unit) {
  if (figure === undefined) return "-";
  if (unit === "us" && figure >= 1000) return formatFigure(figure / 1000, "ms");
  const isCount = unit === "B" || unit === "schedules" || unit === "characters";
  return `${figure.toFixed(figure < 100 && !isCount ? 1 : 0)} ${unit}`;
}

/**
 * @param {Goal} goal
 * @param {Row["unit"]} unit
 */
function formatGoal(goal, unit) {
  return "against" in goal ? `${goal.against} >= ${goal.atLeast}x` : `<= ${goal.atMost} ${unit}`;
}

/**
 * "yes", or "no" and where not. A goal against somebody who was not measured is not counted.
 *
 * @param {Row} row
 */
function verdict({ goals, figures, ratios }) {
  if (goals.length === 0) return "";
  const missed = goals.flatMap((goal) => {
    if ("atMost" in goal) return (figures.gyre ?? Number.POSITIVE_INFINITY) > goal.atMost ? ["itself"] : [];
    const others = goal.against === libraries ? peers.filter((peer) => peer !== "native") : [goal.against];
    return others.filter((other) => (ratios[other] ?? goal.atLeast) < goal.atLeast);
  });
  if (missed.length === 0) return "yes";
  if (goals.length === 1 && missed[0] === "itself") return "no";
  return `not against ${[...new Set(missed)].join(", ")}`;
}

/**
 * What the table stands on: versions, and who was not there.
 *
 * @param {readonly Row[]} rows
 * @param {Record<string, string>} versions of what is not measured by a row that says its own
 */
export function toNotes(rows, versions) {
  const all = { ...versions };
  for (const row of rows) Object.assign(all, row.versions);
  const notes = [
    `${Object.entries(all)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
  ];
  const absent = new Set(rows.flatMap((row) => row.absent));
  for (const name of absent) notes.push(`${name} is not on this machine: see CONTRIBUTING.md.`);
  return notes;
}

/** @param {string[][]} cells */
export function toText(cells) {
  const columns = columnsOf(cells);
  return cells.map((line) => `  ${padded(line, columns).join("  ")}`.trimEnd()).join("\n");
}

/** @param {string[][]} cells */
export function toMarkdown(cells) {
  const columns = columnsOf(cells);
  const [heading = [], ...lines] = cells.map((line) => `| ${padded(line, columns).join(" | ")} |`);
  const rule = columns.map(({ width, isNumber }) =>
    isNumber ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [heading, `| ${rule.join(" | ")} |`, ...lines].join("\n");
}

/**
 * How wide each column is, and whether it has figures.
 *
 * @param {string[][]} cells
 */
function columnsOf(cells) {
  const [heading = []] = cells;
  return heading.map((name, at) => ({
    width: Math.max(3, ...cells.map((line) => line[at]?.length ?? 0)),
    isNumber: at > 0 && name !== "goal" && name !== "holds",
  }));
}

/**
 * @param {string[]} line
 * @param {ReturnType<typeof columnsOf>} columns
 */
function padded(line, columns) {
  return line.map((cell, at) => {
    const { width = 0, isNumber = false } = columns[at] ?? {};
    return isNumber ? cell.padStart(width) : cell.padEnd(width);
  });
}
