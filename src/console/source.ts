/**
 * What the page and the socket ask of a program, whatever it is at: a live one,
 * asked across threads, or one that is over, of which there is a recording.
 *
 * Each function may take as long as the program needs to be interrupted, and
 * rejects with a sentence for the reader when it cannot be.
 */
import type { Recording, Snapshot, SnapshotOptions } from "../trace/index.ts";

/** The main thread has done nothing but one thing for a while. */
export interface Blocked {
  /** For how long, as far as it has been seen. */
  readonly forMs: number;
  /** The lines of the stack, innermost first; empty where they cannot be read. */
  readonly frames: readonly string[];
  /** Why the frames cannot be read, in words. */
  readonly unreadable?: string;
}

/** A turn that took longer than the threshold. */
export interface SlowTurn {
  /** When it was seen to end, or last seen to go on: ISO, with milliseconds. */
  readonly at: string;
  /** Up to then. */
  readonly tookMs: number;
  /** The stack in its midst, innermost first. */
  readonly frames: readonly string[];
  /** There, and true, of the one that blocks now. */
  readonly goesOn?: true;
}

/** How the loop does, since the console started. */
export interface Overview {
  /** How late a timer comes: what others have to wait. `undefined` before the first. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  /** Ten at most, the slowest first; what blocks now is among them. */
  readonly slowTurns: readonly SlowTurn[];
  /** How long a turn must take to be called blocking. */
  readonly blockedAfterMs: number;
  /** Of the whole process. */
  readonly heapUsedBytes: number;
  readonly cpuMs: number;
}

/** What runs on the main thread at this moment. */
export interface Stack {
  /** Innermost first; empty when it waits for the system, so runs nothing. */
  readonly frames: readonly string[];
  /** Those of them that are the program's own, not gyre's nor Node's; all, when none is. */
  readonly telling: readonly string[];
}

/** What a reader may have done to a program, where it is allowed. */
export type Control =
  | { readonly action: "cancel"; readonly id: number; readonly reason?: string }
  | { readonly action: "record"; readonly on: boolean };

export interface ConsoleSource {
  /** A live program, or a recording of one. */
  readonly kind: "live" | "recording";
  snapshot(options: SnapshotOptions): Promise<Snapshot>;
  overview(): Promise<Overview>;
  /** `undefined` while the main thread is not blocked. */
  blocked(): Promise<Blocked | undefined>;
  stack(): Promise<Stack>;
  /** What has been recorded up to now; rejects when nothing records. */
  recording(): Promise<Recording>;
  /** @returns a sentence that says what was done. Rejects where control is not allowed. */
  control(command: Control): Promise<string>;
}
