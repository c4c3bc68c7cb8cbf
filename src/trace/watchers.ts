/** All who watch what coroutines do, behind the one place that the loop calls. */

import type { Future } from "../future/index.ts";
import { type Hooks, setHooks, type Watched } from "../loop/index.ts";

/** Is told what coroutines do and, if it likes, what the program says of itself. Quick, and never throws. */
export interface Watcher extends Hooks {
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

/** Who watches now. */
export function currentWatchers(): readonly Watcher[] {
  return watchers;
}

function set(next: readonly Watcher[]): void {
  watchers = next;
  // One is called without a step in between: that is the usual case, and each call is on the way of every step.
  setHooks(next.length > 1 ? new FanOut(next) : next[0]);
}

class FanOut implements Hooks {
  readonly #watchers: readonly Watcher[];
  readonly resumed?: (work: Watched) => void;

  constructor(watchers: readonly Watcher[]) {
    this.#watchers = watchers;
    const ofSteps = watchers.filter(({ resumed }) => resumed !== undefined);
    if (ofSteps.length === 0) return;
    this.resumed = (work) => {
      for (const each of ofSteps) each.resumed?.(work);
    };
  }

  started(work: Watched, owner: Watched | undefined): void {
    for (const each of this.#watchers) each.started(work, owner);
  }

  suspended(work: Watched, source: Future<unknown>): void {
    for (const each of this.#watchers) each.suspended(work, source);
  }

  woken(work: Watched, by: Watched | undefined): void {
    for (const each of this.#watchers) each.woken(work, by);
  }

  ended(work: Watched, state: number): void {
    for (const each of this.#watchers) each.ended(work, state);
  }
}
