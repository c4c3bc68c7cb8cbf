/**
 * The poller on libuv: waits are one immediate or one timer of Node's.
 *
 * It patches nothing and starves nothing: between two passes of the loop all
 * else in the process gets its turn.
 */
import type { PollEvent, Poller, Resume } from "./poller.ts";

/** Node fires a longer timer after 1 ms instead. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const NO_EVENTS: readonly PollEvent[] = [];
const settled: Promise<void> = Promise.resolve();

export class NodePoller implements Poller {
  readonly virtual = false;
  #immediate: NodeJS.Immediate | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #resume: Resume | undefined = undefined;
  readonly #fire = (): void => {
    const resume = this.#resume;
    this.cancelPoll();
    resume?.(NO_EVENTS);
  };

  now(): number {
    return performance.now();
  }

  /** The wait may end up to a millisecond early, as Node's timers do; the loop looks at the clock and waits for the rest. */
  poll(timeoutMs: number, resume: Resume): "later" {
    this.cancelPoll();
    this.#resume = resume;
    if (timeoutMs <= 0) this.#immediate = setImmediate(this.#fire);
    else this.#timer = setTimeout(this.#fire, Math.min(Math.ceil(timeoutMs), LONGEST_TIMER_MS));
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
  }
}
