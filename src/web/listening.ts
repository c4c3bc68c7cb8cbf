/** A server that will listen: the time between the call and the address. */
import type { CancelledError } from "../base/index.ts";
import { Future } from "../future/index.ts";
import { currentCoroutine } from "../gen/index.ts";
import type { Handle } from "./exchange.ts";
import { HttpServer } from "./server.ts";
import type { Settings } from "./settings.ts";

/**
 * Listen on `port` of `host`.
 *
 * @param port - 0 for any that is free
 * @returns the Future of the server; fails with Node's own error when the address cannot be had
 * @throws {RangeError} when `port` is none
 */
export function listen(handle: Handle, settings: Settings, port: number, host: string): Listening {
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`Cannot listen: the port is ${port}, one of 0 to 65535 is wanted`);
  const listening = new Listening(new HttpServer(handle, settings));
  listening.server._listen(port, host, listening);
  return listening;
}

/** The Future of a server that will listen. To cancel it is to close the server. */
export class Listening extends Future<HttpServer> {
  readonly server: HttpServer;
  readonly #owner = currentCoroutine();

  constructor(server: HttpServer) {
    super();
    this.server = server;
  }

  override cancel(reason?: unknown): boolean {
    if (!super.cancel(reason)) return false;
    this.server.close({ graceMs: 0 });
    return true;
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }
}
