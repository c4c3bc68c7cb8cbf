/**
 * What a loop's coroutines do, for whoever watches: one interface, which is
 * called in the midst of things and so must be quick and must not throw.
 *
 * Nobody watches at first, and then each place costs a look at one variable.
 * Who watches stands above (`trace`); several watchers are joined there.
 */
import type { Future } from "../future/index.ts";

/** A coroutine, as far as one who watches needs to know it. */
export interface Watched {
  /** Unique in the process, counted from 1 in the order of starting. */
  readonly id: number;
  readonly name: string;
}

export interface Hooks {
  /** `work` was made, on behalf of `owner`; its first step follows at once. */
  started(work: Watched, owner: Watched | undefined): void;
  /**
   * A step of it is over, and it waits for `source`. Who is not told of every step (`resumed`) need not be told when
   * `source` is a Future and nothing more: that says only that the step is over, as what comes next says, too.
   */
  suspended(work: Watched, source: Future<unknown>): void;
  /**
   * What it waited for has settled, or a cancel has come: its next step is due.
   *
   * @param by - whose step was on the stack then; `undefined` when it was the world: a timer, a promise, I/O
   */
  woken(work: Watched, by: Watched | undefined): void;
  /** A step of it begins that is not its first. Who has this is called at every step, and pays for it. */
  resumed?(work: Watched): void;
  /** It is over: with a result (1), an error (2) or a cancel (3). */
  ended(work: Watched, state: number): void;
}

/** Who watches now. */
export let hooks: Hooks | undefined;

/** The same, if it wants to be told of every step. */
export let stepHooks: Required<Hooks> | undefined;

/** Have `watcher` told from now on, and nobody else. @returns who was before */
export function setHooks(watcher: Hooks | undefined): Hooks | undefined {
  const before = hooks;
  hooks = watcher;
  stepHooks = watcher?.resumed === undefined ? undefined : (watcher as Required<Hooks>);
  return before;
}

/** Told of each look at, or change of, what coroutines share: a lock, a queue. For one who proves what is independent. */
export let touched: ((shared: object) => void) | undefined;

/** Have `listener` told from now on. @returns who was before */
export function setTouched(listener: typeof touched): typeof touched {
  const before = touched;
  touched = listener;
  return before;
}
