/** The answer to what is no proper request, on the bare socket. */
import type { Duplex } from "node:stream";
import { reasonOf } from "./status.ts";

/**
 * Answer with `status` and nothing else, and close the connection.
 *
 * @param answering - is an answer on its way? Another one would come into the middle of it, so there is none then
 */
export function refuse(socket: Duplex, status: number, answering: boolean): void {
  if (!socket.writable || answering) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${reasonOf(status)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

/** The status for what Node's parser says of a head. @param code - of the parser's error */
export function statusOf(code: string | undefined): number {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return 431;
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return 413;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    default:
      return 400;
  }
}
