/** Items by their priority. */
import { checkFunction } from "../base/index.ts";
import type { ItemStore } from "./item-store.ts";

/** Negative when `a` leaves before `b`, positive when after, 0 when whichever came first; as for `Array.sort`. */
export type Compare<T> = (a: T, b: T) => number;

interface Entry<T> {
  readonly item: T;
  /** Where it stands among its equals. */
  readonly order: number;
}

/**
 * A binary heap; equals leave in the order in which they came.
 *
 * Each change compares first and moves afterwards: a comparer that throws leaves all as it was.
 */
export class PriorityStore<T> implements ItemStore<T> {
  readonly #compare: Compare<T>;
  readonly #heap: Entry<T>[] = [];
  #lastOrder = 0;

  constructor(compare: Compare<T>) {
    checkFunction(compare, "make a priority queue");
    this.#compare = compare;
  }

  get size(): number {
    return this.#heap.length;
  }

  push(item: T): void {
    const entry = { item, order: ++this.#lastOrder };
    const path = [this.#heap.length];
    for (let at = this.#heap.length; at > 0; ) {
      at = (at - 1) >> 1;
      if (!this.#isBefore(entry, this.#heap[at] as Entry<T>)) break;
      path.push(at);
    }
    this.#moveAlong(path, entry);
  }

  take(): T {
    const heap = this.#heap;
    const { item } = heap[0] as Entry<T>;
    const last = heap[heap.length - 1] as Entry<T>;
    const path = [0];
    // The last one fills the gap: what is smaller than it moves up.
    const size = heap.length - 1;
    for (let at = 0; ; ) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(heap[child + 1] as Entry<T>, heap[child] as Entry<T>)) child++;
      if (!this.#isBefore(heap[child] as Entry<T>, last)) break;
      path.push(child);
      at = child;
    }
    heap.pop();
    if (size > 0) this.#moveAlong(path, last);
    return item;
  }

  /** Move each entry of `path` to the place before its own, and put `entry` into the last place. */
  #moveAlong(path: readonly number[], entry: Entry<T>): void {
    for (let i = 1; i < path.length; i++)
      this.#heap[path[i - 1] as number] = this.#heap[path[i] as number] as Entry<T>;
    this.#heap[path[path.length - 1] as number] = entry;
  }

  #isBefore(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    return order < 0 || (!(order > 0) && a.order < b.order);
  }
}
