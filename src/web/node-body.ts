/** The body of a request over `node:http`, taken no faster than it is read. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Future } from "../future/index.ts";
import type { BodySource } from "./exchange.ts";
import { ConnectionClosedError } from "./http-error.ts";
import { failQuietly, settlePending } from "./settled.ts";

export class NodeBody implements BodySource {
  readonly lengthBytes: number | undefined;
  readonly #request: IncomingMessage;
  /** Sends the "100 Continue" that the client waits for; `undefined` when it waits for none, or no more. */
  #continuing: ServerResponse | undefined;
  #reading = false;
  #ended = false;
  #piece: Future<Uint8Array | undefined> | undefined = undefined;
  #gone = false;

  /** @param continuing - what can send a "100 Continue", when the client waits for one */
  constructor(
    request: IncomingMessage,
    lengthBytes: number | undefined,
    continuing: ServerResponse | undefined,
  ) {
    this.#request = request;
    this.lengthBytes = lengthBytes;
    this.#continuing = continuing;
  }

  /** Has all of it come? */
  get received(): boolean {
    return this.lengthBytes === 0 || this.#request.complete;
  }

  /** Is more of it to come, whether it is read or not? */
  get isComing(): boolean {
    return !this.received && this.#continuing === undefined;
  }

  read(): Future<Uint8Array | undefined> {
    if (this.#piece !== undefined && !this.#piece.done()) return this.#piece;
    const piece = new Future<Uint8Array | undefined>();
    this.#piece = piece;
    if (this.#gone) piece.setError(clientGone());
    else if (this.#ended || this.lengthBytes === 0) piece.setResult(undefined);
    else {
      this.#beginReading();
      this.#onReadable();
    }
    return piece;
  }

  /** Drop what still comes. `done` is called at its end, and may be called again. */
  drop(done: () => void): void {
    this.#request.off("readable", this.#onReadable);
    this.#request.resume();
    this.#request.on("end", done);
    this.#request.on("close", done);
  }

  /** The client has gone. */
  close(): void {
    this.#gone = true;
    failQuietly(this.#piece, clientGone());
  }

  #beginReading(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#continuing?.writeContinue();
    this.#continuing = undefined;
    this.#request.on("readable", this.#onReadable);
    this.#request.on("end", () => {
      this.#ended = true;
      settlePending(this.#piece, undefined);
    });
  }

  // Nothing is read from the stream before it is asked for: Node then stops reading the socket.
  readonly #onReadable = (): void => {
    if (this.#piece === undefined || this.#piece.done()) return;
    const chunk = this.#request.read() as Buffer | null;
    if (chunk !== null) settlePending(this.#piece, chunk);
  };
}

/** For whom waits for a client that is not there any more. */
export function clientGone(): ConnectionClosedError {
  return new ConnectionClosedError("Cannot go on with the request: the client has closed the connection");
}
