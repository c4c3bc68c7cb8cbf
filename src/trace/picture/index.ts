/** Pictures of a recording: who told whom what, in one request. */
import type { Recording } from "../recording.ts";
import { toMermaid } from "./mermaid.ts";
import { sequenceOf } from "./sequence.ts";
import { toSvg } from "./svg.ts";
import { toText } from "./text.ts";

export type DrawFormat = "text" | "ascii" | "mermaid" | "svg";

export interface DrawOptions {
  /**
   * Which request: a label of it, `name #id`, `#id` or the id. Default: all of them if they are few, else the one
   * in which most happened.
   */
  readonly request?: string | undefined;
  /** Default "text". */
  readonly format?: DrawFormat | undefined;
  /** How wide text may be, and an SVG in characters: 40 to 1,000. Default 120. */
  readonly columns?: number | undefined;
}

/** A lane needs so much at least, the times and the margin besides. */
const LANE_COLUMNS = 12;
const OTHER_COLUMNS = 24;
const FEWEST_LANES = 4;
const MOST_LANES = 8;

/**
 * Draw one request of `recording` as a sequence: a lane for each coroutine, and a row for each message.
 *
 * A full bar runs, a thin one waits; what repeats is drawn once; leaves are folded into the lane that started them
 * where there are more than 8 lanes. Escapes whatever a name holds.
 *
 * @returns lines of text, the text of a Mermaid `sequenceDiagram`, or an SVG document; ends with a line break
 * @throws {RangeError} when no request, or too many, match; the message lists what could be meant
 * @throws {RangeError} when `columns` is no whole number from 40 to 1,000, or the format is none
 */
export function draw(recording: Recording, options: DrawOptions = {}): string {
  const { request, format = "text", columns = 120 } = options;
  if (!Number.isInteger(columns) || columns < 40 || columns > 1_000) {
    throw new RangeError(`Cannot draw: columns is ${columns}, a whole number from 40 to 1,000 is wanted`);
  }
  const fitting = Math.floor((columns - OTHER_COLUMNS) / LANE_COLUMNS);
  const lanes = Math.min(Math.max(fitting, FEWEST_LANES), MOST_LANES);
  switch (format) {
    case "text":
    case "ascii":
      return `${toText(sequenceOf(recording, { request, lanes }), { columns, isAscii: format === "ascii" })}\n`;
    case "mermaid":
      return toMermaid((rows) => sequenceOf(recording, { request, rows }));
    case "svg":
      return toSvg(sequenceOf(recording, { request, lanes }), columns);
    default:
      throw new RangeError(
        `Cannot draw: the format is ${JSON.stringify(format)}, "text", "ascii", "mermaid" or "svg" is wanted`,
      );
  }
}
