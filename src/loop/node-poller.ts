/**
 * The poller on libuv: waits are one immediate or one timer of Node's.
 *
 * It patches nothing and starves nothing: between two passes of the loop all
 * else in the process gets its turn.
 */
import { UvDescriptors } from "./descriptors.ts";
import type { Descriptors, Poller, Resume } from "./poller.ts";

/** Node fires a longer timer after 1 ms instead. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const settled: Promise<void> = Promise.resolve();

export class NodePoller implements Poller {
  readonly virtual = false;
  #immediate: NodeJS.Immediate | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #resume: Resume | undefined = undefined;
  #deadlineMs = 0;
  readonly #descriptors = new UvDescriptors(() => {
    this.wake();
    return this.#resume !== undefined;
  });
  readonly #fire = (): void => {
    const resume = this.#resume;
    const events = this.#descriptors.take();
    this.cancelPoll();
    resume?.(events);
  };
  readonly #fireInTime = (): void => {
    const leftMs = this.#deadlineMs - this.now();
    if (leftMs <= 0) this.#fire();
    else this.#arm(leftMs);
  };

  /** Watched by libuv, which koffi reaches; koffi is loaded when the first is registered. */
  get descriptors(): Descriptors {
    return this.#descriptors;
  }

  now(): number {
    return performance.now();
  }

  poll(timeoutMs: number, resume: Resume): "later" {
    this.cancelPoll();
    this.#resume = resume;
    this.#descriptors.begin();
    if (timeoutMs <= 0) this.#immediate = setImmediate(this.#fire);
    else {
      this.#deadlineMs = this.now() + timeoutMs;
      this.#arm(timeoutMs);
    }
    return "later";
  }

  wake(): void {
    if (this.#resume === undefined || this.#immediate !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate = setImmediate(this.#fire);
  }

  cancelPoll(): void {
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    this.#resume = undefined;
  }

  // `then` on a promise settled once and for all: queueMicrotask makes an
  // AsyncResource each time and costs four times as much.
  soon(drain: () => void): void {
    settled.then(drain);
  }

  close(): void {
    this.cancelPoll();
    this.#descriptors.close();
  }

  /** Node counts from the start of its own turn, so its timers come early by what this turn took: look at the clock then. */
  #arm(leftMs: number): void {
    this.#timer = setTimeout(this.#fireInTime, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
  }
}
