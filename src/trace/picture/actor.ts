/** The coroutines of one drawing, while its events are read. */
import type { Location } from "../../gen/index.ts";
import type { End, TraceEvent, Work } from "../recording.ts";

/** A coroutine while the events are read. */
export interface Actor {
  readonly work: Work;
  readonly owner: Actor | undefined;
  /** Its lane, or the one that it is folded into. */
  lane: number;
  /** Levels of folding: 0 has a lane of its own, 1 is a message of its owner's, more is not drawn. */
  folded: number;
  /** Before its first event: "none", unless its start is not recorded. */
  readonly atFirst: ActorState;
  /** How it comes to its end; `undefined` when it does not in this recording. */
  readonly how: End | undefined;
}

export type ActorState = "none" | "running" | "waiting";

/** One wait of one coroutine. */
export interface Wait {
  readonly on: number | string;
  /** Ids of the coroutines it waits for, as far as they are told. */
  readonly ids: readonly number[];
  /** Does it name all that it is for? */
  readonly namesAll: boolean;
  /** Is it over when the first of those is? */
  readonly isForFirst: boolean;
  /** In words, for the lane: "waits #2"; `undefined` where a message to the world says it. */
  readonly words: string | undefined;
  /** What it waits for, in a word or two: "http", "sleep". */
  readonly topic: string;
  /** Did a note before it say what the world is asked for? */
  readonly isNoted: boolean;
  readonly line: Location | undefined;
}

/** The coroutines of a drawing. */
export interface Cast {
  readonly actors: ReadonlyMap<number, Actor>;
  /** Who stands in each lane, in the order of starting. */
  readonly lanes: readonly (readonly Actor[])[];
  /** Those without a lane. */
  readonly folded: readonly Actor[];
  readonly waits: Waits;
  /** What they did, and what was said outside of all coroutines meanwhile. */
  readonly events: readonly TraceEvent[];
  /** When the recording ends. */
  readonly endUs: number;
  /** `name #id` of a coroutine of the recording, also of one that takes no part. */
  nameOf(id: number): string;
}

/** What can be known of waits and wakes by looking ahead. */
export interface Waits {
  readonly waits: ReadonlyMap<TraceEvent, Wait>;
  /** Wakes that must have been cancels. */
  readonly cancels: ReadonlySet<TraceEvent>;
  /** Wakes by a coroutine in its last step. */
  readonly byLastStep: ReadonlySet<TraceEvent>;
}
