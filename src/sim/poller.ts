/**
 * The poller of a simulated loop: its clock moves only when nothing is left to do.
 *
 * `poll` jumps to the next deadline at once, so an hour of sleeping costs
 * nothing and `start()` runs to the end inside one call.
 */
import { checkInstantMs } from "../base/index.ts";
import type { PollEvent, Poller } from "../loop/index.ts";
import { SimDescriptors } from "./descriptors.ts";

export class SimPoller implements Poller {
  readonly virtual = true;
  readonly descriptors: SimDescriptors = new SimDescriptors();
  /** @internal What the clock shows. */ _nowMs: number;

  /** @param startMs - what the clock shows at first */
  constructor(startMs = 0) {
    this._nowMs = checkInstantMs(startMs, "make a simulated poller");
  }

  now(): number {
    return this._nowMs;
  }

  /**
   * Move the clock by hand, backwards too: what a step that takes time does, or a clock that is set.
   *
   * @throws {RangeError} when `ms` is not finite
   */
  advance(ms: number): void {
    this._nowMs += checkInstantMs(ms, "advance the clock");
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
    if (events.length === 0) this._nowMs += timeoutMs;
    return events;
  }

  wake(): void {}

  cancelPoll(): void {}

  soon(): void {}

  close(): void {}
}
