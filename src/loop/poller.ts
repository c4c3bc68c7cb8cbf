/**
 * What a loop stands on: a clock, and a way to wait for events.
 *
 * Python's poll blocks; Node's cannot. So a poller either answers at once, with
 * what happened (a simulated one does, moving its clock), or says "later" and
 * calls `resume`. The loop's algorithm is the same over both.
 */
import type { ReadyQueue } from "../future/index.ts";

/** Events of a descriptor, as a bit mask. Source: Tornado `IOLoop.READ`, `WRITE`, `ERROR`. */
export const READ = 1;
export const WRITE = 4;
export const ERROR = 24;

/** What happened to one descriptor: its number, and a mask of READ, WRITE and ERROR. */
export type PollEvent = readonly [fd: number, events: number];

/** What a poller calls when a wait that it answered with "later" is over. */
export type Resume = (events: readonly PollEvent[]) => void;

export interface Poller {
  /** Is its time simulated, so that `poll` never waits for real? */
  readonly virtual: boolean;

  /** Milliseconds of a clock that never goes back, unless a test makes it. */
  now(): number;

  /**
   * Wait for events, at most `timeoutMs` (0 looks only); without an event not for less, however long that is.
   *
   * One wait at a time: the next one replaces it.
   *
   * @returns the events, or "later" when `resume` will be called instead, in a turn of its own
   * @throws what the system refuses; with the code "EINTR" when a signal cut the wait short
   */
  poll(timeoutMs: number, resume: Resume): readonly PollEvent[] | "later";

  /** Cut a wait short, because the loop has something to do. Harmless when there is none. */
  wake(): void;

  /** Drop a wait without calling `resume`: the loop has stopped. */
  cancelPoll(): void;

  /** Call `drain` soon, before I/O: on Node in the next microtask. A virtual poller need not, its loop drains. */
  soon(drain: () => void): void;

  /** The queue of what is ready, where it is not simply first in, first out. For the loop, once. */
  readyQueue?(...of: ConstructorParameters<typeof ReadyQueue>): ReadyQueue | undefined;

  /** Watch a descriptor. Absent where there are none. */
  readonly descriptors?: Descriptors;

  /** Give back what the poller holds of the system. */
  close(): void;
}

/** The descriptors that a poller watches, level-triggered. */
export interface Descriptors {
  /** How many are watched. */
  readonly size: number;
  register(fd: number, events: number): void;
  modify(fd: number, events: number): void;
  unregister(fd: number): void;
  /** Close the descriptor itself, which is not watched any more. */
  closeFd(fd: number): void;
}
