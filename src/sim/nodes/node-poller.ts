/** What a node's loop stands on: its clock, and a wait that ends when the world says so. */
import type { ReadyQueue } from "../../future/index.ts";
import type { PollEvent, Poller, Resume } from "../../loop/index.ts";
import type { NodeClock } from "./node-clock.ts";

/** Makes the queue of what is ready, where it is not first in, first out. */
interface QueueMaker {
  readyQueue(...of: ConstructorParameters<typeof ReadyQueue>): ReadyQueue | undefined;
}

const NO_EVENTS: readonly PollEvent[] = [];

export class SimNodePoller implements Poller {
  /** To its loop it is like the one on the system: the loop waits, and others go on. */
  readonly virtual = false;
  readonly #clock: NodeClock;
  readonly #maker: QueueMaker;
  #resume: Resume | undefined = undefined;

  constructor(clock: NodeClock, maker: QueueMaker) {
    this.#clock = clock;
    this.#maker = maker;
  }

  now(): number {
    return this.#clock.now();
  }

  poll(_timeoutMs: number, resume: Resume): "later" {
    this.#resume = resume;
    return "later";
  }

  /** Have the loop make a pass. */
  turn(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.(NO_EVENTS);
  }

  cancelPoll(): void {
    this.#resume = undefined;
  }

  readyQueue(...of: ConstructorParameters<typeof ReadyQueue>): ReadyQueue | undefined {
    return this.#maker.readyQueue(...of);
  }

  /** The world looks by itself whether there is something to do. */
  wake(): void {}

  soon(): void {}

  close(): void {}
}
