/** Where the items of a queue are; it decides in which order they leave. */

/** What a queue needs of the place where its items are. */
export interface ItemStore<T> {
  readonly size: number;
  push(item: T): void;
  /** Take the item that leaves next; only called while there is one. */
  take(): T;
}

/** Taken places in front of an array are swept when they are so many, and half of it. */
const SWEEP_AT = 32;

/** First in, first out. An array and where it begins: taking moves the beginning, and sweeping costs O(1) an item. */
export class FifoStore<T> implements ItemStore<T> {
  #items: (T | undefined)[] = [];
  #begin = 0;

  get size(): number {
    return this.#items.length - this.#begin;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    const item = this.#items[this.#begin] as T;
    this.#items[this.#begin++] = undefined;
    if (this.#begin >= SWEEP_AT && this.#begin * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#begin);
      this.#begin = 0;
    }
    return item;
  }
}

/** Last in, first out. */
export class LifoStore<T> implements ItemStore<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }
}
