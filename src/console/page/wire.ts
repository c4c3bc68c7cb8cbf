/** What the page and its server say to each other: JSON, every type of it. */
import type { Recording, Snapshot, TraceEvent } from "../../trace/index.ts";
import type { Blocked, Overview } from "../source.ts";

/** What the page is told again and again: all that it shows of one moment. */
export interface State {
  /** A program that runs, or a recording at some time. */
  readonly kind: "live" | "recording";
  readonly allowControl: boolean;
  /** How long the program was asked for; the page asks again after ten times as long, at the earliest. */
  readonly tookMs: number;
  readonly snapshot: Snapshot | undefined;
  readonly overview: Overview | undefined;
  readonly blocked: Blocked | undefined;
  /** Why something of it is missing, as sentences. */
  readonly failures: readonly string[];
  readonly recording: RecordingInfo | undefined;
  /** The files that were opened. */
  readonly recordings: readonly RecordingInfo[];
}

/** A recording that the server holds. */
export interface RecordingInfo {
  readonly id: string;
  readonly name: string;
  readonly program: Recording["program"];
  readonly durationUs: number;
  readonly events: number;
  readonly coroutines: number;
  readonly dropped: number;
  readonly cutOff: boolean;
}

/** What is recorded of one coroutine. */
export interface History {
  /** The newest at the end; at most 200. */
  readonly events: readonly NamedEvent[];
  /** How often it ran, how long in all, and how it ended, if it has. */
  readonly steps: number;
  readonly busyUs: number;
  readonly startedUs: number | undefined;
  readonly ended: { readonly atUs: number; readonly how: string } | undefined;
}

/** An event together with the name of the other coroutine in it, if there is one. */
export interface NamedEvent {
  readonly event: TraceEvent;
  readonly other: string | undefined;
}

/** Some lines of a source file. */
export interface Excerpt {
  readonly file: string;
  /** The number of the first line. */
  readonly from: number;
  readonly lines: readonly string[];
}

/** When coroutines ran, for a range of time. */
export interface Timeline {
  readonly fromUs: number;
  readonly toUs: number;
  readonly durationUs: number;
  /** In the order of starting. */
  readonly lanes: readonly Lane[];
  /** How many there would be without a limit. */
  readonly total: number;
  /** How many did nothing but wait all the time; they are left out. */
  readonly quiet: number;
  /** How many events there are in each of the equal parts of the whole recording. */
  readonly density: readonly number[];
}

/** One coroutine's row. */
export interface Lane {
  readonly id: number;
  readonly name: string;
  readonly ownerId: number | undefined;
  readonly labels: readonly string[];
  readonly depth: number;
  readonly startUs: number;
  readonly endUs: number | undefined;
  readonly how: string | undefined;
  /** When it ran: pairs of begin and end. Those too close to be told apart are one. */
  readonly runs: readonly (readonly [number, number])[];
}

/** A coroutine that a drawing can begin at: one that nobody owns, or that has a label. */
export interface Request {
  readonly id: number;
  readonly name: string;
  readonly labels: readonly string[];
  readonly startUs: number;
  readonly endUs: number | undefined;
  readonly how: string | undefined;
  /** How many coroutines there are below it. */
  readonly below: number;
}

/** The sequence drawing of one request as text; as a picture it is an SVG document of its own. */
export interface Drawing {
  readonly text: string;
}

/** Each answer that is none. */
export interface Failure {
  readonly error: string;
}
