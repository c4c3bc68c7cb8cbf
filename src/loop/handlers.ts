/** The I/O handlers of a loop, and how the events of one poll are given to them. */
import { checkFunction } from "../base/index.ts";
import { type ContextState, captureContexts } from "../context/index.ts";
import type { IOLoop } from "./ioloop.ts";
import type { Descriptors, PollEvent } from "./poller.ts";

/** Called with the descriptor and a mask of what holds of it: READ, WRITE, ERROR. */
export type IOHandler = (fd: number, events: number) => unknown;

interface Registration {
  readonly handler: IOHandler;
  readonly contexts: ContextState;
}

export class HandlerTable {
  readonly #loop: IOLoop;
  /** In order of registration, which is the order of dispatch. */
  readonly #registrations = new Map<number, Registration>();
  /** Events of this poll that are not dispatched yet. */
  readonly #pending = new Map<number, number>();

  constructor(loop: IOLoop) {
    this.#loop = loop;
  }

  get size(): number {
    return this.#registrations.size;
  }

  add(fd: number, handler: IOHandler, events: number): void {
    checkFunction(handler, "add a handler");
    if (this.#registrations.has(fd)) {
      throw new Error(
        `Cannot add a handler: descriptor ${fd} is watched already, call updateHandler or remove it first`,
      );
    }
    this.#descriptors().register(fd, events);
    this.#registrations.set(fd, { handler, contexts: captureContexts() });
  }

  update(fd: number, events: number): void {
    if (!this.#registrations.has(fd)) {
      throw new Error(`Cannot update a handler: descriptor ${fd} is not watched, call addHandler first`);
    }
    this.#descriptors().modify(fd, events);
  }

  remove(fd: number): void {
    this.#pending.delete(fd);
    if (this.#registrations.delete(fd)) this.#descriptors().unregister(fd);
  }

  clear(): void {
    for (const fd of [...this.#registrations.keys()]) this.remove(fd);
  }

  /**
   * Run the handlers of `events`, each looked up at its own turn: one handler
   * may remove another, or poll again by itself.
   */
  dispatch(events: readonly PollEvent[]): void {
    if (events.length === 0) return;
    for (const [fd, mask] of events) this.#pending.set(fd, (this.#pending.get(fd) ?? 0) | mask);
    for (const fd of [...this.#registrations.keys()]) {
      const mask = this.#pending.get(fd);
      const registration = this.#registrations.get(fd);
      if (mask === undefined || registration === undefined) continue;
      this.#pending.delete(fd);
      this.#call(fd, mask, registration);
    }
    this.#pending.clear();
  }

  #call(fd: number, mask: number, { handler, contexts }: Registration): void {
    const guarded = (): unknown => {
      try {
        return handler(fd, mask);
      } catch (error) {
        // The other side closed the connection: what its handler does next says so.
        if ((error as NodeJS.ErrnoException)?.code === "EPIPE") return undefined;
        this.#loop.log.error(`Error in I/O handler for descriptor ${fd}`, error);
        return undefined;
      }
    };
    this.#loop._runGuarded(guarded, [], contexts);
  }

  #descriptors(): Descriptors {
    const descriptors = this.#loop.poller.descriptors;
    if (descriptors === undefined) throw new Error("Cannot watch a descriptor: this loop's poller has none");
    return descriptors;
  }
}
