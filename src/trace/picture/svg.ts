/**
 * A sequence as an SVG picture, for a page or a file of its own.
 *
 * No scripts, nothing loaded from elsewhere, and no ids, so that several may
 * stand in one page. The attributes alone make a light picture; where the page
 * allows its style sheet, the reader's preference for dark holds.
 */
import { columnsOf, visible } from "../../base/index.ts";
import { type Layout, layoutOf, placeOf, repeatText } from "./layout.ts";
import type { Block, Row, Sequence } from "./model.ts";
import { formatTime } from "./time.ts";

/** Pixels of one column of text, of 13 px in a font of fixed width. */
const COLUMN = 7.8;
const ROW = 26;
const HEAD = 52;
const PADDING = 16;
const BAR = 10;
const FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Colours by class: light, and dark. */
const COLOURS: Readonly<
  Record<string, readonly [attribute: "fill" | "stroke", light: string, dark: string]>
> = {
  paper: ["fill", "#ffffff", "#15181d"],
  ink: ["fill", "#1f2430", "#e4e7ec"],
  faint: ["fill", "#6b7280", "#9aa3b2"],
  box: ["fill", "#eef2fb", "#222a3a"],
  bar: ["fill", "#3b6fd4", "#6d9df5"],
  bad: ["fill", "#c2332d", "#ff7b72"],
  head: ["fill", "#465065", "#aab4c6"],
  thread: ["stroke", "#b4bccb", "#4a5365"],
  arrow: ["stroke", "#465065", "#aab4c6"],
  badArrow: ["stroke", "#c2332d", "#ff7b72"],
  bracket: ["stroke", "#9aa3b2", "#6b7280"],
};

/** The picture, with a line break at the end. */
export function toSvg(sequence: Sequence, columns = 120): string {
  return new SvgPainter(sequence, layoutOf(sequence, columns, false)).paint();
}

class SvgPainter {
  readonly #sequence: Sequence;
  readonly #layout: Layout;
  readonly #threads: string[] = [];
  readonly #bars: string[] = [];
  readonly #marks: string[] = [];
  readonly #told = new Set<unknown>();
  #width: number;

  constructor(sequence: Sequence, layout: Layout) {
    this.#sequence = sequence;
    this.#layout = layout;
    this.#width = columnX(layout.bars.at(-1) ?? layout.timeEnd) + 3 * COLUMN;
  }

  paint(): string {
    const { lanes, blocks } = this.#sequence;
    for (const index of lanes.keys()) this.#title(index);
    let y = HEAD + ROW;
    for (const block of blocks) {
      this.#block(block, y);
      y += block.rows.length * ROW;
    }
    this.#lifelines();
    y = this.#sentences(y - ROW / 2 + 8);
    return this.#document(Math.ceil(this.#width + PADDING), Math.ceil(y + PADDING));
  }

  #document(width: number, height: number): string {
    const { lanes, remarks, summaries } = this.#sequence;
    const names = lanes.map((lane) => visible(lane.title, 80)).join(", ");
    const title = lanes.length === 0 ? "Nothing was recorded" : `What happened between ${names}`;
    const description = [...summaries.map(({ subject, text }) => `${subject}: ${text}`), ...remarks].join(
      ". ",
    );
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" class="gyre-sequence" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FONT}" font-size="13">`,
      `<title>${escaped(title)}</title>`,
      `<desc>${escaped(visible(description, 1_000))}</desc>`,
      `<style>${STYLE}</style>`,
      `<rect ${paint("paper")} width="${width}" height="${height}"/>`,
      ...this.#threads,
      ...this.#bars,
      ...this.#marks,
      "</svg>",
      "",
    ].join("\n");
  }

  #title(index: number): void {
    const { lanes } = this.#sequence;
    const lane = lanes[index];
    if (lane === undefined) return;
    const next = this.#layout.bars[index + 1];
    const isBeforeWorld = lanes[index + 1]?.isWorld === true;
    const room = next === undefined ? 40 : next - this.#bar(index) - (isBeforeWorld ? 5 : 2);
    const text = visible(lane.title, Math.max(room, 1));
    const x = lane.isWorld ? this.#x(index) - 2.5 * COLUMN : this.#x(index) - 0.5 * COLUMN;
    const width = columnsOf(text) * COLUMN + 12;
    this.#marks.push(
      `<rect ${paint("box")} x="${px(x - 6)}" y="14" width="${px(width)}" height="26" rx="6"/>`,
    );
    this.#text(x, 31, text, "ink", ' font-weight="600"');
  }

  #block(block: Block, top: number): void {
    const { rows, times } = block;
    const x = columnX(this.#layout.margin);
    let widest = 0;
    for (const [index, row] of rows.entries()) {
      const y = top + index * ROW;
      this.#row(row, y);
      const isBare = row.from === undefined;
      const place = isBare ? row.text : placeOf(row);
      if (isBare && row.kind !== "note") this.#pause(row, y);
      const text = visible(place, isBare ? 80 : Math.max(this.#layout.marginColumns, 12));
      this.#text(x, y + 4, text, "faint");
      widest = Math.max(widest, columnsOf(text));
    }
    if (times === 1) return;
    const left = x + (widest === 0 ? 0 : widest + 1) * COLUMN;
    const bottom = top + (rows.length - 1) * ROW;
    const path = `M${px(left)} ${top - 8}h6V${bottom + 8}h-6`;
    this.#marks.push(`<path ${paint("bracket")} fill="none" d="${path}"/>`);
    this.#text(
      left + 14,
      (top + bottom) / 2 + 4,
      repeatText(this.#sequence, block),
      "ink",
      ' font-weight="600"',
    );
  }

  #row(row: Row, y: number): void {
    const { unit, originUs } = this.#sequence;
    if (row.kind !== "gap" && row.kind !== "omitted") {
      const time = `${formatTime(row.atUs - originUs, unit)} ${unit.name}`;
      this.#text(columnX(this.#layout.timeEnd + 3), y + 4, time, "faint", ' text-anchor="end"');
    }
    if (row.from !== undefined && row.to !== undefined) this.#arrow(row, y, row.from, row.to);
    else if (row.from !== undefined) this.#own(row, y, row.from);
    for (const [index, wait] of row.waits.entries()) {
      const isTouched = index === row.from || index === row.to || crosses(row, index);
      if (wait?.words === undefined || isTouched || this.#told.has(wait)) continue;
      const next = this.#layout.bars[index + 1] ?? this.#layout.columns;
      const text = visible(wait.words, Math.max(next - this.#bar(index) - 3, 1));
      this.#label(this.#x(index) + 10, y + 4, text, "faint", ' font-style="italic"');
      this.#told.add(wait);
    }
  }

  #arrow(row: Row, y: number, from: number, to: number): void {
    const isRight = to > from;
    const sign = isRight ? 1 : -1;
    const isBad =
      row.how === "error" || row.how === "cancel" || row.kind === "cancel" || row.text === "cancel";
    const start = this.#x(from) + sign * this.#edge(row, from);
    const end = this.#x(to) - sign * this.#edge(row, to);
    const isBack = row.kind === "return" || row.kind === "answer";
    const dash = isBack ? ' stroke-dasharray="5 3"' : "";
    const line = `M${px(start)} ${y}H${px(end - sign * 6)}`;
    this.#marks.push(
      `<path ${paint(isBad ? "badArrow" : "arrow")} fill="none" stroke-width="1.4"${dash} d="${line}"/>`,
    );
    const head = `M${px(end)} ${y}l${-sign * 8} -4v8z`;
    this.#marks.push(`<path ${paint(isBad ? "bad" : "head")} d="${head}"/>`);
    const left = Math.min(from, to);
    const right = Math.max(from, to);
    const room = this.#bar(left + 1) - this.#bar(left) - 3;
    const wide = this.#bar(right) - this.#bar(left) - 4;
    const text = visible(row.text, Math.max(columnsOf(visible(row.text, 60)) <= room ? room : wide, 1));
    this.#label(this.#x(left) + 14, y - 5, text, isBad ? "bad" : "ink");
  }

  #own(row: Row, y: number, from: number): void {
    const isBad = row.how === "error" || row.how === "cancel";
    const x = this.#x(from);
    if (row.kind === "end") {
      this.#marks.push(`<circle ${paint(isBad ? "bad" : "bar")} cx="${px(x)}" cy="${y}" r="5"/>`);
    }
    if (row.text === "") return;
    const room = this.#layout.columns - this.#bar(from) - 2;
    this.#label(x + 12, y + 4, visible(row.text, Math.max(room, 1)), isBad ? "bad" : "ink");
  }

  /** A stretch of time that is not drawn to its length. */
  #pause(row: Row, y: number): void {
    const left = columnX(this.#layout.bars[0] ?? 0) - 14;
    const right = this.#x(this.#layout.bars.length - 1) + 8;
    const dash = row.kind === "gap" ? "2 5" : "8 5";
    this.#threads.push(
      `<path ${paint("bracket")} fill="none" stroke-dasharray="${dash}" d="M${px(left)} ${y}H${px(right)}"/>`,
    );
  }

  /** What lanes do between the rows: thin lines, and bars on them. */
  #lifelines(): void {
    const rows = this.#sequence.blocks.flatMap((block) => block.rows);
    for (const [index, lane] of this.#sequence.lanes.entries()) {
      let since: { y: number; state: string } | undefined;
      const finish = (y: number): void => {
        if (since !== undefined) this.#stretch(index, since.state, since.y, y);
        since = undefined;
      };
      if (lane.isWorld) since = { y: 40, state: "world" };
      for (const [at, row] of rows.entries()) {
        const y = HEAD + ROW + at * ROW;
        const state = row.states[index] ?? "none";
        if (state === since?.state) continue;
        finish(y);
        if (state !== "none") since = { y, state };
      }
      finish(HEAD + ROW + (rows.length - 1) * ROW + (rows.length === 0 ? 0 : 10));
    }
  }

  #stretch(index: number, state: string, from: number, to: number): void {
    const x = this.#x(index);
    if (state === "running") {
      this.#bars.push(
        `<rect ${paint("bar")} x="${px(x - BAR / 2)}" y="${from - 3}" width="${BAR}" height="${Math.max(to - from, 0) + 6}" rx="2"/>`,
      );
      return;
    }
    const dash = state === "waiting" ? ' stroke-dasharray="3 4"' : "";
    this.#threads.push(
      `<path ${paint("thread")} fill="none" stroke-width="2"${dash} d="M${px(x)} ${from}V${to}"/>`,
    );
  }

  #sentences(top: number): number {
    const { summaries, remarks } = this.#sequence;
    let y = top;
    const lines = [...summaries.map(({ subject, text }) => `${visible(subject, 60)}: ${text}`), ...remarks];
    for (const line of lines) {
      y += 20;
      this.#text(PADDING, y, visible(line, this.#layout.columns), "faint");
    }
    return y;
  }

  /** Text on a patch of paper, as lines may run below it. */
  #label(x: number, y: number, text: string, colour: string, more = ""): void {
    if (text === "") return;
    const width = columnsOf(text) * COLUMN + 4;
    this.#marks.push(
      `<rect ${paint("paper")} opacity="0.85" x="${px(x - 2)}" y="${y - 11}" width="${px(width)}" height="13"/>`,
    );
    this.#text(x, y, text, colour, more);
  }

  #text(x: number, y: number, text: string, colour: string, more = ""): void {
    if (text === "") return;
    if (!more.includes("anchor")) this.#width = Math.max(this.#width, x + columnsOf(text) * COLUMN);
    this.#marks.push(
      `<text ${paint(colour)} x="${px(x)}" y="${y}"${more} xml:space="preserve">${escaped(text)}</text>`,
    );
  }

  /** How far from the middle of a lane an arrow begins. */
  #edge(row: Row, index: number): number {
    return row.states[index] === "running" ? BAR / 2 + 1 : 2;
  }

  #bar(index: number): number {
    return this.#layout.bars[index] ?? 0;
  }

  #x(index: number): number {
    return columnX(this.#bar(index)) + COLUMN / 2;
  }
}

function crosses({ from, to }: Row, index: number): boolean {
  return from !== undefined && to !== undefined && index > Math.min(from, to) && index < Math.max(from, to);
}

function columnX(column: number): number {
  return PADDING + column * COLUMN;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function paint(name: string): string {
  const [attribute, light] = COLOURS[name] as readonly [string, string, string];
  return `class="gyre-${name}" ${attribute}="${light}"`;
}

const STYLE = `@media (prefers-color-scheme: dark) { ${Object.entries(COLOURS)
  .map(([name, [attribute, , dark]]) => `.gyre-sequence .gyre-${name} { ${attribute}: ${dark}; }`)
  .join(" ")} }`;

/** `text`, which is `visible`, between two tags. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
