/**
 * The inspector protocol over a WebSocket of this machine, as far as `--attach` needs it.
 *
 * Node 20 has no WebSocket of its own, and a package for these few frames would be in every program that uses gyre.
 * Source: RFC 6455; both ends are ours, so no extensions, and pings are not expected.
 */
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import type { Socket } from "node:net";

const TEXT = 1;
const CLOSE = 8;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The address of the inspector behind `port` of this machine; `undefined` when there is none. */
export async function inspectorAt(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(2000) });
    const targets = (await response.json()) as readonly { webSocketDebuggerUrl?: string }[];
    return targets[0]?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

export class InspectorClient {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #onEvent: (method: string, params: unknown) => void;
  #lastId = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #text: Buffer[] = [];

  private constructor(socket: Socket, onEvent: (method: string, params: unknown) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("the connection was closed")));
  }

  /** @throws what the system says when it cannot connect */
  static connect(url: string, onEvent: (method: string, params: unknown) => void): Promise<InspectorClient> {
    const { hostname, port, pathname } = new URL(url);
    const headers = {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    };
    return new Promise((resolve, reject) => {
      const request = get({ hostname, port, path: pathname, headers, timeout: 2000 });
      request.on("upgrade", (_response, socket) => {
        (socket as Socket).setTimeout(0);
        resolve(new InspectorClient(socket as Socket, onEvent));
      });
      request.on("response", ({ statusCode }) => reject(new Error(`it answered with status ${statusCode}`)));
      request.on("timeout", () => request.destroy(new Error("it did not answer")));
      request.on("error", reject);
    });
  }

  /** @throws {Error} with the inspector's message; when the connection ends; after 10 s */
  ask<R>(method: string, params: object = {}): Promise<R> {
    const id = ++this.#lastId;
    return new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} was not answered within 10 s`)), 10_000);
      this.#pending.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result as R);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.write(frame(TEXT, Buffer.from(JSON.stringify({ id, method, params }))));
    });
  }

  close(): void {
    this.#socket.end(frame(CLOSE, Buffer.alloc(0)));
    this.#socket.unref();
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (let found = readFrame(this.#bytes); found !== undefined; found = readFrame(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(found.size);
      if (found.opcode === CLOSE) this.#socket.end();
      else this.#text.push(found.payload);
      if (!found.isLast || found.opcode > 2) continue;
      const text = Buffer.concat(this.#text).toString("utf8");
      this.#text = [];
      this.#hear(JSON.parse(text) as Message);
    }
  }

  #hear({ id, method, params, result, error }: Message): void {
    if (id === undefined) {
      if (method !== undefined) this.#onEvent(method, params);
      return;
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error.message));
  }

  #end(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** A client's frame, which is masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const size = payload.length;
  const head =
    size < 126
      ? Buffer.from([0x80 | opcode, 0x80 | size])
      : size < 65_536
        ? Buffer.from([0x80 | opcode, 0x80 | 126, size >> 8, size & 255])
        : Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | 127, 0, 0, 0, 0]), uint32(size)]);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let at = 0; at < size; at++) masked[at] = (masked[at] as number) ^ (mask[at & 3] as number);
  return Buffer.concat([head, mask, masked]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

interface Frame {
  readonly opcode: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
  readonly size: number;
}

/** The first frame of a server; `undefined` while it is not all there. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes as unknown as [number, number];
  const short = second & 127;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < at) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < at + length) return undefined;
  return {
    opcode: first & 15,
    isLast: (first & 128) !== 0,
    payload: bytes.subarray(at, at + length),
    size: at + length,
  };
}
