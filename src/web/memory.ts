/**
 * Requests without a socket, for tests and simulations.
 *
 * Nothing here waits for Node: no promise, no timer, no stream. So a request
 * runs on a simulated loop in virtual time, and the same way twice.
 */
import { type CancelledError, describe } from "../base/index.ts";
import { Future } from "../future/index.ts";
import { currentCoroutine } from "../gen/index.ts";
import { encodeForm, type FormRecord } from "./arguments.ts";
import { encodeMultipart, type PartToSend } from "./encode-multipart.ts";
import type { BodySource, Exchange, ResponseSink } from "./exchange.ts";
import { HeaderMap } from "./header-map.ts";
import { ConnectionClosedError } from "./http-error.ts";
import { failedFuture, settledFuture } from "./settled.ts";
import { reasonOf } from "./status.ts";

export interface MemoryRequest {
  /** Default GET. */
  readonly method?: string;
  /** The target: path and query, as in a request line. */
  readonly path: string;
  /** `Host`, `Content-Length` and `Content-Type` are added where they follow from the rest. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Text, bytes, a record that is sent as a form, or a function that is called for each piece: it gives a
   * Future of the piece, of `undefined` after the last, or one that fails like a client that goes.
   */
  readonly body?: string | Uint8Array | FormRecord | (() => Future<Uint8Array | string | undefined>);
  /** Any value, sent as JSON. */
  readonly json?: unknown;
  /** Fields and files, sent as multipart/form-data. */
  readonly multipart?: readonly PartToSend[];
  /** Default "127.0.0.1". */
  readonly remoteAddress?: string;
}

/** A response as a client has it at its end. */
export class MemoryResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderMap;
  readonly body: Buffer;

  constructor(status: number, reason: string, headers: HeaderMap, body: Buffer) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
    this.body = body;
  }

  /** The body as text. */
  text(): string {
    return this.body.toString();
  }

  /** The body, parsed as JSON. @throws {SyntaxError} when it is none */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderMap;
}

/**
 * The Future of the response, and the other end of the exchange. To cancel it is to close the connection.
 *
 * Fails with {ConnectionClosedError} when the server cuts the connection.
 */
export class MemoryExchange extends Future<MemoryResponse> implements Exchange, ResponseSink {
  readonly method: string;
  readonly target: string;
  readonly version = "1.1";
  readonly headers: HeaderMap = new HeaderMap();
  readonly remoteAddress: string;
  readonly body: MemoryBody;
  readonly response: ResponseSink = this;
  onClose: (() => void) | undefined = undefined;
  readonly #owner = currentCoroutine();
  #head: Head | undefined = undefined;
  readonly #chunks: Uint8Array[] = [];

  /** @throws {TypeError} when the path does not begin with "/", or two kinds of body are given */
  constructor(request: MemoryRequest) {
    super();
    const { method = "GET", path, headers = {}, remoteAddress = "127.0.0.1" } = request;
    if (typeof path !== "string" || !path.startsWith("/")) {
      throw new TypeError(
        `Cannot make a request: the path is ${describe(path)}, one that begins with "/" is wanted`,
      );
    }
    this.method = method;
    this.target = path;
    this.remoteAddress = remoteAddress;
    const body = encodeBody(request);
    this.headers.set("Host", "localhost");
    if (body.type !== undefined) this.headers.set("Content-Type", body.type);
    if (body.source.lengthBytes === undefined) this.headers.set("Transfer-Encoding", "chunked");
    else if (body.source.lengthBytes > 0) this.headers.set("Content-Length", body.source.lengthBytes);
    for (const [name, value] of Object.entries(headers)) {
      this.headers.delete(name);
      for (const each of typeof value === "string" ? [value] : value) this.headers.add(name, each);
    }
    this.body = body.source;
  }

  start(status: number, reason: string, headers: string[]): void {
    this.#head = { status, reason, headers: HeaderMap.fromRaw(headers) };
  }

  write(chunk: Uint8Array): Future<void> {
    if (this.done()) return failedFuture(new ConnectionClosedError("Cannot send: the client has gone"));
    this.#keep(chunk);
    return settledFuture();
  }

  end(chunk: Uint8Array | undefined): Future<void> {
    if (chunk !== undefined) this.#keep(chunk);
    const { status, reason, headers } = this.#head as Head;
    this.onClose = undefined;
    if (!this.done()) {
      this.setResult(new MemoryResponse(status, reason, headers, Buffer.concat(this.#chunks)));
    }
    return settledFuture();
  }

  abort(): void {
    this.onClose = undefined;
    if (this.done()) return;
    this.setError(new ConnectionClosedError("The server has cut the connection before the response ended"));
  }

  /** Answer with `status` and nothing else, without a handler. */
  refuse(status: number): void {
    this.start(status, reasonOf(status), ["Connection", "close", "Content-Length", "0"]);
    this.end(undefined);
  }

  override cancel(reason?: unknown): boolean {
    if (!super.cancel(reason)) return false;
    const onClose = this.onClose;
    this.onClose = undefined;
    this.body.close();
    onClose?.();
    return true;
  }

  /** @internal Who made the request and is cancelled while it waits for it closes the connection. */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false;
  }

  #keep(chunk: Uint8Array): void {
    // A copy, because the handler may use its buffer again, as it may with a socket.
    this.#chunks.push(Uint8Array.from(chunk));
  }
}

interface Body {
  readonly source: MemoryBody;
  /** The content type that follows from the body's kind. */
  readonly type: string | undefined;
}

function encodeBody({ body, json, multipart, path }: MemoryRequest): Body {
  if ([body, json, multipart].filter((each) => each !== undefined).length > 1) {
    throw new TypeError(
      `Cannot make a request for ${path}: more than one of body, json and multipart is given, one is wanted`,
    );
  }
  if (typeof body === "function") return { source: new MemoryBody(undefined, body), type: undefined };
  const [bytes, type] = encodeWhole(body, json, multipart);
  return { source: wholeBody(bytes), type };
}

function encodeWhole(
  body: string | Uint8Array | FormRecord | undefined,
  json: unknown,
  multipart: readonly PartToSend[] | undefined,
): [bytes: Uint8Array, type: string | undefined] {
  if (json !== undefined) return [Buffer.from(JSON.stringify(json)), "application/json"];
  if (multipart !== undefined) {
    const encoded = encodeMultipart(multipart);
    return [encoded.body, encoded.contentType];
  }
  if (body === undefined) return [new Uint8Array(0), undefined];
  if (typeof body === "string") return [Buffer.from(body), "text/plain; charset=UTF-8"];
  if (body instanceof Uint8Array) return [body, "application/octet-stream"];
  return [Buffer.from(encodeForm(body)), "application/x-www-form-urlencoded"];
}

/** Gives its pieces when asked; after the client has gone, an error. */
class MemoryBody implements BodySource {
  readonly lengthBytes: number | undefined;
  readonly #pull: () => Future<Uint8Array | string | undefined>;
  #piece: Future<Uint8Array | undefined> | undefined = undefined;
  #gone = false;

  constructor(lengthBytes: number | undefined, pull: () => Future<Uint8Array | string | undefined>) {
    this.lengthBytes = lengthBytes;
    this.#pull = pull;
  }

  read(): Future<Uint8Array | undefined> {
    if (this.#piece !== undefined && !this.#piece.done()) return this.#piece;
    const piece = new Future<Uint8Array | undefined>();
    this.#piece = piece;
    if (this.#gone) {
      this.close();
      return piece;
    }
    this.#pull()._listen({
      settled(source): void {
        const error = source.error();
        if (piece.done()) return;
        if (error !== undefined) piece.setError(error);
        else {
          const value = source.result() as Uint8Array | string | undefined;
          piece.setResult(typeof value === "string" ? Buffer.from(value) : value);
        }
      },
    });
    return piece;
  }

  /** The client goes. */
  close(): void {
    this.#gone = true;
    if (this.#piece === undefined || this.#piece.done()) return;
    this.#piece.setError(new ConnectionClosedError("Cannot read the body: the client has gone"));
  }
}

function wholeBody(bytes: Uint8Array): MemoryBody {
  let left: Uint8Array | undefined = bytes.length === 0 ? undefined : bytes;
  return new MemoryBody(bytes.length, () => {
    const piece = new Future<Uint8Array | undefined>();
    piece.setResult(left);
    left = undefined;
    return piece;
  });
}
