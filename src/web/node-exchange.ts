/**
 * One request over `node:http` and its answer.
 *
 * The answer is given so that no client takes a part of it for the whole, none
 * that takes nothing is waited for without end, and none loses it because it was still sending.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Future } from "../future/index.ts";
import { IOLoop } from "../loop/index.ts";
import type { ConnectedExchange, Connection } from "./connection.ts";
import type { ResponseSink } from "./exchange.ts";
import { HeaderMap } from "./header-map.ts";
import { clientGone, NodeBody } from "./node-body.ts";
import { failedFuture, failQuietly, settledFuture, settlePending } from "./settled.ts";

/** How long a client that still sends gets to read its answer before the connection is closed. */
const LINGER_MS = 1000;
const NO_BYTES = new Uint8Array(0);

export class NodeExchange implements ConnectedExchange, ResponseSink {
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly headers: HeaderMap;
  readonly remoteAddress: string;
  readonly body: NodeBody;
  readonly response: ResponseSink = this;
  onClose: (() => void) | undefined = undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly #writeTimeoutMs: number;
  #room: Future<void> | undefined = undefined;
  #sent: Future<void> | undefined = undefined;
  /** Can the client tell the end of the body without an end of ours? */
  #hasLength = false;
  #gone = false;

  /** @param expectsContinue - does the client wait for a "100 Continue" before it sends the body? */
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
    this.#writeTimeoutMs = writeTimeoutMs;
    this.method = request.method ?? "";
    this.target = request.url ?? "";
    this.version = request.httpVersion === "1.0" ? "1.0" : "1.1";
    this.headers = HeaderMap.fromRaw(request.rawHeaders);
    this.remoteAddress = request.socket.remoteAddress ?? "";
    const lengthBytes = this.headers.has("Transfer-Encoding")
      ? undefined
      : Number(this.headers.getAll("Content-Length")[0] ?? 0);
    this.body = new NodeBody(request, lengthBytes, expectsContinue ? response : undefined);
    // A client that goes is told of by the socket; without a listener this would be an uncaught error.
    request.on("error", () => {});
    response.on("error", () => {});
    response.on("finish", () => this.#finished());
    response.on("drain", () => this.#drained());
  }

  start(status: number, reason: string, headers: string[]): void {
    if (this.#gone) return;
    for (let at = 0; at < headers.length; at += 2) {
      if ((headers[at] as string).toLowerCase() === "content-length") this.#hasLength = true;
    }
    // What is left of the body would be taken for the next request.
    if (this.#connection.draining || !this.body.received) headers.push("Connection", "close");
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
    if (this.body.isComing && this.#hasLength) this.#linger(chunk ?? NO_BYTES);
    else this.#response.end(chunk ?? NO_BYTES);
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
    this.body.close();
    failQuietly(this.#room, clientGone());
    this.#room = undefined;
    failQuietly(this.#sent, clientGone());
    this.#sent = undefined;
    const onClose = this.onClose;
    this.onClose = undefined;
    onClose?.();
  }

  /**
   * Give the answer, and take what the client still sends for a moment.
   *
   * A socket that is closed with bytes unread resets the connection, and the
   * reset destroys the answer at the client. The answer has its length, so the client need not wait for our end.
   */
  #linger(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#response.write(chunk);
    else this.#response.flushHeaders();
    const loop = IOLoop.current();
    const finish = (): void => {
      loop.removeTimeout(timer);
      if (!this.#gone && !this.#response.writableEnded) this.#response.end();
    };
    const timer = loop.callLater(LINGER_MS, finish);
    this.body.drop(finish);
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
