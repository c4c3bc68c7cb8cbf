/**
 * A recording: one run of a program, as far as it was recorded, as plain data.
 *
 * The recorder writes it, a file keeps it, and drawings and exporters read it.
 */
import type { Location } from "../gen/index.ts";

/** One run of a program, as far as it was recorded. */
export interface Recording {
  readonly version: 1;
  readonly program: Program;
  /** Events that were lost because the ring was full. */
  readonly dropped: number;
  /** Until when it was recorded, in microseconds since the recording began: never before the last event. */
  readonly endUs: number;
  /** Did the file end early? */
  readonly cutOff: boolean;
  /** Coroutines, in the order of starting. */
  readonly works: readonly Work[];
  /** In the order of time; those of one time in the order of happening. */
  readonly events: readonly TraceEvent[];
}

/** Whose run it was. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  /** The version of Node, such as "v20.20.0". */
  readonly node: string;
  /** When the recording began, as ISO 8601. */
  readonly startedAt: string;
}

/** One coroutine. */
export interface Work {
  readonly id: number;
  readonly name: string;
  readonly ownerId: number | undefined;
  /** What `label()` said of it, in that order. */
  readonly labels: readonly string[];
}

/** How a coroutine ended. */
export type End = "result" | "error" | "cancel";

/** What happened; `atUs` is in microseconds since the recording began, `id` says to which coroutine. */
export type TraceEvent = StartEvent | WaitEvent | WakeEvent | StepEvent | EndEvent | NoteEvent;

/** It was started, and its first step began. */
export interface StartEvent {
  readonly kind: "start";
  readonly atUs: number;
  readonly id: number;
}

/** A step of it was over, and it began to wait. */
export interface WaitEvent {
  readonly kind: "wait";
  readonly atUs: number;
  readonly id: number;
  /** The id of the coroutine that it waits for; or in words, such as "a promise" or "sleep". */
  readonly on: number | string;
  /** The line at which it waits, where lines are recorded. */
  readonly line?: Location;
  /** Who had what it waits for, where only one can, and it is known. */
  readonly held?: Held;
}

/** Something that one coroutine has, and others wait for. */
export interface Held {
  /** Its name, or one that tells it apart from others of its kind, such as "lock 2". */
  readonly name: string;
  /** The id of the coroutine that had it when the wait began. */
  readonly by: number;
}

/** What it waited for was there, or a cancel came. */
export interface WakeEvent {
  readonly kind: "wake";
  readonly atUs: number;
  readonly id: number;
  /** The coroutine whose step did it; `undefined` when it was the world: a timer, a promise, I/O. */
  readonly by: number | undefined;
}

/** A step of it began that was not its first. */
export interface StepEvent {
  readonly kind: "step";
  readonly atUs: number;
  readonly id: number;
}

/** It was over. */
export interface EndEvent {
  readonly kind: "end";
  readonly atUs: number;
  readonly id: number;
  readonly how: End;
  /** Those it had started that went on while nobody waited for them, and that it had not let go: they were reported. */
  readonly orphans?: readonly number[];
}

/** What the program says of itself: with ">" in front a message to the world, with "<" its answer, with "=" a result. */
export interface NoteEvent {
  readonly kind: "note";
  readonly atUs: number;
  /** Whose step said it; `undefined` outside of any. */
  readonly id: number | undefined;
  readonly text: string;
}
