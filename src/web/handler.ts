/**
 * What answers a request: a class with a method for each HTTP method.
 *
 * The methods of the response are here; its state is `response.ts`, and the
 * order in which the methods are called is `execution.ts`.
 *
 * Source: Tornado `web.RequestHandler`.
 */
import { describe } from "../base/index.ts";
import { Future } from "../future/index.ts";
import type { Coroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { type CookieOptions, formatCookie } from "./cookies.ts";
import { errorPage } from "./error-page.ts";
import { type Form, type FormOptions, readForm } from "./form.ts";
import { ConnectionClosedError, HTTPError, MissingArgumentError } from "./http-error.ts";
import { oneLine, type WebLog } from "./log.ts";
import { type FormLimits, MultipartReader, type Part } from "./multipart.ts";
import type { HttpRequest } from "./request.ts";
import { Response } from "./response.ts";

/** What can be written: text, bytes, or a record that is sent as JSON. */
export type Chunk = string | Uint8Array | object;

export interface RedirectOptions {
  /** 301 instead of 302: the client may remember it for ever. */
  readonly permanent?: boolean;
  /** A status of your own, 300 to 399; 303 after a form that was sent. */
  readonly status?: number;
  /** Let the URL lead to another site. Never with one that a client gave. */
  readonly offSite?: boolean;
}

/** What a handler needs of its application. */
export interface HandlerHost {
  readonly log: WebLog;
  readonly settings: { readonly cancelOnClose: boolean };
  reverseUrl(name: string, ...args: readonly (string | number)[]): string;
}

/** A class of handlers. */
export interface HandlerClass {
  new (application: HandlerHost, request: HttpRequest): RequestHandler;
  readonly streamBody: boolean;
  readonly maxBodyBytes: number | undefined;
  readonly cancelOnClose: boolean | undefined;
}

/**
 * Extend it and add `get`, `head`, `post`, `put`, `patch`, `delete` or `options`.
 *
 * Each is a generator method (run as a coroutine), an async or a plain one, and
 * is given the path arguments. When it ends, the response ends. The order is:
 * `setDefaultHeaders`, `initialize`, then the body is read, `prepare`, the
 * method, `onFinish`. An error at any point goes to `logException`, then
 * `setDefaultHeaders`, then `writeError`, unless the head has been sent: then the connection is cut.
 */
export class RequestHandler {
  /** Read the body by `nextPart`, `readForm` or `request.stream` in the method, instead of before it into memory. */
  static readonly streamBody: boolean = false;
  /** Bytes of a body; the application's setting if absent, no limit but the form's for a streamed one. */
  static readonly maxBodyBytes: number | undefined = undefined;
  /** Cancel the method when the client goes? The application's setting if absent. */
  static readonly cancelOnClose: boolean | undefined = undefined;

  readonly application: HandlerHost;
  readonly request: HttpRequest;
  /** What the groups of the route's pattern matched, decoded. */
  pathArguments: readonly string[] = [];
  /** @internal Does the response end with the method? */ _autoFinish: boolean = true;
  /** @internal What runs now. */ _step: Coroutine<unknown> | undefined = undefined;
  /** @internal The error that is being answered. */ _failure: unknown = undefined;
  /** @internal Settled at the end of a request that does not end with its method. */
  readonly _ended: Future<void> = new Future();
  readonly #response: Response;
  #reader: MultipartReader | undefined = undefined;
  #connectionClosed = false;
  #concluded = false;

  constructor(application: HandlerHost, request: HttpRequest) {
    this.application = application;
    this.request = request;
    this.#response = new Response(request._sink, request.method === "HEAD");
  }

  // What subclasses may override.

  /** Called first, with the options of the route. */
  initialize(_options: object): void {}

  /** Called before the method, whichever it is; may wait. When it finishes the response, the method is not called. */
  prepare(): unknown {
    return undefined;
  }

  /** Set what every response shall carry; called again before an error is answered. */
  setDefaultHeaders(): void {}

  /** Called once when the response has ended, in whichever way; nothing can be sent any more. */
  onFinish(): void {}

  /** Called when the client goes while the request is in process. The method goes on, unless `cancelOnClose`. */
  onConnectionClose(): void {}

  /**
   * Write the answer for `error`: a small page, or JSON where the client asks for it. May wait.
   *
   * @param status - already set, as are the error's own headers
   */
  writeError(status: number, error: unknown): unknown {
    const page = errorPage(this.request, status, error);
    this.setHeader("Content-Type", page.contentType);
    this.finish(page.body);
    return undefined;
  }

  /** Log `error`, which ended the request. An HTTPError below 500 stands in the line of the request already. */
  logException(error: unknown): void {
    if (error instanceof HTTPError && error.status < 500) return;
    this.application.log.error(`Error in ${this.constructor.name}, ${oneLine(this.summary())}`, error);
  }

  /** The request in a few words, for logs. */
  summary(): string {
    const { method, target, remoteAddress } = this.request;
    return `${method} ${target.length > 500 ? `${target.slice(0, 500)}...` : target} (${remoteAddress})`;
  }

  // The response.

  /** The status that is set, 200 until then. */
  get status(): number {
    return this.#response.status;
  }

  /** Has the response ended? */
  get finished(): boolean {
    return this.#response.finished;
  }

  /** Has the head been sent, so that status and headers cannot be changed any more? */
  get headersSent(): boolean {
    return this.#response.started;
  }

  /** Has the client gone before the response ended? */
  get connectionClosed(): boolean {
    return this.#connectionClosed;
  }

  /** Forget status, headers and what was written, and set the default headers. @throws {ResponseStateError} once the head is sent */
  clear(): void {
    this.#response.clear();
    this.#response.headers.set("Content-Type", "text/html; charset=UTF-8");
    this.#response.headers.set("X-Content-Type-Options", "nosniff");
    this.setDefaultHeaders();
  }

  /**
   * @param reason - the usual phrase if absent
   * @throws {RangeError} for a status that is not 200 to 599; {TypeError} for a reason that would break the status line
   */
  setStatus(status: number, reason?: string): void {
    this.#response.setStatus(status, reason);
  }

  /**
   * Set a header in place of what it had.
   *
   * @throws {TypeError} for a name or value that would break the head
   * @throws {ResponseStateError} once the head is sent
   */
  setHeader(name: string, value: string | number): void {
    this.#response.checkNotStarted(`set the header ${name}`);
    this.#response.headers.set(name, value);
  }

  /** Add a further header of this name. @throws as `setHeader` */
  addHeader(name: string, value: string | number): void {
    this.#response.checkNotStarted(`add the header ${name}`);
    this.#response.headers.add(name, value);
  }

  /** @throws {ResponseStateError} once the head is sent */
  clearHeader(name: string): void {
    this.#response.checkNotStarted(`clear the header ${name}`);
    this.#response.headers.delete(name);
  }

  /** What was set for this header so far. */
  getHeader(name: string): string | undefined {
    return this.#response.headers.get(name);
  }

  /**
   * Add to the body. A record is written as JSON, and makes that the content type.
   *
   * Nothing is sent before `flush` or `finish`.
   *
   * @throws {ResponseStateError} after the end
   * @throws {TypeError} for anything else, arrays included
   */
  write(chunk: Chunk): void {
    if (typeof chunk === "string") this.#response.write(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) this.#response.write(chunk);
    else {
      const text = toJson(chunk);
      if (!this.#response.started)
        this.#response.headers.set("Content-Type", "application/json; charset=UTF-8");
      this.#response.write(Buffer.from(text));
    }
  }

  /**
   * Send what was written so far, and before that the head.
   *
   * @returns settled once there is room for more: `yield this.flush()` keeps a slow client from filling the memory
   * @throws {ResponseStateError} after the end; {ConnectionClosedError} from the Future when the client is gone
   */
  flush(): Future<void> {
    return this.#response.flush();
  }

  /**
   * End the response, after writing `chunk` if given.
   *
   * @returns settled once all is sent
   * @throws {ResponseStateError} when it has ended already, or the body does not fit status or Content-Length
   */
  finish(chunk?: Chunk): Future<void> {
    if (chunk !== undefined) this.write(chunk);
    const sent = this.#response.finish();
    this._conclude();
    return sent;
  }

  /**
   * Answer with a redirect to `url`, a path or URL.
   *
   * @throws {TypeError} when it leads to another site and `offSite` is not set; "//host/path" does, too
   * @throws {RangeError} when the status is none of a redirect
   */
  redirect(url: string, options: RedirectOptions = {}): Future<void> {
    const { permanent = false, status = permanent ? 301 : 302, offSite = false } = options;
    if (!(Number.isInteger(status) && status >= 300 && status <= 399)) {
      throw new RangeError(`Cannot redirect: the status is ${status}, one of 300 to 399 is wanted`);
    }
    if (!offSite && leavesSite(url)) {
      throw new TypeError(
        `Cannot redirect to ${describe(url)}: it leads to another site, a path is wanted (or offSite: true)`,
      );
    }
    this.setStatus(status);
    this.setHeader("Location", encodeURI(url).replaceAll("%25", "%"));
    this.clearHeader("Content-Type");
    return this.finish();
  }

  /** Tell the client to keep a cookie. @throws {TypeError | RangeError} for what would break the header */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.addHeader("Set-Cookie", formatCookie(name, value, options));
  }

  /** Tell the client to forget a cookie. Domain and path must be those that it was set with. */
  clearCookie(name: string, options: Pick<CookieOptions, "domain" | "path"> = {}): void {
    this.setCookie(name, "", { ...options, expires: new Date(0), maxAgeSeconds: 0 });
  }

  // The request.

  /** The last value of this name in the body's form, else in the query, without white space around it. */
  getArgument(name: string): string;
  getArgument<D>(name: string, fallback: D): string | D;
  getArgument(...given: [name: string, fallback?: unknown]): unknown {
    return lastOf(this.getArguments(given[0]), given);
  }

  /** All values of this name, in the query, then in the body's form. */
  getArguments(name: string): string[] {
    return [...this.getQueryArguments(name), ...trimmed(this.request.bodyArguments.get(name))];
  }

  /**
   * The last value of this name in the query.
   *
   * @throws {MissingArgumentError} when there is none and no fallback is given
   * @throws {HTTPError} 400, for a query that cannot be read
   */
  getQueryArgument(name: string): string;
  getQueryArgument<D>(name: string, fallback: D): string | D;
  getQueryArgument(...given: [name: string, fallback?: unknown]): unknown {
    return lastOf(this.getQueryArguments(given[0]), given);
  }

  getQueryArguments(name: string): string[] {
    return trimmed(this.request.queryArguments.get(name));
  }

  /**
   * The last value of this name in the body's form.
   *
   * @throws {MissingArgumentError} when there is none and no fallback is given
   * @throws {HTTPError} 400, for a form that cannot be read, or a body that is no form
   */
  getBodyArgument(name: string): string;
  getBodyArgument<D>(name: string, fallback: D): string | D;
  getBodyArgument(...given: [name: string, fallback?: unknown]): unknown {
    return lastOf(this.getBodyArguments(given[0]), given);
  }

  /** @throws {HTTPError} as `getBodyArgument` */
  getBodyArguments(name: string): string[] {
    if (!this.request.hasForm) {
      throw new HTTPError(
        400,
        `Cannot read the body as a form: its Content-Type is "${this.request.contentType}", a form's is wanted`,
      );
    }
    return trimmed(this.request.bodyArguments.get(name));
  }

  /** The body, parsed as JSON. @throws {HTTPError} 400, when it is not declared as JSON or is none */
  json(): unknown {
    return this.request.json();
  }

  /**
   * The next part of a multipart body, or `undefined` after the last: for handlers with `streamBody`.
   *
   * @param limits - counted from the first call on, which is the only one that they are for
   * @throws {MultipartError} at the yield, for a body that is broken or beyond a limit
   * @throws {ConnectionClosedError} at the yield, when the client goes
   */
  nextPart(limits?: Partial<FormLimits>): Coroutine<Part | undefined> {
    return this.#parts(limits).nextPart();
  }

  /**
   * Read a whole multipart form: for handlers with `streamBody`. Files go to the sinks that `onFile` gives.
   *
   * Whole or nothing: when it fails or is cancelled, what was written is aborted and undone.
   *
   * @throws {MultipartError} at the yield, for a body that is broken or beyond a limit
   * @throws {ConnectionClosedError} at the yield, when the client goes
   */
  readForm<R = undefined>(
    options: FormOptions<R> & { readonly limits?: Partial<FormLimits> } = {},
  ): Coroutine<Form<R>> {
    return readForm(this.#parts(options.limits), options);
  }

  /** A cookie that the client sent, undecoded. */
  getCookie(name: string): string | undefined {
    return this.request.cookies.get(name);
  }

  /** The path of the route with this name. See `Application.reverseUrl`. */
  reverseUrl(name: string, ...args: readonly (string | number)[]): string {
    return this.application.reverseUrl(name, ...args);
  }

  // For the life cycle.

  /** @internal The response has ended, or never will. */
  _conclude(): void {
    if (this.#concluded) return;
    this.#concluded = true;
    if (!this._ended.done()) this._ended.setResult();
    this.#logRequest();
    try {
      this.onFinish();
    } catch (error) {
      this.application.log.error(`Error in onFinish of ${this.constructor.name}`, error);
    }
  }

  /** @internal Cut the connection. */
  _abort(): void {
    this.#response.abort();
    this._conclude();
  }

  /** @internal Answer with a status and nothing else, when everything else failed. */
  _finishBare(status: number): void {
    this.#response.clear();
    this.#response.setStatus(status);
    this.#response.finish();
    this._conclude();
  }

  /** @internal The client has gone. */
  _connectionClosed(): void {
    if (this.#concluded) return;
    this.#connectionClosed = true;
    try {
      this.onConnectionClose();
    } catch (error) {
      this.application.log.error(`Error in onConnectionClose of ${this.constructor.name}`, error);
    }
    const reason = new ConnectionClosedError("The client has closed the connection");
    if (!this._autoFinish) this._failLater(reason);
    const { cancelOnClose } = this.constructor as unknown as HandlerClass;
    if (cancelOnClose ?? this.application.settings.cancelOnClose) this._step?.cancel(reason);
  }

  /** @internal An error of a request that does not end with its method. @returns whether it was taken */
  _failLater(error: unknown): boolean {
    if (this._ended.done()) return false;
    this._ended.setError(error);
    return true;
  }

  #parts(limits: Partial<FormLimits> | undefined): MultipartReader {
    if (!(this.constructor as unknown as HandlerClass).streamBody) {
      throw new TypeError(
        `Cannot read parts in ${this.constructor.name}: the body is in memory, static streamBody = true is wanted`,
      );
    }
    const { headers, stream } = this.request;
    this.#reader ??= new MultipartReader(headers.get("Content-Type") ?? "", stream, limits);
    return this.#reader;
  }

  #logRequest(): void {
    const { log } = this.application;
    if (log.info === undefined) return;
    const ms = IOLoop.current().time() - this.request.startedAtMs;
    const status = this.#connectionClosed ? 499 : this.#response.status;
    const cut = this.#response.cut && !this.#connectionClosed ? ", cut" : "";
    const cause = this._failure instanceof HTTPError ? `: ${this._failure.message}` : "";
    log.info(oneLine(`${status} ${this.summary()} ${ms.toFixed(2)} ms${cut}${cause}`));
  }
}

function trimmed(values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : values.map((value) => value.trim());
}

/** `given` is what the caller passed: a fallback that is `undefined` is one, too. */
function lastOf(values: readonly string[], given: [name: string, fallback?: unknown]): unknown {
  const last = values.at(-1);
  if (last !== undefined) return last;
  if (given.length > 1) return given[1];
  throw new MissingArgumentError(given[0]);
}

function toJson(value: object): string {
  if (!isRecord(value)) {
    throw new TypeError(
      `Cannot write ${describe(value)}: text, bytes or a plain record is wanted (put a list into a record)`,
    );
  }
  return JSON.stringify(value);
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** As a browser reads it, which takes "\\" for "/", skips line ends and tabs, and "http:x" for a path if the page came so. */
function leavesSite(url: string): boolean {
  return ["http://here.invalid", "https://here.invalid"].some((here) => {
    try {
      return new URL(url, here).origin !== here;
    } catch {
      return true;
    }
  });
}
