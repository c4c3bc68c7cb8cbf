/**
 * The model of a sequence drawing: lanes, and rows that say who told whom what.
 *
 * Text, Mermaid and SVG are written from it, so that all of them tell the same.
 */
import type { Location } from "../../gen/index.ts";
import type { End } from "../recording.ts";
import type { ActorState, Wait } from "./actor.ts";
import type { TimeUnit } from "./time.ts";

/** What is drawn. */
export interface Sequence {
  readonly unit: TimeUnit;
  /** The instant that is shown as 0. */
  readonly originUs: number;
  /** From left to right; the world, if it is needed, is the last. */
  readonly lanes: readonly Lane[];
  readonly blocks: readonly Block[];
  readonly summaries: readonly Summary[];
  /** What a reader must know beside: what is folded, lost, left out or not over. */
  readonly remarks: readonly string[];
}

export interface Lane {
  readonly title: string;
  /** Everything that is no coroutine: timers, sockets, stores, promises. */
  readonly isWorld: boolean;
}

/** Rows that happened once, or some rows that happened again and again. */
export interface Block {
  readonly rows: readonly Row[];
  /** How often; the rows are those of the first time. */
  readonly times: number;
  /** When the last row of the last time was. */
  readonly untilUs: number;
}

/**
 * - `begin`: a coroutine starts that nobody in the drawing called
 * - `call`, `return`: to one that was started, and back to who waits
 * - `request`, `answer`: to and from the world
 * - `wake`, `cancel`: from one coroutine to another
 * - `end`: a coroutine is over and nobody in the drawing takes its result
 * - `note`: what the program says of itself
 * - `gap`: nothing happens for long
 * - `omitted`: rows are left out, for there are too many
 * - `more`: what is not over when the recording ends
 */
export type RowKind =
  | "begin"
  | "call"
  | "return"
  | "request"
  | "answer"
  | "wake"
  | "cancel"
  | "end"
  | "note"
  | "gap"
  | "omitted"
  | "more";

export interface Row {
  readonly kind: RowKind;
  readonly atUs: number;
  /** The lane of who tells; `undefined` for what concerns no lane. */
  readonly from: number | undefined;
  /** The lane of who is told. */
  readonly to: number | undefined;
  readonly text: string;
  /** How the coroutine ended, in a `return` or `end`; in an `answer`, how a folded one did. */
  readonly how: End | undefined;
  /** The line that waits, or waited, for it. */
  readonly line: Location | undefined;
  /** What each lane does when the row is over. */
  readonly states: readonly LaneState[];
  /** What each lane has been waiting for since before the row. */
  readonly waits: readonly (Wait | undefined)[];
}

export type LaneState = ActorState | "world";

/** How one request spent its time. */
export interface Summary {
  readonly lane: number;
  /** Of which coroutine: `handle #1`. */
  readonly subject: string;
  /** "busy 0.8 ms of 41.9, 97 % waiting on http". */
  readonly text: string;
}
