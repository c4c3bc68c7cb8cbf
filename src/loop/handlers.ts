/** The I/O handlers of a loop, and how the events of one poll are given to them. */
import { checkFunction, describe, GyreError } from "../base/index.ts";
import { type ContextState, captureContexts } from "../context/index.ts";
import type { Outlet } from "./outlet.ts";
import { type Descriptors, ERROR, type PollEvent, type Poller, READ, WRITE } from "./poller.ts";
import type { LoopFunction } from "./timers.ts";

/** What an `int` of C holds. */
const LARGEST_FD = 2 ** 31 - 1;

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
    checkDescriptor(fd, "add a handler");
    checkEvents(events, "add a handler");
    if (this.#registrations.has(fd)) {
      throw new Error(
        `Cannot add a handler: descriptor ${fd} is watched already, call updateHandler or remove it first (was it closed without removeHandler?)`,
      );
    }
    this.#descriptors().register(fd, events);
    this.#registrations.set(fd, { handler, contexts: captureContexts(), order: this.#registered++ });
  }

  update(fd: number, events: number): void {
    if (!this.#registrations.has(fd)) {
      throw new Error(`Cannot update a handler: descriptor ${fd} is not watched, call addHandler first`);
    }
    checkEvents(events, "update a handler");
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
      if (closeFds) this.#closeFd(fd);
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

  /** One that cannot be closed, as it was closed already, keeps no other open. */
  #closeFd(fd: number): void {
    try {
      this.#descriptors().closeFd(fd);
    } catch (error) {
      this.#outlet.logError(`Error when descriptor ${fd} was closed with its loop`, error);
    }
  }

  #descriptors(): Descriptors {
    const descriptors = this.#poller.descriptors;
    if (descriptors === undefined) {
      throw new GyreError(
        "GYRE_NO_DESCRIPTORS",
        "Cannot watch a descriptor: this loop's poller has none, one with descriptors is wanted",
      );
    }
    return descriptors;
  }
}

function checkDescriptor(fd: number, action: string): void {
  if (Number.isInteger(fd) && fd >= 0 && fd <= LARGEST_FD) return;
  const Kind = typeof fd === "number" ? RangeError : TypeError;
  throw new Kind(`Cannot ${action}: came ${describe(fd)}, the number of an open descriptor is wanted`);
}

function checkEvents(events: number, action: string): void {
  if ((events & (READ | WRITE | ERROR)) === events) return;
  const Kind = typeof events === "number" ? RangeError : TypeError;
  throw new Kind(
    `Cannot ${action}: the events are ${describe(events)}, a mask of READ, WRITE and ERROR is wanted`,
  );
}
