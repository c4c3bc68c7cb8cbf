/**
 * The transport: exchanges over `node:http`, which only this file knows.
 *
 * It leaves to Node the parsing of heads and chunks. Its own affairs are: one
 * request of a connection at a time, a body that is taken no faster than it is
 * read, clients that take nothing, and an end that loses no request.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type CancelledError, checkDurationMs } from "../base/index.ts";
import { chainFuture, Future } from "../future/index.ts";
import { currentCoroutine } from "../gen/index.ts";
import { IOLoop, type Timeout } from "../loop/index.ts";
import type { BodySource, Exchange, ResponseSink } from "./exchange.ts";
import { HeaderMap } from "./header-map.ts";
import { ConnectionClosedError } from "./http-error.ts";
import type { Settings } from "./settings.ts";
import { failedFuture, failPending, failQuietly, settledFuture, settlePending } from "./settled.ts";
import { reasonOf } from "./status.ts";

/** How often Node looks for heads that take too long, in milliseconds. */
const CHECK_HEADS_MS = 1000;
/** How long a client that still sends gets to read its answer before the connection is closed. */
const LINGER_MS = 1000;
/** How long a connection without a request is kept once the server closes: a request may be on its way. */
const LAST_REQUEST_MS = 250;
/** How many requests may wait on a connection before it is read no further. */
const MAX_WAITING = 10;
const NO_BYTES = new Uint8Array(0);

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

type Handle = (exchange: Exchange) => void;

/**
 * Listen on `port` of `host`.
 *
 * @param port - 0 for any that is free
 * @returns the Future of the server; fails with Node's own error when the address cannot be had
 * @throws {RangeError} when `port` is none
 */
export function listen(handle: Handle, settings: Settings, port: number, host: string): Listening {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`Cannot listen: the port is ${port}, one of 0 to 65535 is wanted`);
  const listening = new Listening(new HttpServer(handle, settings));
  listening.server._listen(port, host, listening);
  return listening;
}

/** The Future of a server that will listen. To cancel it is to close the server. */
export class Listening extends Future<HttpServer> {
  readonly server: HttpServer;
  readonly #owner = currentCoroutine();

  constructor(server: HttpServer) {
    super();
    this.server = server;
  }

  override cancel(reason?: unknown): boolean {
    if (!super.cancel(reason)) return false;
    this.server.close({ graceMs: 0 });
    return true;
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }
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

/** One connection: its requests wait here until it is their turn. */
class Connection {
  readonly socket: IncomingMessage["socket"];
  /** Does the server close, so that each answer must say so? */
  draining = false;
  readonly #dispatch: Handle;
  readonly #headTimeoutMs: number;
  readonly #loop = IOLoop.current();
  #current: NodeExchange | undefined = undefined;
  readonly #waiting: NodeExchange[] = [];
  /** Has the socket been paused since the last head was complete? */
  #heldBack = false;
  #headTimer: Timeout | undefined = undefined;

  constructor(socket: IncomingMessage["socket"], dispatch: Handle, headTimeoutMs: number) {
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

  take(exchange: NodeExchange): void {
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

  #begin(exchange: NodeExchange): void {
    this.#current = exchange;
    this.#dispatch(exchange);
  }

  #forgetHead(): void {
    this.#heldBack = false;
    if (this.#headTimer !== undefined) this.#loop.removeTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }
}

class NodeExchange implements Exchange, BodySource, ResponseSink {
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly headers: HeaderMap;
  readonly remoteAddress: string;
  readonly lengthBytes: number | undefined;
  readonly body: BodySource = this;
  readonly response: ResponseSink = this;
  onClose: (() => void) | undefined = undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly #writeTimeoutMs: number;
  /** Does the client wait for a "100 Continue" that has not been sent? */
  #expectsContinue: boolean;
  #reading = false;
  #bodyEnded = false;
  #piece: Future<Uint8Array | undefined> | undefined = undefined;
  #room: Future<void> | undefined = undefined;
  #sent: Future<void> | undefined = undefined;
  /** Can the client tell the end of the body without an end of ours? */
  #hasLength = false;
  #gone = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
    expectsContinue: boolean,
    writeTimeoutMs: number,
  ) {
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    this.#expectsContinue = expectsContinue;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.method = request.method ?? "";
    this.target = request.url ?? "";
    this.version = request.httpVersion === "1.0" ? "1.0" : "1.1";
    this.headers = HeaderMap.fromRaw(request.rawHeaders);
    this.remoteAddress = request.socket.remoteAddress ?? "";
    this.lengthBytes = this.headers.has("Transfer-Encoding")
      ? undefined
      : Number(this.headers.getAll("Content-Length")[0] ?? 0);
    // A client that goes is told of by the socket; without a listener this would be an uncaught error.
    request.on("error", () => {});
    response.on("error", () => {});
    response.on("finish", () => this.#finished());
    response.on("drain", () => this.#drained());
  }

  // The body.

  read(): Future<Uint8Array | undefined> {
    if (this.#piece !== undefined && !this.#piece.done()) return this.#piece;
    const piece = new Future<Uint8Array | undefined>();
    this.#piece = piece;
    if (this.#gone) piece.setError(clientGone());
    else if (this.#bodyEnded || this.lengthBytes === 0) piece.setResult(undefined);
    else {
      this.#beginReading();
      this.#onReadable();
    }
    return piece;
  }

  #beginReading(): void {
    if (this.#reading) return;
    this.#reading = true;
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      this.#response.writeContinue();
    }
    this.#request.on("readable", this.#onReadable);
    this.#request.on("end", () => {
      this.#bodyEnded = true;
      settlePending(this.#piece, undefined);
    });
  }

  // Nothing is read from the stream before it is asked for: Node then stops reading the socket.
  readonly #onReadable = (): void => {
    if (this.#piece === undefined || this.#piece.done()) return;
    const chunk = this.#request.read() as Buffer | null;
    if (chunk !== null) settlePending(this.#piece, chunk);
  };

  // The response.

  start(status: number, reason: string, headers: string[]): void {
    if (this.#gone) return;
    for (let at = 0; at < headers.length; at += 2) {
      if ((headers[at] as string).toLowerCase() === "content-length") this.#hasLength = true;
    }
    // What is left of the body would be taken for the next request.
    if (this.#connection.draining || !this.#bodyReceived) headers.push("Connection", "close");
    this.#response.writeHead(status, reason, headers);
  }

  write(chunk: Uint8Array): Future<void> {
    if (this.#gone) return failedFuture(clientGone());
    const response = this.#response;
    if (chunk.length === 0) response.flushHeaders();
    const hasRoom = chunk.length === 0 ? !response.writableNeedDrain : response.write(chunk);
    if (hasRoom) return settledFuture();
    this.#limitWrite();
    // One that was cancelled must not fail those who flush afterwards.
    if (this.#room === undefined || this.#room.done()) this.#room = new Future();
    return this.#room;
  }

  end(chunk: Uint8Array | undefined): Future<void> {
    this.onClose = undefined;
    if (this.#gone) return settledFuture();
    const sent = new Future<void>();
    this.#sent = sent;
    this.#limitWrite();
    if (this.#bodyReceived || this.#expectsContinue || !this.#hasLength)
      this.#response.end(chunk ?? NO_BYTES);
    else this.#linger(chunk ?? NO_BYTES);
    return sent;
  }

  abort(): void {
    this.onClose = undefined;
    const socket = this.#request.socket;
    // Behind what was flushed: Node gives that to the system at the end of its tick.
    process.nextTick(() => {
      // In HTTP/1.0 a plain end of the connection is the end of the body.
      if (this.version === "1.0") socket.resetAndDestroy();
      else socket.destroy();
    });
  }

  /** The socket is closed. */
  gone(): void {
    this.#gone = true;
    failQuietly(this.#piece, clientGone());
    failQuietly(this.#room, clientGone());
    this.#room = undefined;
    failQuietly(this.#sent, clientGone());
    this.#sent = undefined;
    const onClose = this.onClose;
    this.onClose = undefined;
    onClose?.();
  }

  get #bodyReceived(): boolean {
    return this.lengthBytes === 0 || this.#request.complete;
  }

  /**
   * Give the answer, and take what the client still sends for a moment.
   *
   * A socket that is closed with bytes unread resets the connection, and the
   * reset destroys the answer at the client. The answer has its length, so the client need not wait for our end.
   */
  #linger(chunk: Uint8Array): void {
    const request = this.#request;
    if (chunk.length > 0) this.#response.write(chunk);
    else this.#response.flushHeaders();
    request.off("readable", this.#onReadable);
    request.resume();
    const loop = IOLoop.current();
    const finish = (): void => {
      loop.removeTimeout(timer);
      if (!this.#gone && !this.#response.writableEnded) this.#response.end();
    };
    const timer = loop.callLater(LINGER_MS, finish);
    request.on("end", finish);
    request.on("close", finish);
  }

  /** A client that takes nothing for so long is cut by Node: its timer knows whether a write makes progress. */
  #limitWrite(): void {
    this.#request.socket.setTimeout(this.#writeTimeoutMs);
  }

  #drained(): void {
    const room = this.#room;
    this.#room = undefined;
    if (this.#sent === undefined) this.#request.socket.setTimeout(0);
    settlePending(room, undefined);
  }

  /** All is with the system. Node has set the timer for an idle connection by now. */
  #finished(): void {
    const sent = this.#sent;
    this.#sent = undefined;
    this.#drained();
    settlePending(sent, undefined);
    this.#connection.next();
  }
}

/** Answer what is no proper request, on the bare socket. */
function refuse(socket: Duplex, status: number, answering: boolean): void {
  if (!socket.writable || answering) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${reasonOf(status)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

function statusOf(code: string | undefined): number {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return 431;
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return 413;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    default:
      return 400;
  }
}

function clientGone(): ConnectionClosedError {
  return new ConnectionClosedError("Cannot go on with the request: the client has closed the connection");
}
