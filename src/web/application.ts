/** An application: a table of routes, settings, and the requests that are in process. */
import { checkDurationMs, describe, InvalidStateError, TimeoutError } from "../base/index.ts";
import { NullContext } from "../context/index.ts";
import type { Future } from "../future/index.ts";
import {
  all,
  type Coroutine,
  type CoroutineGenerator,
  coroutine,
  formatWaitingTree,
  waitingTree,
  withoutOwner,
  withTimeout,
} from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { RequestBody } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { execute, type Plan } from "./execution.ts";
import { type HandlerClass, RequestHandler } from "./handler.ts";
import type { HandlerHost } from "./host.ts";
import { ConnectionClosedError, HTTPError } from "./http-error.ts";
import { listen } from "./listening.ts";
import type { WebLog } from "./log.ts";
import { MemoryExchange, type MemoryRequest, type MemoryResponse } from "./memory.ts";
import { isHandled, namedCoroutine } from "./methods.ts";
import { HttpRequest, splitTarget } from "./request.ts";
import { Route, type RouteRow } from "./routing.ts";
import type { CloseOptions, HttpServer } from "./server.ts";
import { type ApplicationSettings, checkSettings, type Settings } from "./settings.ts";

/** How long handlers that were cut may take over their clean-up, in milliseconds. */
const CLEAN_UP_MS = 1000;
/** How many coroutines are told of that a stop did not wait for. */
const MOST_TOLD = 50;

/** Starts the life of one request. */
type Starter = (handler: RequestHandler, plan: Plan) => Coroutine<unknown>;

/**
 * Answers requests by a table of handlers.
 *
 * ```ts
 * import { sleep } from "gyre";
 * import { Application, RequestHandler } from "gyre/web";
 *
 * class HelloHandler extends RequestHandler {
 *   *get(name: string) {
 *     yield* sleep(10);
 *     this.write({ hello: name });
 *   }
 * }
 *
 * const log = { warn: console.warn, error: console.error };
 * const application = new Application([["/hello/:name", HelloHandler]], { log });
 * const response = await application.request({ path: "/hello/world" });
 * console.log(response.text()); // prints: {"hello":"world"}
 *
 * const server = await application.listen(0);
 * const answer = await fetch(`${server.address.url}/hello/socket`);
 * console.log(await answer.json()); // prints: { hello: 'socket' }
 * await application.stop();
 * ```
 *
 * Source: Tornado `web.Application`.
 */
export class Application implements HandlerHost {
  readonly settings: Settings;
  readonly log: WebLog;
  readonly #routes: Route[] = [];
  readonly #named = new Map<string, Route>();
  /** By their names, such as "GET /s/:shortId": one for each route and method that came. */
  readonly #starters = new Map<string, Starter>();
  readonly #running = new Set<Coroutine<unknown>>();
  readonly #servers = new Set<HttpServer>();
  #stopped = false;

  /**
   * @throws {TypeError} for a route that is none, a name that two of them have, or a setting that is not known
   * @throws {RangeError} for a limit that is no integer above 0
   */
  constructor(routes: readonly RouteRow[], settings: ApplicationSettings = {}) {
    this.settings = checkSettings(settings);
    this.log = this.settings.log;
    for (const row of routes) this.addRoute(...row);
  }

  /** Add a route behind the others. @throws {TypeError} as the constructor */
  addRoute(...row: RouteRow): void {
    const route = new Route(row);
    if (route.name !== undefined) {
      if (this.#named.has(route.name)) {
        throw new TypeError(
          `Cannot add the route ${route.text}: the name ${describe(route.name)} is taken, another is wanted`,
        );
      }
      this.#named.set(route.name, route);
    }
    this.#routes.push(route);
  }

  /**
   * The path of the route called `name`, with `args` in the places of its arguments, encoded.
   *
   * @throws {TypeError} when there is no such route, or the arguments do not fit it
   * Source: Tornado `Application.reverse_url`.
   */
  reverseUrl(name: string, ...args: readonly (string | number)[]): string {
    const route = this.#named.get(name);
    if (route === undefined) {
      const names = [...this.#named.keys()].map(describe).join(", ");
      throw new TypeError(
        `Cannot reverse the route ${describe(name)}: there is none, one of ${names} is wanted`,
      );
    }
    return route.reverse(args);
  }

  /**
   * Make a request without a socket, as a client would; for tests and simulations.
   *
   * From `stop()` on, the answer is a bare 503.
   *
   * @returns the Future of the response. Cancel it to close the connection; it fails with
   *   `ConnectionClosedError` when the server cuts it
   * @throws {TypeError} for a request that is none
   */
  request(request: MemoryRequest): Future<MemoryResponse> {
    const exchange = new MemoryExchange(request);
    if (this.#stopped) exchange.refuse(503);
    else this.handle(exchange);
    return exchange;
  }

  /** Answer one request, whatever transport it came by. Returns when the handler waits for the first time. */
  handle(exchange: Exchange): void {
    // A request belongs to nobody: not to who sent it, nor to what happened to be running.
    new NullContext().run(() => withoutOwner(() => this.#start(exchange)));
  }

  /**
   * Listen for requests.
   *
   * @param port - 0 for any that is free
   * @param host - the address of one interface; "0.0.0.0" or "::" for all
   * @returns the Future of the server; fails with Node's own error when the address cannot be had. Cancel it
   *   to close the server. `stop()` closes a server that does not listen yet as soon as it does
   * @throws {RangeError} when `port` is none
   * @throws {InvalidStateError} after `stop()`
   */
  listen(port: number, host = "127.0.0.1"): Future<HttpServer> {
    if (this.#stopped) {
      throw new InvalidStateError("Cannot listen: the application has been stopped, a new one is wanted");
    }
    const listening = listen((exchange) => this.handle(exchange), this.settings, port, host);
    const { server } = listening;
    // From now on, not from when it listens: who stops meanwhile stops this one, too.
    this.#servers.add(server);
    server._closed._listen({ settled: () => this.#servers.delete(server) });
    return listening;
  }

  /**
   * Close all servers, let the requests in process come to their end, and return.
   *
   * From the call on no new request is taken: `request()` answers 503, and `listen()` throws. What has come to
   * a server, or is on its way there, is still answered.
   *
   * Connections and requests that are left after `graceMs` are cut: their
   * handlers are cancelled, and get a second for their clean-up. What they
   * were waiting for then goes to the log, unless `graceMs` is 0.
   *
   * @throws {RangeError} when `graceMs` is negative or not finite
   */
  stop(options: CloseOptions = {}): Future<void> {
    const graceMs = checkDurationMs(options.graceMs ?? 10_000, "stop the application");
    this.#stopped = true;
    return stopApplication(this.#servers, this.#running, graceMs, this.log);
  }

  /** How many requests are in process. */
  statistics(): { requests: number } {
    return { requests: this.#running.size };
  }

  #start(exchange: Exchange): void {
    const { settings } = this;
    const [Handler, plan, routeText] = this.#route(splitTarget(exchange.target)[0]);
    const body = new RequestBody(exchange.body, {
      maxBytes:
        Handler.maxBodyBytes ?? (Handler.streamBody ? Number.POSITIVE_INFINITY : settings.maxBodyBytes),
      timeoutMs: settings.bodyTimeoutMs,
      minBytesPerSecond: settings.minBodyBytesPerSecond,
    });
    const request = new HttpRequest(exchange, body, settings.maxFields, IOLoop.current().time());
    const [handler, failure] = this.#make(Handler, request);
    // Not assigned at once: V8 would take it for a method, and keep each request until the next major collection.
    const closed = (): void => handler._ending.closeConnection();
    exchange.onClose = closed;
    const method = isHandled(request.method) ? request.method : "other";
    const running = this.#starter(`${method} ${routeText}`)(
      handler,
      failure === undefined ? plan : { ...plan, failure },
    );
    if (running.done()) return;
    this.#running.add(running);
    running._listen({ settled: () => this.#running.delete(running) });
  }

  #make(Handler: HandlerClass, request: HttpRequest): [handler: RequestHandler, failure: unknown] {
    try {
      return [new Handler(this, request), undefined];
    } catch (error) {
      return [new RequestHandler(this, request), error];
    }
  }

  #route(path: string): [handler: HandlerClass, plan: Plan, routeText: string] {
    for (const route of this.#routes) {
      const { handler, options } = route;
      try {
        const pathArguments = route.match(path);
        if (pathArguments === undefined) continue;
        return [handler, { options, pathArguments, failure: undefined }, route.text];
      } catch (failure) {
        return [handler, { options, pathArguments: [], failure }, route.text];
      }
    }
    const failure = path.startsWith("/")
      ? new HTTPError(404)
      : new HTTPError(400, "Cannot find the page: the target of the request is no path");
    return [this.settings.notFoundHandler, { options: {}, pathArguments: [], failure }, "(no route)"];
  }

  #starter(name: string): Starter {
    let starter = this.#starters.get(name);
    if (starter === undefined) {
      starter = namedCoroutine(name, execute);
      this.#starters.set(name, starter);
    }
    return starter;
  }
}

const stopApplication = coroutine(function* stopApplication(
  servers: ReadonlySet<HttpServer>,
  running: ReadonlySet<Coroutine<unknown>>,
  graceMs: number,
  log: WebLog,
): CoroutineGenerator<void> {
  const loop = IOLoop.current();
  const endAtMs = loop.time() + graceMs;
  // Before the servers set theirs, which cut the connections: timers of one instant run in the order of their entry.
  const late = loop.callAt(endAtMs, () => {
    if (graceMs > 0 && running.size > 0) log.warn(describeUnfinished(running.size, graceMs, loop));
  });
  try {
    yield* all([...servers].map((server) => server.close({ graceMs })));
    // Some run on behind their response, and some came without a socket.
    if (yield* allEnded(running, Math.max(endAtMs - loop.time(), 0))) return;
  } finally {
    loop.removeTimeout(late);
  }
  for (const request of running) request.cancel(new ConnectionClosedError("The server has stopped"));
  yield* allEnded(running, CLEAN_UP_MS);
});

function describeUnfinished(count: number, graceMs: number, loop: IOLoop): string {
  const tree = formatWaitingTree(waitingTree(loop, MOST_TOLD), "  ");
  return `stopping, ${count} request(s) are not done after ${graceMs} ms and are cut; what waits:\n${tree}`;
}

function* allEnded(running: ReadonlySet<Coroutine<unknown>>, limitMs: number): CoroutineGenerator<boolean> {
  try {
    yield* withTimeout(limitMs, all([...running]));
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
