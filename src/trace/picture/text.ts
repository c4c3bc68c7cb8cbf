/**
 * A sequence as text: box characters, or plain ones.
 *
 * A full bar runs, a thin one waits; time runs down, and a row is a message.
 */
import { columnsOf, visible } from "../../base/index.ts";
import { type Layout, layoutOf, placeOf, repeatText, WIDEST_WAIT } from "./layout.ts";
import type { Block, Row, Sequence } from "./model.ts";
import { formatTime } from "./time.ts";

/** The characters that lanes and arrows are made of. */
interface Pens {
  readonly running: string;
  readonly waiting: string;
  readonly joint: string;
  readonly line: string;
  readonly crossing: string;
  /** Where a lane ends with an arrow to the left, or to the right. */
  readonly endLeft: string;
  readonly endRight: string;
  /** Beside the rows of a block: the first, those between, the last, a lone one. */
  readonly block: readonly [string, string, string];
  readonly quiet: string;
  readonly more: string;
}

const BOX: Pens = {
  running: "█",
  waiting: "⋮",
  joint: "│",
  line: "─",
  crossing: "┼",
  endLeft: "┘",
  endRight: "└",
  block: ["┐", "│", "┘"],
  quiet: "~",
  more: "…",
};

const ASCII: Pens = {
  running: "#",
  waiting: ":",
  joint: "|",
  line: "-",
  crossing: "|",
  endLeft: "+",
  endRight: "+",
  block: ["\\", "|", "/"],
  quiet: "~",
  more: "...",
};

/** What a lane waits for is told where there is room for so much of it. */
const LEAST_WAIT = 16;

export interface TextOptions {
  /** How wide it may be. Default 120. */
  readonly columns?: number;
  /** Only the characters of ASCII. Default false. */
  readonly isAscii?: boolean;
}

/** The drawing as lines of text, without a line break at the end. */
export function toText(sequence: Sequence, { columns = 120, isAscii = false }: TextOptions = {}): string {
  const painter = new Painter(sequence, layoutOf(sequence, columns, isAscii), isAscii);
  return painter.paint();
}

class Painter {
  readonly #sequence: Sequence;
  readonly #layout: Layout;
  readonly #isAscii: boolean;
  readonly #pens: Pens;
  readonly #lines: string[] = [];
  /** Waits whose words are drawn. */
  readonly #told = new Set<unknown>();
  /** The last row of the world's lane. */
  readonly #worldEnd: Row | undefined;
  #isWorldOver = false;
  #isUnitTold = false;
  #isSummaryTold = false;

  constructor(sequence: Sequence, layout: Layout, isAscii: boolean) {
    this.#sequence = sequence;
    this.#layout = layout;
    this.#isAscii = isAscii;
    this.#pens = isAscii ? ASCII : BOX;
    const world = sequence.lanes.findIndex((lane) => lane.isWorld);
    this.#worldEnd = sequence.blocks
      .flatMap((block) => block.rows)
      .findLast((row) => world >= 0 && (row.from === world || row.to === world));
  }

  paint(): string {
    const { blocks, summaries, remarks } = this.#sequence;
    if (blocks.length > 0) this.#header();
    for (const block of blocks) this.#block(block, block === blocks.at(-1));
    for (const { subject, text } of this.#isSummaryTold ? [] : summaries) {
      this.#sentence(`${this.#fit(subject, 60)}: ${this.#fit(text, 200)}`);
    }
    for (const remark of remarks) this.#sentence(this.#fit(remark, 1_000));
    return this.#lines.join("\n");
  }

  #header(): void {
    const line = new Line(this.#layout.columns);
    const { lanes } = this.#sequence;
    line.put(1, "time");
    for (const [index, lane] of lanes.entries()) {
      const bar = this.#bar(index);
      if (lane.isWorld) {
        line.put(bar - 2, lane.title);
        continue;
      }
      const next = lanes[index + 1];
      const room =
        next === undefined ? this.#layout.columns - bar : this.#bar(index + 1) - bar - (next.isWorld ? 3 : 1);
      line.put(bar, this.#fit(lane.title, room));
    }
    this.#lines.push(line.toString());
  }

  #block(block: Block, isLast: boolean): void {
    const { rows, times } = block;
    const places = rows.map((row) =>
      this.#fit(row.from === undefined ? row.text : placeOf(row), this.#layout.marginColumns),
    );
    const bracketAt = places.reduce((most, place) => Math.max(most, columnsOf(place) + 2), 0);
    for (const [index, row] of rows.entries()) {
      const line = this.#row(row);
      let margin = places[index] ?? "";
      if (times > 1) {
        const [top, middle, bottom] = this.#pens.block;
        const pen = rows.length === 1 ? "" : index === 0 ? top : index === rows.length - 1 ? bottom : middle;
        const said = index === 0 ? repeatText(this.#sequence, block) : "";
        const space = bracketAt === 2 ? 0 : bracketAt - columnsOf(margin);
        margin = `${margin}${" ".repeat(space)}${pen}${pen === "" || said === "" ? "" : " "}${said}`;
      }
      line.put(this.#layout.margin, margin);
      if (isLast && row === rows.at(-1)) this.#summarize(line, row);
      this.#lines.push(line.toString());
    }
  }

  /** The summary of a lone request stands beside its end, if that is the last row and there is room. */
  #summarize(line: Line, row: Row): void {
    const [summary, ...others] = this.#sequence.summaries;
    if (summary === undefined || others.length > 0 || row.kind !== "end" || row.from !== summary.lane) return;
    const end = columnsOf(line.toString());
    const next = this.#layout.bars.find((bar) => bar + 2 >= end + 3);
    const at = next === undefined ? end + 3 : next + 2;
    const text = this.#fit(summary.text, 200);
    const place = [at, end + 3].find((column) => column + columnsOf(text) <= this.#layout.columns);
    if (place === undefined) return;
    line.put(place, text);
    this.#isSummaryTold = true;
  }

  #row(row: Row): Line {
    const line = new Line(this.#layout.columns);
    this.#time(line, row);
    for (const index of this.#sequence.lanes.keys()) line.put(this.#bar(index), this.#standing(row, index));
    if (row.from !== undefined && row.to !== undefined) this.#arrow(line, row, row.from, row.to);
    else if (row.from !== undefined) this.#own(line, row, row.from);
    this.#tellWaits(line, row);
    if (row === this.#worldEnd) this.#isWorldOver = true;
    return line;
  }

  #time(line: Line, row: Row): void {
    const { timeEnd } = this.#layout;
    const { unit, originUs } = this.#sequence;
    if (row.kind === "gap" || row.kind === "omitted") {
      const mark = row.kind === "gap" ? this.#pens.quiet : this.#pens.more;
      line.put(timeEnd - columnsOf(mark), mark);
      return;
    }
    const time = formatTime(row.atUs - originUs, unit);
    line.put(timeEnd - time.length, this.#isUnitTold ? time : `${time} ${unit.name}`);
    this.#isUnitTold = true;
  }

  /** What stands in a lane's column. */
  #standing(row: Row, index: number): string {
    const state = row.states[index];
    const { from, to } = row;
    if (state === "world") return this.#isWorldOver ? " " : this.#pens.joint;
    if (state === "running") return this.#pens.running;
    const isTouched = from === index || to === index;
    if (state === "waiting") return isTouched && to !== undefined ? this.#pens.joint : this.#pens.waiting;
    if (!isTouched) return " ";
    return to !== undefined && to < index ? this.#pens.endLeft : this.#pens.endRight;
  }

  #arrow(line: Line, row: Row, from: number, to: number): void {
    const { line: dash, crossing } = this.#pens;
    const left = this.#bar(Math.min(from, to));
    const right = this.#bar(Math.max(from, to));
    for (let column = left + 1; column < right; column++) {
      line.put(column, line.at(column) === " " ? dash : crossing);
    }
    if (from < to) line.put(right - 1, ">");
    else line.put(left + 1, "<");
    const at = left + (from < to ? 3 : 4);
    const label = this.#fit(row.text, right - at - (from < to ? 4 : 3));
    if (label !== "") line.put(at, ` ${label} `);
  }

  /** A row of one lane alone: a note, a beginning, an end. */
  #own(line: Line, row: Row, from: number): void {
    const bar = this.#bar(from);
    const text = row.kind === "end" ? `${this.#pens.line}> ` : " ";
    line.put(bar + 1, text);
    const start = bar + 1 + text.length;
    line.put(start, this.#fit(row.text, line.roomAt(start)));
  }

  /** Say what lanes wait for, once for each wait, where there is room beside them. */
  #tellWaits(line: Line, row: Row): void {
    for (const [index, wait] of row.waits.entries()) {
      if (wait?.words === undefined || this.#told.has(wait)) continue;
      const start = this.#bar(index) + 2;
      const words = this.#fit(wait.words, WIDEST_WAIT);
      const room = line.roomAt(start) - "()".length;
      if (line.at(start - 1) !== " " || room < Math.min(columnsOf(words), LEAST_WAIT)) continue;
      line.put(start, `(${this.#fit(words, room)})`);
      this.#told.add(wait);
    }
  }

  /** A line of words below the drawing, or some. */
  #sentence(text: string): void {
    const most = this.#layout.columns - 4;
    let line = "";
    for (const word of text.split(" ")) {
      const fitting = this.#fit(word, most);
      if (line !== "" && columnsOf(line) + 1 + columnsOf(fitting) > most) {
        this.#lines.push(` ${line}`);
        line = ` ${fitting}`;
      } else {
        line = line === "" ? fitting : `${line} ${fitting}`;
      }
    }
    this.#lines.push(` ${line}`);
  }

  #bar(index: number): number {
    return this.#layout.bars[index] ?? 0;
  }

  #fit(text: string, columns: number): string {
    return columns <= 0 ? "" : visible(text, columns, this.#isAscii);
  }
}

/** One line, as cells; a wide character takes two, the second of which is empty. */
class Line {
  readonly #cells: string[];

  constructor(columns: number) {
    this.#cells = new Array<string>(columns).fill(" ");
  }

  at(column: number): string {
    return this.#cells[column] ?? " ";
  }

  /** Write over what is there; what is past the end is left out. */
  put(column: number, text: string): void {
    let at = column;
    for (const { segment } of graphemes.segment(text)) {
      const columns = columnsOf(segment);
      if (at < 0 || at + columns > this.#cells.length) return;
      this.#cells[at] = segment;
      if (columns === 2) this.#cells[at + 1] = "";
      at += columns;
    }
  }

  /** Free columns from `column` on, with one left before what comes next. */
  roomAt(column: number): number {
    const next = this.#cells.findIndex((cell, index) => index >= column && cell !== " ");
    return next < 0 ? this.#cells.length - column : next - column - 1;
  }

  toString(): string {
    return this.#cells.join("").trimEnd();
  }
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
