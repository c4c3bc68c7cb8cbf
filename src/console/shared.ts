/** What the console's thread and the main thread share: the numbers, the messages, the name to call. */

/** Moved on by a timer of the main thread: stands still while something blocks. */
export const BEAT = 0;
/** 1 while the console's thread has a session with the main thread's inspector. */
export const ASKING = 1;
/** 1 once the process ends: nothing may be asked any more. */
export const ENDING = 2;
/** The number of the question that the main thread has begun to answer. */
export const BEGUN = 3;
/** 1 while the console's thread takes the signals that end the process. */
export const WATCHING = 4;
/** How many numbers. */
export const STATE_SIZE = 5;

/** Signals that end a process which does not listen to them. */
export const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Under this name of the global object stands the function that answers: (number, question, JSON) to JSON. */
export const ANSWERER = "gyre.console";

/** What the console's thread is given. */
export interface ConsoleData {
  readonly state: Int32Array;
  readonly blockedAfterMs: number;
  /** Why the inspector cannot interrupt the main thread; `undefined` where it can. */
  readonly cannot: string | undefined;
  readonly socketPath: string | undefined;
  readonly httpPort: number | undefined;
  readonly allowControl: boolean;
  /** By which the tree is wanted on standard error. */
  readonly dumpSignal: NodeJS.Signals | undefined;
  /** Is a recording to be written when the process ends? */
  readonly isRecorded: boolean;
  readonly program: string;
  readonly startedAt: string;
}

/** To the console's thread. */
export type ToConsole =
  | { readonly kind: "stop" }
  | { readonly kind: "end" }
  /** Leave the signals that end the process to the system. */
  | { readonly kind: "release" }
  /** The main thread goes on, and has taken the signals that came before it was asked. */
  | { readonly kind: "heard"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly json: string };

/** From the console's thread. */
export type FromConsole =
  | {
      readonly kind: "ready";
      /** The page's address, with its token. */
      readonly address: string | undefined;
      readonly socketPath: string | undefined;
      /** What could not be had, in sentences. */
      readonly problems: readonly string[];
    }
  /** Where it may not interrupt, it asks like anybody. */
  | { readonly kind: "question"; readonly id: number; readonly ask: string; readonly json: string }
  /** A signal came: does the main thread go on? */
  | { readonly kind: "signal"; readonly id: number }
  | { readonly kind: "stopped" };

/** Has the main thread left the signals that end the process to the system? */
export interface Released {
  readonly isReleased: boolean;
}

/** What the answering function gives, as JSON. */
export interface Answered {
  readonly ok?: unknown;
  readonly error?: string;
}
