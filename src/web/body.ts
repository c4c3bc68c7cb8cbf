/** The body of one request as a handler reads it: with a limit on its size, and on the time a client may take over it. */
import { TimeoutError } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { type Coroutine, type CoroutineGenerator, coroutine, withTimeout } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import type { BodySource } from "./exchange.ts";
import { ConnectionClosedError, HTTPError } from "./http-error.ts";

export interface BodyLimits {
  /** Bytes of the whole body; more is a 413. */
  readonly maxBytes: number;
  /** How long the client may keep the reader waiting in all, in milliseconds of loop time; more is a 408. */
  readonly timeoutMs: number;
  /** Each so many bytes that came buy the client one more second. */
  readonly minBytesPerSecond: number;
}

export class RequestBody {
  readonly #source: BodySource;
  readonly #limits: BodyLimits;
  readonly #loop = IOLoop.current();
  #receivedBytes = 0;
  #waitedMs = 0;
  #ended: boolean;

  constructor(source: BodySource, limits: BodyLimits) {
    this.#source = source;
    this.#limits = limits;
    this.#ended = source.lengthBytes === 0;
  }

  /** Bytes read so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Has it been read to its end? */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The next piece, or `undefined` after the last.
   *
   * The client is paused until the next call. Suspends: while nothing has come.
   *
   * @throws {HTTPError} 413 past the limit, 408 when the client is too slow; both at the yield
   * @throws {ConnectionClosedError} at the yield, when the client goes
   */
  read(): Coroutine<Uint8Array | undefined> {
    return readPiece.call(this);
  }

  /** All that is left, as one Buffer. @throws as `read` */
  readAll(): Coroutine<Buffer> {
    return readAll.call(this);
  }

  /** @internal */
  *_next(): CoroutineGenerator<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    const { maxBytes, timeoutMs, minBytesPerSecond } = this.#limits;
    if ((this.#source.lengthBytes ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const chunk = yield* this.#wait(
      this.#source.read(),
      timeoutMs + (this.#receivedBytes * 1000) / minBytesPerSecond - this.#waitedMs,
    );
    if (chunk === undefined) {
      this.#ended = true;
      return undefined;
    }
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > maxBytes) throw tooLarge(maxBytes);
    return chunk;
  }

  *#wait<T>(piece: Future<T>, allowedMs: number): CoroutineGenerator<T> {
    if (piece.done()) return piece.result();
    const startedAtMs = this.#loop.time();
    try {
      return yield* withTimeout(Math.max(allowedMs, 0), piece, { quietErrors: [ConnectionClosedError] });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw new HTTPError(408, "Cannot wait longer for the body of the request: it comes too slowly", {
        cause: error,
      });
    } finally {
      this.#waitedMs += this.#loop.time() - startedAtMs;
    }
  }
}

const readPiece = coroutine(function* readBody(
  this: RequestBody,
): CoroutineGenerator<Uint8Array | undefined> {
  return yield* this._next();
});

const readAll = coroutine(function* readWholeBody(this: RequestBody): CoroutineGenerator<Buffer> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = yield* this._next();
    if (chunk === undefined) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
});

function tooLarge(maxBytes: number): HTTPError {
  return new HTTPError(
    413,
    `Cannot read the body of the request: it is above the limit of ${maxBytes} bytes`,
  );
}
