/**
 * What answers a request: a class with a method for each HTTP method.
 *
 * What a handler may call or override is here; the state of the response is `response.ts`, the
 * order in which the methods are called `execution.ts`, and the end of the request `ending.ts`.
 *
 * Source: Tornado `web.RequestHandler`.
 */
import type { Future } from "../future/index.ts";
import type { Coroutine } from "../gen/index.ts";
import { lastArgument, trimArguments } from "./arguments.ts";
import type { Chunk } from "./chunk.ts";
import { type CookieOptions, formatCookie } from "./cookies.ts";
import { Ending } from "./ending.ts";
import { errorPage } from "./error-page.ts";
import { type Form, type FormOptions, readForm } from "./form.ts";
import type { HandlerHost } from "./host.ts";
import { HTTPError } from "./http-error.ts";
import { oneLine } from "./log.ts";
import { type FormLimits, MultipartReader, type Part } from "./multipart.ts";
import { type RedirectOptions, redirectTo } from "./redirect.ts";
import type { HttpRequest } from "./request.ts";
import { Response } from "./response.ts";

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
  /** @internal How the request ends. */ readonly _ending: Ending;
  readonly #response: Response;
  #reader: MultipartReader | undefined = undefined;

  constructor(application: HandlerHost, request: HttpRequest) {
    this.application = application;
    this.request = request;
    this.#response = new Response(request._sink, request.method === "HEAD");
    const { cancelOnClose } = this.constructor as unknown as HandlerClass;
    this._ending = new Ending(this, this.#response, cancelOnClose ?? application.settings.cancelOnClose);
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
    return this._ending.connectionClosed;
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
    this.#response.write(chunk);
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
    this._ending.conclude();
    return sent;
  }

  /**
   * Answer with a redirect to `url`, a path or URL.
   *
   * @throws {TypeError} when it leads to another site and `offSite` is not set; "//host/path" does, too
   * @throws {RangeError} when the status is none of a redirect
   */
  redirect(url: string, options: RedirectOptions = {}): Future<void> {
    const { status, location } = redirectTo(url, options);
    this.setStatus(status);
    this.setHeader("Location", location);
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
    return lastArgument(this.getArguments(given[0]), given);
  }

  /** All values of this name, in the query, then in the body's form. */
  getArguments(name: string): string[] {
    return [...this.getQueryArguments(name), ...trimArguments(this.request.bodyArguments.get(name))];
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
    return lastArgument(this.getQueryArguments(given[0]), given);
  }

  getQueryArguments(name: string): string[] {
    return trimArguments(this.request.queryArguments.get(name));
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
    return lastArgument(this.getBodyArguments(given[0]), given);
  }

  /** @throws {HTTPError} as `getBodyArgument` */
  getBodyArguments(name: string): string[] {
    if (!this.request.hasForm) {
      throw new HTTPError(
        400,
        `Cannot read the body as a form: its Content-Type is "${this.request.contentType}", a form's is wanted`,
      );
    }
    return trimArguments(this.request.bodyArguments.get(name));
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
}
