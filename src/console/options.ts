/** What a console is asked for, and what it is to who started it. */

export interface ConsoleOptions {
  /** Serve the page, on 127.0.0.1 only; on a free port if none is named. Default: not. */
  readonly http?: { readonly port?: number };
  /** Open the socket for `gyre ps` and its like. Default true. */
  readonly socket?: boolean;
  /** How long the main thread may do one thing before that is called blocking, in milliseconds. Default 200. */
  readonly blockedAfterMs?: number;
  /** May readers of the page cancel coroutines? Default false. */
  readonly allowControl?: boolean;
  /** Write the tree of what waits to standard error on this signal. Default SIGUSR2; `undefined` for none. */
  readonly dumpSignal?: NodeJS.Signals | undefined;
  /** Record from the start, and write it into this file when the process ends, also by a signal. Default: not. */
  readonly trace?: string;
  /** Keep the line at which each coroutine is started, about 2 us and 300 bytes each. Default false. */
  readonly sites?: boolean;
}

/** A console that runs. */
export interface Console {
  /** The page's address with its token; `undefined` when it is not served. */
  readonly address: string | undefined;
  /** Where `gyre ps` finds it; `undefined` when there is no socket. */
  readonly socketPath: string | undefined;
  /** What was asked for and could not be had, in sentences. */
  readonly problems: readonly string[];
  /** End its thread, and write what it was to record. Twice is harmless. */
  stop(): Promise<void>;
}
