/** What runs in a process at one moment, as plain data that can go through JSON. */

/** All loops of a process, and the coroutines that have not ended. */
export interface Snapshot {
  /** When it was taken, as ISO 8601. */
  readonly at: string;
  readonly pid: number;
  readonly program: string;
  /** The version of Node, such as "v20.20.0". */
  readonly node: string;
  readonly uptimeMs: number;
  readonly loop: LoopState;
  /** Coroutines that have not ended: all of them, also when rows are limited. */
  readonly total: number;
  /** Owners before what they started. */
  readonly rows: readonly Row[];
  /** Circles of waits that can never end, such as "#4 holds a lock, waits for #7; #7 waits for a lock". */
  readonly deadlocks: readonly string[];
  /** Locks, queues and the like that somebody waits at; `undefined` where that is not known, as in a recording. */
  readonly waitLines?: readonly WaitLine[];
  readonly recorder: RecorderState;
}

/** Those who wait at one lock, queue or the like. */
export interface WaitLine {
  /** What each of them waits for, in words as in their rows, such as "a lock, held by save #4". */
  readonly what: string;
  /** The same, told apart from others of its kind, such as "lock 2". */
  readonly name: string;
  /** The coroutine that has it, where only one can, and it is known. */
  readonly holderId: number | undefined;
  readonly waiting: number;
  /** Ids, the next one first; at most 20. */
  readonly waiters: readonly number[];
}

/** What waits in the loop, by count. */
export interface LoopState {
  readonly running: boolean;
  readonly ready: number;
  readonly callbacks: number;
  readonly timers: number;
  readonly descriptors: number;
}

/** What is recorded at the moment. */
export interface RecorderState {
  readonly on: boolean;
  /** Events that are in memory. */
  readonly events: number;
  readonly dropped: number;
}

/** One coroutine that has not ended. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly ownerId: number | undefined;
  readonly state: "running" | "ready" | "waiting";
  /** What it waits for: ids of coroutines, other things in words, such as "lock A, held by save #4". */
  readonly on: readonly (number | string)[];
  /** The line at which it waits, such as "src/app.ts:13:5"; `undefined` where it is not asked for or not known. */
  readonly at: string | undefined;
  /** The file of that line, in full. */
  readonly file?: string;
  readonly line?: number;
  /** How long ago it was started, at most; `undefined` when that was before anybody looked. */
  readonly ageMs: number | undefined;
  readonly labels: readonly string[];
  /** There, and true, when its owner has ended while nobody waited for it: that was reported. */
  readonly isOrphan?: true;
}

export interface SnapshotOptions {
  /** How many rows it has at most. Default 1,000. */
  readonly limit?: number;
  /** Ask for the line of each row, or of those with these ids, which costs about 100 us each. Default true. */
  readonly lines?: boolean | readonly number[];
}
