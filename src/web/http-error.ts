/** What a handler throws to answer with an error or to stop, and what it gets when its client is gone. */
import { GyreError } from "../base/index.ts";
import { isReason, reasonOf } from "./status.ts";

export interface HTTPErrorOptions extends ErrorOptions {
  /** The phrase on the status line; one with a line end or other control character is not used. */
  readonly reason?: string;
  /** Headers of the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A stable code for programs; `GYRE_HTTP` if absent. */
  readonly code?: string;
}

/**
 * Throw it in a handler to answer with `status`.
 *
 * The client is shown `message`, escaped; what it must not see belongs into `cause`.
 *
 * Source: Tornado `web.HTTPError`. Differs: the message is for the client, not only for the log.
 */
export class HTTPError extends GyreError {
  readonly status: number;
  /** The phrase on the status line. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param message - the status's own phrase if absent
   * @throws {RangeError} when `status` is no status of an error, 400 to 599
   */
  constructor(status: number, message?: string, options: HTTPErrorOptions = {}) {
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new RangeError(`Cannot make an HTTPError: the status is ${status}, one of 400 to 599 is wanted`);
    }
    const { reason, headers = {}, code = "GYRE_HTTP" } = options;
    super(code, message ?? reasonOf(status), options);
    this.status = status;
    this.reason = reason !== undefined && isReason(reason) ? reason : reasonOf(status);
    this.headers = headers;
  }
}

/** An argument that a handler cannot do without is not there: a 400. Source: Tornado `web.MissingArgumentError`. */
export class MissingArgumentError extends HTTPError {
  /** The name of the argument. */
  readonly argument: string;

  constructor(argument: string) {
    super(400, `Missing argument ${argument}`, { code: "GYRE_MISSING_ARGUMENT" });
    this.argument = argument;
  }
}

/**
 * Throw it in a handler, also deep inside, to end the request with what was written so far.
 *
 * Not an Error: nothing went wrong. Source: Tornado `web.Finish`.
 */
export class Finish {
  /** Written before the end, if given. */
  readonly chunk: string | Uint8Array | object | undefined;

  constructor(chunk?: string | Uint8Array | object) {
    this.chunk = chunk;
  }
}

/** The client went away, or the connection was cut, before the work with it was over. */
export class ConnectionClosedError extends GyreError {
  constructor(message: string) {
    super("GYRE_CONNECTION_CLOSED", message);
  }
}

/** The response was used in a way its state does not allow, such as a write after its end. */
export class ResponseStateError extends GyreError {
  constructor(message: string) {
    super("GYRE_RESPONSE_STATE", message);
  }
}
