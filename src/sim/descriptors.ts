/** Descriptors that exist in a simulation only; a program under test makes events of them with `raise`. */
import type { Descriptors, PollEvent } from "../loop/index.ts";

const NO_EVENTS: readonly PollEvent[] = [];
const NONE: readonly number[] = [];

export class SimDescriptors implements Descriptors {
  /** All are made when they are used: most simulated loops watch none. */
  #watched: Map<number, number> | undefined = undefined;
  #raised: Map<number, number> | undefined = undefined;
  #closed: number[] | undefined = undefined;

  get size(): number {
    return this.#watched?.size ?? 0;
  }

  register(fd: number, events: number): void {
    this.#watched ??= new Map();
    this.#watched.set(fd, events);
  }

  modify(fd: number, events: number): void {
    this.register(fd, events);
  }

  unregister(fd: number): void {
    this.#watched?.delete(fd);
  }

  /** Nothing holds of a closed descriptor. */
  closeFd(fd: number): void {
    this.#raised?.delete(fd);
    this.#closed ??= [];
    this.#closed.push(fd);
  }

  /** Those that were closed, in that order. */
  get closed(): readonly number[] {
    return this.#closed ?? NONE;
  }

  raise(fd: number, events: number): void {
    this.#raised ??= new Map();
    this.#raised.set(fd, (this.#raised.get(fd) ?? 0) | events);
  }

  lower(fd: number): void {
    this.#raised?.delete(fd);
  }

  /** Level-triggered: what stays raised is seen by each poll. */
  take(): readonly PollEvent[] {
    if (this.#watched === undefined || this.#raised === undefined) return NO_EVENTS;
    const events: PollEvent[] = [];
    for (const [fd, wanted] of this.#watched) {
      const mask = (this.#raised.get(fd) ?? 0) & wanted;
      if (mask !== 0) events.push([fd, mask]);
    }
    return events;
  }
}
