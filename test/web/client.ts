/** A bare TCP client for tests of the server: what it sends and gets is what is on the wire. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export class RawClient {
  readonly socket: Socket;
  /** All that came so far, as Latin-1. */
  received = "";
  /** Did the connection end by an error, such as a reset? */
  failed = false;
  readonly #closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1" });
    this.socket.setEncoding("latin1");
    this.socket.on("data", (text: string) => {
      this.received += text;
    });
    this.socket.on("error", () => {
      this.failed = true;
    });
    this.#closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
  }

  static async open(port: number): Promise<RawClient> {
    const client = new RawClient(port);
    await once(client.socket, "connect");
    return client;
  }

  /** "\n" stands for a line end of HTTP. */
  send(text: string): void {
    this.socket.write(text.replaceAll("\n", "\r\n"), "latin1");
  }

  /** Wait until `wanted` has come. Fails when the connection ends first. */
  async until(wanted: string | RegExp): Promise<void> {
    const found = (): boolean =>
      typeof wanted === "string" ? this.received.includes(wanted) : wanted.test(this.received);
    while (!found()) {
      if (this.socket.destroyed) throw new Error(`closed before ${wanted} came: ${this.received}`);
      await Promise.race([once(this.socket, "data"), this.#closed]);
    }
  }

  async closed(): Promise<void> {
    await this.#closed;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
