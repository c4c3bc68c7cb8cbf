/**
 * The end of one request, which comes once, in whichever way: by the handler, by a cut, or by a client that goes.
 *
 * Whoever waits for it is told, the handler and the log are. What leads to it is `execution.ts`.
 */
import { Future } from "../future/index.ts";
import type { Coroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import type { HandlerHost } from "./host.ts";
import { ConnectionClosedError, HTTPError } from "./http-error.ts";
import { oneLine } from "./log.ts";
import type { HttpRequest } from "./request.ts";
import type { Response } from "./response.ts";

/** What the end needs of the handler whose request it is. */
interface EndingHandler {
  readonly application: HandlerHost;
  readonly request: HttpRequest;
  summary(): string;
  onFinish(): void;
  onConnectionClose(): void;
}

export class Ending {
  /** Does the response end with the method? */
  autoFinish = true;
  /** What runs now, and is cancelled when the client goes and `cancelOnClose` is set. */
  step: Coroutine<unknown> | undefined = undefined;
  /** The error that is being answered. */
  failure: unknown = undefined;
  /** Settled at the end of a request that does not end with its method. */
  readonly ended: Future<void> = new Future();
  readonly #handler: EndingHandler;
  readonly #response: Response;
  readonly #cancelOnClose: boolean;
  #connectionClosed = false;
  #concluded = false;

  constructor(handler: EndingHandler, response: Response, cancelOnClose: boolean) {
    this.#handler = handler;
    this.#response = response;
    this.#cancelOnClose = cancelOnClose;
  }

  /** Has the client gone before the response ended? */
  get connectionClosed(): boolean {
    return this.#connectionClosed;
  }

  /** The response has ended, or never will. */
  conclude(): void {
    if (this.#concluded) return;
    this.#concluded = true;
    if (!this.ended.done()) this.ended.setResult();
    this.#logRequest();
    this.#tell("onFinish");
  }

  /** Cut the connection. */
  abort(): void {
    this.#response.abort();
    this.conclude();
  }

  /** Answer with a status and nothing else, when everything else failed. */
  finishBare(status: number): void {
    this.#response.clear();
    this.#response.setStatus(status);
    this.#response.finish();
    this.conclude();
  }

  /** The client has gone. */
  closeConnection(): void {
    if (this.#concluded) return;
    this.#connectionClosed = true;
    this.#tell("onConnectionClose");
    const reason = new ConnectionClosedError("The client has closed the connection");
    if (!this.autoFinish) this.failLater(reason);
    if (this.#cancelOnClose) this.step?.cancel(reason);
  }

  /** An error of a request that does not end with its method. @returns whether it was taken */
  failLater(error: unknown): boolean {
    if (this.ended.done()) return false;
    this.ended.setError(error);
    return true;
  }

  #tell(hook: "onFinish" | "onConnectionClose"): void {
    const handler = this.#handler;
    try {
      handler[hook]();
    } catch (error) {
      handler.application.log.error(`Error in ${hook} of ${handler.constructor.name}`, error);
    }
  }

  #logRequest(): void {
    const { application, request } = this.#handler;
    const { log } = application;
    if (log.info === undefined) return;
    const ms = IOLoop.current().time() - request.startedAtMs;
    const status = this.#connectionClosed ? 499 : this.#response.status;
    const cut = this.#response.cut && !this.#connectionClosed ? ", cut" : "";
    const cause = this.failure instanceof HTTPError ? `: ${this.failure.message}` : "";
    log.info(oneLine(`${status} ${this.#handler.summary()} ${ms.toFixed(2)} ms${cut}${cause}`));
  }
}
