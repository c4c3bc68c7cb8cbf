/**
 * All who watch what coroutines do, behind the one place that the loop calls.
 *
 * It calls in the midst of a step, where nobody could catch what is thrown: who throws is told of nothing more.
 */

import { Future } from "../future/index.ts";
import { type Hooks, IOLoop, setHooks, type Watched } from "../loop/index.ts";

/** Is told what coroutines do and, if it likes, what the program says of itself. Quick, and had better not throw. */
export interface Watcher extends Hooks {
  /** It is sure not to throw, and so is called without a look at that. */
  readonly neverThrows?: boolean;
  /** `note(text)`, in a step of `work` or outside of any. */
  noted?(work: Watched | undefined, text: string): void;
  /** `label(text)` in a step of `work`. */
  labelled?(work: Watched, text: string): void;
}

let watchers: readonly Watcher[] = [];

/** Have `watcher` told from now on, beside all others. @returns what ends that; twice is harmless */
export function watch(watcher: Watcher): () => void {
  set([...watchers, watcher]);
  return () => set(watchers.filter((each) => each !== watcher));
}

/** Does anybody watch now? */
export function isWatched(): boolean {
  return watchers.length > 0;
}

/** Call `tell` with each who watches now. */
export function tellAll(tell: (watcher: Watcher) => void): void {
  tellEach(watchers, tell);
}

function tellEach(all: readonly Watcher[], tell: (watcher: Watcher) => void): void {
  for (const each of all) {
    try {
      tell(each);
    } catch (error) {
      drop(each, error);
    }
  }
}

/** It has thrown. */
function drop(watcher: Watcher, error: unknown): void {
  // By another error, that came in the midst of this one.
  if (!watchers.includes(watcher)) return;
  set(watchers.filter((each) => each !== watcher));
  IOLoop.current().log.error("Error of one who watches coroutines, and is told of nothing more", error);
}

function set(next: readonly Watcher[]): void {
  watchers = next;
  const [only] = next;
  // One is called without a step in between: that is the usual case, and each call is on the way of every step.
  const isPlain = next.length < 2 && only?.neverThrows === true;
  setHooks(next.length === 0 ? undefined : isPlain ? only : new FanOut(next));
}

class FanOut implements Hooks {
  readonly #watchers: readonly Watcher[];
  /** Those who are told of every step. */
  readonly #ofSteps: readonly Watcher[];
  readonly resumed?: (work: Watched) => void;

  constructor(watchers: readonly Watcher[]) {
    this.#watchers = watchers;
    const ofSteps = watchers.filter(({ resumed }) => resumed !== undefined);
    this.#ofSteps = ofSteps;
    if (ofSteps.length === 0) return;
    this.resumed = (work) => tellEach(ofSteps, (each) => each.resumed?.(work));
  }

  started(work: Watched, owner: Watched | undefined): void {
    tellEach(this.#watchers, (each) => each.started(work, owner));
  }

  suspended(work: Watched, source: Future<unknown>): void {
    const told = source.constructor === Future ? this.#ofSteps : this.#watchers;
    tellEach(told, (each) => each.suspended(work, source));
  }

  woken(work: Watched, by: Watched | undefined): void {
    tellEach(this.#watchers, (each) => each.woken(work, by));
  }

  ended(work: Watched, state: number): void {
    tellEach(this.#watchers, (each) => each.ended(work, state));
  }
}
