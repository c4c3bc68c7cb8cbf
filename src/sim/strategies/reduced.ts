/**
 * Every schedule that can come to something else, once: depth first, without those
 * that differ from one seen before only by the order of stretches that touch
 * nothing in common.
 *
 * A stretch that was tried at a point sleeps in the branches beside it, until one
 * runs that touches what it touches: before that, to run it would come to what was
 * seen. Right only for a program that tells what its coroutines share: by
 * `sim.shared`, or by gyre's locks, queues, events and the like.
 *
 * Source: Godefroid, "Partial-order methods for the verification of concurrent systems", 1996: sleep sets.
 */
import { type AccessSet, isConflict } from "../accesses.ts";
import type { ReducingStrategy } from "../strategy.ts";
import { Share } from "../workers/share.ts";

/** A point at which an operation was chosen to end. */
interface NextPoint {
  readonly keys: readonly string[];
  chosen: number;
  /** What the chosen one touched; known when the next point comes. */
  accesses: AccessSet | undefined;
  /** Not to be tried here: what has been, here or beside. */
  readonly sleeping: Map<string, AccessSet>;
}

/** A point at which something else was decided. */
interface OtherPoint {
  readonly keys: undefined;
  chosen: number;
  readonly count: number;
}

export class Reduced implements ReducingStrategy {
  readonly name = "exhaustive, reduced";
  readonly #share: Share;
  readonly #path: (NextPoint | OtherPoint)[] = [];
  #depth = 0;
  /** Sleeping where the run is now. */
  #sleeping: ReadonlyMap<string, AccessSet> = new Map();
  #last: NextPoint | undefined = undefined;
  isDone = false;

  constructor(share: Share = new Share()) {
    this.#share = share;
  }

  begin(): boolean {
    this.#depth = 0;
    this.#sleeping = new Map();
    this.#last = undefined;
    return !this.isDone;
  }

  choose(_kind: number, count: number): number {
    const known = this.#path[this.#depth++];
    if (known !== undefined) return known.chosen;
    this.#path.push({ keys: undefined, chosen: 0, count });
    return 0;
  }

  chooseNext(keys: readonly string[], before: AccessSet): number {
    this.#ended(before);
    let point = this.#path[this.#depth] as NextPoint | undefined;
    if (point === undefined) {
      const chosen = keys.findIndex((key) => !this.#sleeping.has(key));
      if (chosen < 0) return -1;
      point = { keys, chosen, accesses: undefined, sleeping: new Map(this.#sleeping) };
      this.#path.push(point);
    }
    this.#depth++;
    this.#last = point;
    return point.chosen;
  }

  endNext(accesses: AccessSet): void {
    this.#ended(accesses);
  }

  end(): void {
    this.#path.length = this.#share.depthToVary(this.#path.length);
    this.#vary();
    this.#share.goOnAt(this.#path.length - 1);
  }

  /** Take the last point that has an alternative left to its next one. */
  #vary(): void {
    for (let top = this.#path.at(-1); top !== undefined; top = this.#path.at(-1)) {
      if (top.keys === undefined) {
        if (++top.chosen < top.count) return;
      } else {
        const { keys, sleeping } = top;
        sleeping.set(keys[top.chosen] as string, top.accesses ?? new Map([["*", true]]));
        top.chosen = keys.findIndex((key) => !sleeping.has(key));
        top.accesses = undefined;
        if (top.chosen >= 0) return;
      }
      this.#path.pop();
    }
    this.isDone = true;
  }

  /** The stretch that was chosen last has touched `accesses`: what conflicts with it is awake again. */
  #ended(accesses: AccessSet): void {
    const last = this.#last;
    if (last === undefined) return;
    last.accesses = accesses;
    this.#last = undefined;
    const sleeping = new Map<string, AccessSet>();
    for (const [key, touched] of last.sleeping)
      if (!isConflict(touched, accesses)) sleeping.set(key, touched);
    this.#sleeping = sleeping;
  }
}
