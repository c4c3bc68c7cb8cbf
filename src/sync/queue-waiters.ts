/** Those who wait for a queue: for an item, or for a place for one. */
import { QueueClosedError } from "../base/index.ts";
import { FAILED, RESOLVED } from "../future/index.ts";
import { Waiter } from "./waiter.ts";

/** Where an item goes that its getter could not take. */
interface Returns<T> {
  _takeBack(item: T): void;
}

/** A wait for an item, which becomes a result of type R. */
export abstract class Getter<T, R> extends Waiter<R> {
  protected readonly queue: Returns<T>;

  constructor(what: string, queue: Returns<T>) {
    super(what);
    this.queue = queue;
  }

  abstract receive(item: T): void;

  /** The queue is closed, and no item is left. */
  abstract close(): void;
}

/** For `get`: the item itself, or a failure. */
export class ItemGetter<T> extends Getter<T, T> {
  override receive(item: T): void {
    this._settle(RESOLVED, item);
  }

  override close(): void {
    this._settle(FAILED, new QueueClosedError("get from"));
  }

  override handBack(item: T): void {
    this.queue._takeBack(item);
  }
}

/** For `next`: an item or the end, as an iterator gives it. */
export class StepGetter<T> extends Getter<T, IteratorResult<T, undefined>> {
  override receive(item: T): void {
    this._settle(RESOLVED, { done: false, value: item });
  }

  override close(): void {
    this._settle(RESOLVED, { done: true, value: undefined });
  }

  override handBack(step: IteratorResult<T, undefined>): void {
    if (!step.done) this.queue._takeBack(step.value);
  }
}

/** A wait for a place. Settled, its item is inside: there is nothing to hand back. */
export class Putter<T> extends Waiter<void> {
  readonly item: T;

  constructor(what: string, item: T) {
    super(what);
    this.item = item;
  }

  close(): void {
    this._settle(FAILED, new QueueClosedError("put into"));
  }
}
