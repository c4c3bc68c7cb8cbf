/** The I/O handlers of a loop, and how the events of one poll are given to them. */
import { checkFunction } from "../base/index.ts";
import { type ContextState, captureContexts } from "../context/index.ts";
import type { Outlet } from "./outlet.ts";
import type { Descriptors, PollEvent, Poller } from "./poller.ts";
import type { LoopFunction } from "./timers.ts";

/** Called with the descriptor and a mask of what holds of it: READ, WRITE, ERROR. */
export type IOHandler = (fd: number, events: number) => unknown;

/** What it needs of its loop's turns. */
export interface HandlerRunner {
  invoke(fn: LoopFunction, args: unknown[], contexts: ContextState): void;
  drain(): void;
}

interface Registration {
  readonly handler: IOHandler;
  readonly contexts: ContextState;
  /** Of registration, which is the order of dispatch. */
  readonly order: number;
}

export class HandlerTable {
  readonly #turns: HandlerRunner;
  readonly #poller: Poller;
  readonly #outlet: Outlet;
  readonly #registrations = new Map<number, Registration>();
  /** Events of this poll that are not dispatched yet. */
  readonly #pending = new Map<number, number>();
  #registered = 0;

  constructor(turns: HandlerRunner, poller: Poller, outlet: Outlet) {
    this.#turns = turns;
    this.#poller = poller;
    this.#outlet = outlet;
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
    this.#registrations.set(fd, { handler, contexts: captureContexts(), order: this.#registered++ });
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

  /** Remove all; with `closeFds` the descriptors themselves are closed as well, each once. */
  clear(closeFds: boolean): void {
    for (const fd of [...this.#registrations.keys()]) {
      this.remove(fd);
      if (closeFds) this.#descriptors().closeFd(fd);
    }
  }

  /** Run the handlers of `events`, each looked up at its own turn, because one handler may remove another. */
  dispatch(events: readonly PollEvent[]): void {
    for (const [fd, mask] of events) {
      if (this.#registrations.has(fd)) this.#pending.set(fd, (this.#pending.get(fd) ?? 0) | mask);
    }
    for (const fd of this.#inOrder()) {
      const mask = this.#pending.get(fd);
      const registration = this.#registrations.get(fd);
      // Removed by an earlier handler; one that was added since has seen no event yet.
      if (mask === undefined || registration === undefined) continue;
      this.#pending.delete(fd);
      this.#call(fd, mask, registration);
    }
  }

  #inOrder(): number[] {
    const fds = [...this.#pending.keys()];
    const orderOf = (fd: number): number => (this.#registrations.get(fd) as Registration).order;
    return fds.length < 2 ? fds : fds.sort((a, b) => orderOf(a) - orderOf(b));
  }

  #call(fd: number, mask: number, { handler, contexts }: Registration): void {
    try {
      this.#turns.invoke(handler, [fd, mask], contexts);
    } catch (error) {
      // The other side closed the connection: what its handler does next says so.
      if ((error as NodeJS.ErrnoException | undefined)?.code !== "EPIPE")
        this.#outlet.logError(`Error in I/O handler for descriptor ${fd}`, error);
    }
    this.#turns.drain();
  }

  #descriptors(): Descriptors {
    const descriptors = this.#poller.descriptors;
    if (descriptors === undefined) throw new Error("Cannot watch a descriptor: this loop's poller has none");
    return descriptors;
  }
}
