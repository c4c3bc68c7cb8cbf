/**
 * The id of a request: what its line in the log, its response and the drawing of it have in common.
 *
 * It labels the coroutine that answers the request, so that "gyre draw FILE --request ID" and the console find it.
 */
import { randomUUID } from "node:crypto";
import type { HttpRequest } from "gyre/web";

export const requestIdHeader = "X-Request-Id";

/** Long enough to be no coroutine's number, and nothing in it that a log or a header could misread. */
const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/** The id that came with `request`, if it is 8 to 64 letters, digits, ".", "_" and "-"; else a new one. */
export function readRequestId({ headers }: Pick<HttpRequest, "headers">): string {
  const given = headers.get(requestIdHeader);
  if (given !== undefined && wellFormed.test(given)) return given;
  // The last twelve digits of it are random, all of them.
  return randomUUID().slice(-12);
}
