/** What one life of a node does with the packets that come: the functions that were given for it, or a queue. */
import { errorText, FatalError } from "../../base/index.ts";
import { wrap } from "../../context/index.ts";
import { type Future, RESOLVED } from "../../future/index.ts";
import { Queue } from "../../sync/index.ts";
import { UncontrolledAwaitError } from "../errors.ts";
import { startedProgram } from "../start-program.ts";
import type { NodeLoop } from "./node-loop.ts";
import type { Answer, Packet } from "./packet.ts";

/** A function of the user's: plain, a coroutine, or a generator function. */
export type PacketHandler = (packet: Packet) => unknown;

export class Mailbox {
  readonly #loop: NodeLoop;
  readonly #inbox = new Queue<Packet>();
  #listener: PacketHandler | undefined = undefined;
  #server: PacketHandler | undefined = undefined;

  constructor(loop: NodeLoop) {
    this.#loop = loop;
  }

  /** Does something here wait for packets? */
  get isOpen(): boolean {
    return this.#listener !== undefined || this.#server !== undefined || this.#inbox.statistics().getters > 0;
  }

  /** The next packet that no listener took. */
  receive(): Future<Packet> {
    return this.#inbox.get();
  }

  listen(handler: PacketHandler): void {
    this.#listener = named(handler);
    while (!this.#inbox.isEmpty()) this.#hand(this.#listener, this.#inbox.getNowait());
  }

  serve(handler: PacketHandler): void {
    this.#server = named(handler);
  }

  /** `packet` has come. @param answer - called with what a request comes to */
  put(packet: Packet, answer: (answer: Answer) => void): void {
    const loop = this.#loop;
    if (packet.kind === "request") {
      const server = this.#server;
      if (server !== undefined) loop.soon(() => this.#serve(server, packet, answer));
    } else if (this.#listener !== undefined) this.#hand(this.#listener, packet);
    else this.#inbox.putNowait(packet);
  }

  #hand(listener: PacketHandler, packet: Packet): void {
    this.#loop.soon(() => {
      const work = startedProgram(listener(packet), listener, "a listener for packets");
      work?._listen({
        settled: () => {
          if (work._state === RESOLVED) return;
          work._take();
          this.#loop._onCallbackError(work._value, listener);
        },
        isWaitedFor: () => true,
      });
    });
  }

  #serve(server: PacketHandler, packet: Packet, answer: (answer: Answer) => void): void {
    let made: unknown;
    let work: Future<unknown> | undefined;
    try {
      made = server(packet);
      work = startedProgram(made, server, "a function that serves requests");
    } catch (error) {
      if (error instanceof UncontrolledAwaitError || error instanceof FatalError) throw error;
      answer({ error: errorText(error) });
      return;
    }
    if (work === undefined) {
      answer({ value: made });
      return;
    }
    work._listen({
      settled: ({ _state: state, _value: value }) => {
        work._take();
        // Not inside the call that settles: what cannot be copied is an error of this node.
        this.#loop.soon(() => answer(state === RESOLVED ? { value } : { error: errorText(value) }));
      },
      isWaitedFor: () => true,
    });
  }
}

/** In the contexts in which it was given, and under its own name. */
function named(handler: PacketHandler): PacketHandler {
  const wrapped = wrap(handler);
  return wrapped === handler
    ? handler
    : Object.defineProperty((packet: Packet) => wrapped(packet), "name", { value: handler.name });
}
