/**
 * What does the recorder cost a web server?
 *
 * Each request is answered by a coroutine that calls another one, which waits once for I/O. Without sockets, so that
 * all time is the server's; and over connections that are kept open, sixteen at once, with a client in
 * the same process that does no more than count bytes. What would make it wrong: in the second row the system's and
 * Node's part of a request is in both times, as it is in a server.
 */
import { connect } from "node:net";
import { coroutine } from "gyre";
import { Application, RequestHandler } from "gyre/web";
import { askCost } from "./harness.ts";
import { turnOnRecorder } from "./steps.ts";

const AT_ONCE = 16;
const REQUESTS = 20;
const BODY = '{"hello":"world"}';

const load = coroutine(function* load() {
  return (yield new Promise((resolve) => setImmediate(resolve, "world"))) as string;
});

class HelloHandler extends RequestHandler {
  *get(): Generator {
    this.write({ hello: yield* load() });
  }
}

const log = { warn: console.warn, error: console.error };
const application = new Application([["/", HelloHandler]], { log });

/** Each as soon as the one before is answered, on as many connections as there are `clients`. */
async function inMemory(): Promise<number> {
  const client = async (): Promise<number> => {
    let bytes = 0;
    for (let i = 0; i < REQUESTS; i++) bytes += (await application.request({ path: "/" })).body.length;
    return bytes;
  };
  return sumOf(Array.from({ length: AT_ONCE }, client));
}

/** A connection. @returns what sends so many requests over it, one after the other, and gives the bytes it got */
async function openClient(port: number): Promise<(requests: number) => Promise<number>> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const request = Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let text = "";
  let length = Number.POSITIVE_INFINITY;
  let left = 0;
  let bytes = 0;
  let answered: (bytes: number) => void = () => {};
  socket.on("data", (piece) => {
    bytes += piece.length;
    if (length === Number.POSITIVE_INFINITY) {
      // All answers are as long as the first one.
      text += piece.toString();
      if (text.endsWith(BODY)) length = bytes;
    }
    if (bytes % length !== 0) return;
    if (--left > 0) socket.write(request);
    else answered(bytes);
  });
  const send = (requests: number): Promise<number> =>
    new Promise((resolve) => {
      left = requests;
      bytes = 0;
      answered = resolve;
      socket.write(request);
    });
  await send(1);
  return send;
}

async function sumOf(counts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

await askCost({
  title: `recorder on: ${AT_ONCE * REQUESTS} requests without sockets`,
  run: inMemory,
  turnOn: turnOnRecorder,
  mostPercent: 10,
});

const { address } = await application.listen(0);
const clients = await Promise.all(Array.from({ length: AT_ONCE }, () => openClient(address.port)));
await askCost({
  title: `recorder on: ${AT_ONCE * REQUESTS} requests over ${AT_ONCE} connections`,
  run: () => sumOf(clients.map((client) => client(REQUESTS))),
  turnOn: turnOnRecorder,
  mostPercent: 10,
});
await application.stop();
process.exit();
