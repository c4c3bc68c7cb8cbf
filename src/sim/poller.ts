/**
 * The poller of a simulated loop: its clock moves only when nothing is left to do.
 *
 * `poll` jumps to the next deadline at once, so an hour of sleeping costs
 * nothing and `start()` runs to the end inside one call.
 */
import { checkInstantMs } from "../base/index.ts";
import type { Descriptors, PollEvent, Poller } from "../loop/index.ts";

/** Descriptors that exist in the simulation only; a program under test makes events of them with `raise`. */
class SimDescriptors implements Descriptors {
  readonly #watched = new Map<number, number>();
  readonly #raised = new Map<number, number>();
  /** Those that were closed, in that order. */
  readonly closed: number[] = [];

  get size(): number {
    return this.#watched.size;
  }

  register(fd: number, events: number): void {
    this.#watched.set(fd, events);
  }

  modify(fd: number, events: number): void {
    this.#watched.set(fd, events);
  }

  unregister(fd: number): void {
    this.#watched.delete(fd);
  }

  /** Nothing holds of a closed descriptor. */
  closeFd(fd: number): void {
    this.#raised.delete(fd);
    this.closed.push(fd);
  }

  raise(fd: number, events: number): void {
    this.#raised.set(fd, (this.#raised.get(fd) ?? 0) | events);
  }

  lower(fd: number): void {
    this.#raised.delete(fd);
  }

  /** Level-triggered: what stays raised is seen by each poll. */
  take(): PollEvent[] {
    const events: PollEvent[] = [];
    for (const [fd, wanted] of this.#watched) {
      const mask = (this.#raised.get(fd) ?? 0) & wanted;
      if (mask !== 0) events.push([fd, mask]);
    }
    return events;
  }
}

export class SimPoller implements Poller {
  readonly virtual = true;
  readonly descriptors: SimDescriptors = new SimDescriptors();
  #nowMs: number;

  /** @param startMs - what the clock shows at first */
  constructor(startMs = 0) {
    this.#nowMs = checkInstantMs(startMs, "make a simulated poller");
  }

  now(): number {
    return this.#nowMs;
  }

  /**
   * Move the clock by hand, backwards too: what a step that takes time does, or a clock that is set.
   *
   * @throws {RangeError} when `ms` is not finite
   */
  advance(ms: number): void {
    this.#nowMs += checkInstantMs(ms, "advance the clock");
  }

  /** Make `events` hold of `fd`, until `lower`. */
  raise(fd: number, events: number): void {
    this.descriptors.raise(fd, events);
  }

  /** No event holds of `fd` any more. */
  lower(fd: number): void {
    this.descriptors.lower(fd);
  }

  poll(timeoutMs: number): readonly PollEvent[] {
    const events = this.descriptors.take();
    if (events.length === 0) this.#nowMs += timeoutMs;
    return events;
  }

  wake(): void {}

  cancelPoll(): void {}

  soon(): void {}

  close(): void {}
}
