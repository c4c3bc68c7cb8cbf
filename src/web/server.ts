/**
 * The transport: a server of `node:http` and its connections.
 *
 * It leaves to Node the parsing of heads and chunks. Its own affairs are one
 * request of a connection at a time (`connection.ts`), a body that is taken no
 * faster than it is read (`node-body.ts`), clients that take nothing
 * (`node-exchange.ts`), and an end that loses no request: that one is here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { checkDurationMs } from "../base/index.ts";
import { chainFuture, Future } from "../future/index.ts";
import { IOLoop, type Timeout } from "../loop/index.ts";
import { Connection } from "./connection.ts";
import type { Exchange, Handle } from "./exchange.ts";
import { NodeExchange } from "./node-exchange.ts";
import { refuse, statusOf } from "./refuse.ts";
import type { Settings } from "./settings.ts";
import { failPending, settlePending } from "./settled.ts";

/** How often Node looks for heads that take too long, in milliseconds. */
const CHECK_HEADS_MS = 1000;
/** How long a connection without a request is kept once the server closes: a request may be on its way. */
const LAST_REQUEST_MS = 250;

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** With which a client begins its URLs, "http://127.0.0.1:8888". */
  readonly url: string;
}

export interface CloseOptions {
  /** How long requests in process may still take, in milliseconds; then their connections are cut. Default 10,000. */
  readonly graceMs?: number;
}

/** A server that listens, and its connections. */
export class HttpServer {
  readonly #server: Server;
  readonly #settings: Settings;
  readonly #handle: Handle;
  readonly #loop = IOLoop.current();
  readonly #connections = new Map<Duplex, Connection>();
  #address: ServerAddress | undefined = undefined;
  /** Does Node still look for the address? It cannot be told to stop that. */
  #opening = true;
  #closing = false;
  /** @internal Settled when it neither listens nor will, and no connection is left. */
  readonly _closed: Future<void> = new Future();

  constructor(handle: Handle, settings: Settings) {
    this.#handle = handle;
    this.#settings = settings;
    this.#server = createServer({
      maxHeaderSize: settings.maxHeadBytes,
      headersTimeout: settings.headTimeoutMs,
      // Bodies have limits of their own, which know whether a reader waits.
      requestTimeout: 0,
      keepAliveTimeout: settings.idleTimeoutMs,
      connectionsCheckingInterval: CHECK_HEADS_MS,
      noDelay: true,
    });
    // One more than allowed, to see that there are too many: Node drops the rest without a word.
    this.#server.maxHeadersCount = settings.maxHeaders + 1;
    this.#server.on("connection", (socket) => {
      this.#connections.set(socket, new Connection(socket, this.#dispatch, settings.headTimeoutMs));
      socket.on("close", () => {
        this.#connections.get(socket)?.closed();
        this.#connections.delete(socket);
        this.#settleClosed();
      });
    });
    this.#server.on("request", (request, response) => this.#received(request, response, false));
    this.#server.on("checkContinue", (request, response) => this.#received(request, response, true));
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      const connection = this.#connections.get(socket);
      const status = statusOf(error.code);
      if (status === 408 && connection?.excusesHead()) return;
      refuse(socket, status, connection?.answering ?? false);
    });
  }

  /** Where it listens. */
  get address(): ServerAddress {
    if (this.#address === undefined)
      throw new Error("Cannot tell the address: the server does not listen yet");
    return this.#address;
  }

  /** Connections that are open, and requests that are being answered. */
  statistics(): { connections: number; requests: number } {
    let requests = 0;
    for (const connection of this.#connections.values()) if (connection.answering) requests++;
    return { connections: this.#connections.size, requests };
  }

  /**
   * Take no more connections, answer what has come and what is on its way, and close.
   *
   * Connections without a request are closed soon, the others after their
   * answer, which carries `Connection: close`. Those that are open after
   * `graceMs` are cut.
   *
   * @returns settled when no connection is left
   * @throws {RangeError} when `graceMs` is negative or not finite
   */
  close(options: CloseOptions = {}): Future<void> {
    const graceMs = checkDurationMs(options.graceMs ?? 10_000, "close the server");
    if (!this.#closing) {
      this.#closing = true;
      if (!this.#opening) this.#close(graceMs);
    }
    // One for each caller, whose cancel is no other's affair.
    const closed = new Future<void>();
    chainFuture(this._closed, closed);
    return closed;
  }

  /** @internal */
  _listen(port: number, host: string, listening: Future<HttpServer>): void {
    const failed = (error: Error): void => {
      this.#opening = false;
      this.#settleClosed();
      failPending(listening, error);
    };
    this.#server.once("error", failed);
    this.#server.listen(port, host, () => {
      this.#opening = false;
      this.#server.off("error", failed);
      // Out of descriptors, say: the server lives on, and takes connections again when it can.
      this.#server.on("error", (error) => this.#settings.log.error("Error of the listening socket", error));
      const { address, port: bound, family } = this.#server.address() as AddressInfo;
      const host = family === "IPv6" ? `[${address}]` : address;
      this.#address = { host: address, port: bound, url: `http://${host}:${bound}` };
      if (this.#closing) this.#close(0);
      settlePending(listening, this);
    });
  }

  #close(graceMs: number): void {
    const timers: Timeout[] = [
      this.#loop.callLater(Math.min(LAST_REQUEST_MS, graceMs), () => this.#closeIdle()),
      this.#loop.callLater(graceMs, () => this.#cut()),
    ];
    // Node's close() would cut idle connections at once, and a request on its way with them.
    this.#server.closeIdleConnections = () => {};
    this.#server.close(() => {
      for (const timer of timers) this.#loop.removeTimeout(timer);
      this.#settleClosed();
    });
    for (const connection of this.#connections.values()) connection.draining = true;
  }

  #received(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return;
    if (request.rawHeaders.length / 2 > this.#settings.maxHeaders) {
      refuse(request.socket, 431, connection.answering);
      return;
    }
    connection.draining = this.#closing;
    connection.take(
      new NodeExchange(request, response, connection, expectsContinue, this.#settings.writeTimeoutMs),
    );
  }

  readonly #dispatch = (exchange: Exchange): void => {
    if (IOLoop.current() === this.#loop) this.#handle(exchange);
    else this.#loop.addCallback(this.#handle, exchange);
  };

  /** Node tells of the server's end and of a connection's in no fixed order. */
  #settleClosed(): void {
    if (this.#opening || this.#server.listening || this.#connections.size > 0) return;
    settlePending(this._closed, undefined);
  }

  #closeIdle(): void {
    for (const [socket, connection] of this.#connections) {
      if (!connection.answering) (socket as Duplex & { destroySoon(): void }).destroySoon();
    }
  }

  #cut(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }
}
