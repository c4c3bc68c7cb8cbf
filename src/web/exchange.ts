/**
 * One request and the way to answer it, whatever carried them.
 *
 * The application sees nothing else: no socket, no stream. A transport
 * (`node-exchange.ts`, over `node:http`) or a test (`memory.ts`) makes exchanges.
 */
import type { Future } from "../future/index.ts";
import type { HeaderMap } from "./header-map.ts";

/** Where the body of a request comes from, piece by piece. */
export interface BodySource {
  /** The length that the head announces, in bytes; `undefined` when only the end will tell. 0 for no body. */
  readonly lengthBytes: number | undefined;

  /**
   * The next piece, or `undefined` after the last; pending while nothing has come.
   *
   * Nothing is taken from the client faster than it is read here. While a read is
   * pending, another one gives the same Future, so a reader that gave up loses nothing.
   *
   * @throws {ConnectionClosedError} from the Future, when the client goes first
   */
  read(): Future<Uint8Array | undefined>;
}

/** Where the response goes to. Called in order: `start`, any number of `write`, `end`; or `abort` at any time. */
export interface ResponseSink {
  /** Send the head. `headers` is name, value, name, value, ... */
  start(status: number, reason: string, headers: string[]): void;

  /**
   * Send a piece of the body.
   *
   * @returns settled once there is room for more; fails with {ConnectionClosedError} when the client is gone
   */
  write(chunk: Uint8Array): Future<void>;

  /** Send the last piece, if any. The Future is settled when nothing more is to be done here. */
  end(chunk: Uint8Array | undefined): Future<void>;

  /** Cut the connection, so that the client cannot take what it has for the whole. */
  abort(): void;
}

export interface Exchange {
  readonly method: string;
  /** As it stands in the request line, undecoded. */
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly headers: HeaderMap;
  /** The address of the peer; "" when it is gone already. */
  readonly remoteAddress: string;
  readonly body: BodySource;
  readonly response: ResponseSink;
  /** Called once when the client goes before the response has ended. */
  onClose: (() => void) | undefined;
}

/** Answers a request, now or later. */
export type Handle = (exchange: Exchange) => void;
