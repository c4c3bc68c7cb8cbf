/** One connection and the requests on it: one of them at a time, and never too many behind it. */
import type { Socket } from "node:net";
import { IOLoop, type Timeout } from "../loop/index.ts";
import type { Exchange, Handle } from "./exchange.ts";
import { refuse } from "./refuse.ts";

/** How many requests may wait on a connection before it is read no further. */
const MAX_WAITING = 10;

/** A request of a connection, which calls `next` when its answer is out. */
export interface ConnectedExchange extends Exchange {
  /** The socket is closed. */
  gone(): void;
}

/** One connection: its requests wait here until it is their turn. */
export class Connection {
  readonly socket: Socket;
  /** Does the server close, so that each answer must say so? */
  draining = false;
  readonly #dispatch: Handle;
  readonly #headTimeoutMs: number;
  readonly #loop = IOLoop.current();
  #current: ConnectedExchange | undefined = undefined;
  readonly #waiting: ConnectedExchange[] = [];
  /** Has the socket been paused since the last head was complete? */
  #heldBack = false;
  #headTimer: Timeout | undefined = undefined;

  constructor(socket: Socket, dispatch: Handle, headTimeoutMs: number) {
    this.socket = socket;
    this.#dispatch = dispatch;
    this.#headTimeoutMs = headTimeoutMs;
    // Node resumes the socket at the end of each request: it does not know that others wait.
    socket.on("resume", () => {
      if (this.#isFull) socket.pause();
    });
  }

  /** Is a request in process, or its answer on its way? */
  get answering(): boolean {
    return this.#current !== undefined;
  }

  /** Without a limit a client could fill the memory with requests behind a slow one. */
  get #isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  take(exchange: ConnectedExchange): void {
    this.#forgetHead();
    if (this.#current !== undefined) {
      this.#waiting.push(exchange);
      if (this.#isFull) {
        this.#heldBack = true;
        this.socket.pause();
      }
      return;
    }
    this.#begin(exchange);
  }

  /** The answer to the current request is out. */
  next(): void {
    this.#current = undefined;
    const wasFull = this.#isFull;
    const exchange = this.#waiting.shift();
    // Not for one whose answer could not be sent: the answer before may have said that it was the last.
    if (exchange === undefined || !this.socket.writable) return;
    if (wasFull && !this.#isFull) this.socket.resume();
    // What was set for the answer before does not hold for this one.
    this.socket.setTimeout(0);
    this.#begin(exchange);
  }

  /**
   * Is it our own doing that the head that has begun does not get on?
   *
   * Node's patience with it is at an end then, so the client gets another limit from us.
   */
  excusesHead(): boolean {
    if (!this.#heldBack) return false;
    this.#headTimer = this.#loop.callLater(this.#headTimeoutMs, () => {
      if (this.#isFull) this.excusesHead();
      else refuse(this.socket, 408, this.answering);
    });
    return true;
  }

  closed(): void {
    this.#forgetHead();
    this.#waiting.length = 0;
    this.#current?.gone();
  }

  #begin(exchange: ConnectedExchange): void {
    this.#current = exchange;
    this.#dispatch(exchange);
  }

  #forgetHead(): void {
    this.#heldBack = false;
    if (this.#headTimer !== undefined) this.#loop.removeTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }
}
