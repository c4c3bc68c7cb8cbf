/** The response of one request while it is made: what is set, what is written, what has gone. */
import { describe } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { type Chunk, toJson } from "./chunk.ts";
import type { ResponseSink } from "./exchange.ts";
import { HeaderMap } from "./header-map.ts";
import { ConnectionClosedError, ResponseStateError } from "./http-error.ts";
import { failedFuture, settledFuture } from "./settled.ts";
import { allowsBody, isReason, reasonOf } from "./status.ts";

/**
 * Collects until `flush` or `finish`, then sends.
 *
 * Invariant: a client never takes a part for the whole. Either `finish` sends a
 * proper end, or the connection is cut.
 */
export class Response {
  readonly headers: HeaderMap = new HeaderMap();
  status = 200;
  reason: string = reasonOf(200);
  readonly #sink: ResponseSink;
  readonly #headOnly: boolean;
  #chunks: Uint8Array[] = [];
  #started = false;
  #finished = false;
  #cut = false;
  #sentBytes = 0;
  #declaredBytes: number | undefined = undefined;

  /** @param headOnly - answers HEAD: the body is counted and not sent */
  constructor(sink: ResponseSink, headOnly: boolean) {
    this.#sink = sink;
    this.#headOnly = headOnly;
  }

  /** Has the head been sent, so that status and headers are out of reach? */
  get started(): boolean {
    return this.#started;
  }

  /** Ended, properly or by a cut? */
  get finished(): boolean {
    return this.#finished;
  }

  /** Bytes of the body handed to the transport. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Forget status, headers and what was written. @throws {ResponseStateError} once the head is sent */
  clear(): void {
    this.checkNotStarted("clear the response");
    this.status = 200;
    this.reason = reasonOf(200);
    this.headers.clear();
    this.#chunks = [];
    // An attempt to send that failed has counted already.
    this.#sentBytes = 0;
    this.#declaredBytes = undefined;
  }

  /** @throws {RangeError} for no status; {TypeError} for a reason with a control character */
  setStatus(status: number, reason?: string): void {
    if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
      throw new RangeError(`Cannot set the status: it is ${describe(status)}, one of 200 to 599 is wanted`);
    }
    if (reason !== undefined && !isReason(reason)) {
      throw new TypeError(
        `Cannot set the status: the reason is ${describe(reason)}, visible ASCII is wanted`,
      );
    }
    this.checkNotStarted("set the status");
    this.status = status;
    this.reason = reason ?? reasonOf(status);
  }

  /** Was the connection cut, so that writing has no effect any more? */
  get cut(): boolean {
    return this.#cut;
  }

  /**
   * Add to what the next `flush` or `finish` sends. A record is written as JSON, and makes that the content type.
   *
   * @throws {ResponseStateError} after the end
   * @throws {TypeError} for anything else, arrays included
   */
  write(chunk: Chunk): void {
    const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from(this.#textOf(chunk));
    if (this.#cut) return;
    this.#checkNotFinished("write");
    this.#chunks.push(bytes);
  }

  /**
   * Send what was written, and before that the head.
   *
   * @returns settled once there is room for more
   * @throws {ResponseStateError} after the end, or when this is more than `Content-Length` says
   */
  flush(): Future<void> {
    if (this.#cut) return failedFuture(new ConnectionClosedError("Cannot send: the connection has been cut"));
    this.#checkNotFinished("flush the response");
    const chunk = this.#take();
    this.#count(chunk);
    this.#start();
    return this.#sink.write(this.#headOnly ? new Uint8Array(0) : chunk);
  }

  /**
   * End the response.
   *
   * @returns settled once all is sent
   * @throws {ResponseStateError} after the end, when the status allows no body and there is one, or when
   *   there is more or less of it than `Content-Length` says
   */
  finish(): Future<void> {
    if (this.#cut) return settledFuture();
    this.#checkNotFinished("finish the response");
    const chunk = this.#take();
    if (!this.#started) this.#completeHead(chunk.length);
    this.#count(chunk);
    if (this.#declaredBytes !== undefined && this.#sentBytes < this.#declaredBytes && !this.#headOnly) {
      throw new ResponseStateError(
        `Cannot finish the response: its body has ${this.#sentBytes} bytes, its Content-Length says ${this.#declaredBytes}`,
      );
    }
    this.#start();
    this.#finished = true;
    return this.#sink.end(this.#headOnly || chunk.length === 0 ? undefined : chunk);
  }

  /** Cut the connection; nothing can be sent any more. */
  abort(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#cut = true;
    this.#sink.abort();
  }

  /** @throws {ResponseStateError} once the head is sent */
  checkNotStarted(action: string): void {
    if (this.#started) {
      throw new ResponseStateError(`Cannot ${action}: the head of the response has been sent already`);
    }
  }

  #checkNotFinished(action: string): void {
    if (this.#finished)
      throw new ResponseStateError(`Cannot ${action}: the response is finished (is a yield missing?)`);
  }

  #textOf(chunk: string | object): string {
    if (typeof chunk === "string") return chunk;
    const text = toJson(chunk);
    if (!this.#started) this.headers.set("Content-Type", "application/json; charset=UTF-8");
    return text;
  }

  #take(): Uint8Array {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
  }

  /** The headers that follow from the body, once all of it is known. */
  #completeHead(bodyBytes: number): void {
    if (allowsBody(this.status)) {
      if (!this.headers.has("Content-Length")) this.headers.set("Content-Length", bodyBytes);
      return;
    }
    if (bodyBytes > 0) {
      throw new ResponseStateError(
        `Cannot finish the response: its status ${this.status} allows no body, but ${bodyBytes} bytes were written`,
      );
    }
    this.headers.delete("Content-Type");
    this.headers.delete("Content-Length");
  }

  #count(chunk: Uint8Array): void {
    if (!this.#started) this.#declaredBytes = this.#declaredLength();
    this.#sentBytes += chunk.length;
    if (this.#declaredBytes !== undefined && this.#sentBytes > this.#declaredBytes) {
      throw new ResponseStateError(
        `Cannot write ${chunk.length} bytes: the body is ${this.#sentBytes} bytes then, its Content-Length says ${this.#declaredBytes}`,
      );
    }
  }

  #declaredLength(): number | undefined {
    const header = this.headers.get("Content-Length");
    if (header === undefined) return undefined;
    if (!/^\d+$/.test(header)) {
      throw new ResponseStateError(
        `Cannot send the response: its Content-Length is ${describe(header)}, digits are wanted`,
      );
    }
    return Number(header);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#sink.start(this.status, this.reason, this.headers.toRaw());
  }
}
