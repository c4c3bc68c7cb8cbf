/** The socket that `gyre ps` and its like connect to; see `protocol.ts` for what is said. */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { type Answer, type Hello, LineReader, QUESTIONS, type Question } from "./protocol.ts";

/** Answers one question. Rejects with a sentence for the reader. */
export type Answerer = (ask: string, options: unknown) => Promise<unknown>;

export class SocketServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #hello: Hello;
  readonly #answer: Answerer;

  constructor(hello: Hello, answer: Answerer) {
    this.#hello = hello;
    this.#answer = answer;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /**
   * Listen at `path`, for this user only.
   *
   * @throws what the system says, when it cannot
   */
  async listen(path: string): Promise<void> {
    // Of a process before us that had our number, and was killed.
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  /** Close it, with all its connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new LineReader((line) => void this.#hear(socket, line));
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      try {
        reader.push(text);
      } catch {
        socket.destroy();
      }
    });
    // A reader that goes in the middle of an answer is no affair of the program's.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    sendLine(socket, JSON.stringify(this.#hello));
  }

  async #hear(socket: Socket, line: string): Promise<void> {
    const question = readQuestion(line);
    if (question === undefined) {
      socket.destroy();
      return;
    }
    const { id, ask, options } = question;
    const answer = await this.#answerTo(id, ask, options);
    let text: string;
    try {
      text = JSON.stringify(answer);
    } catch (error) {
      // Longer than a text can be, which is 512 MB: a recording, say.
      text = JSON.stringify({ id, error: `Cannot answer "${ask}": ${(error as Error).message}` });
    }
    sendLine(socket, text);
  }

  async #answerTo(id: number, ask: string, options: unknown): Promise<Answer> {
    if (!QUESTIONS.includes(ask))
      return { id, error: `Cannot answer "${ask}": this process knows ${QUESTIONS.join(", ")}` };
    try {
      return { id, ok: (await this.#answer(ask, options)) ?? null };
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

function readQuestion(line: string): Question | undefined {
  try {
    const question = JSON.parse(line) as Question | null;
    return typeof question?.id === "number" && typeof question.ask === "string" ? question : undefined;
  } catch {
    return undefined;
  }
}

function sendLine(socket: Socket, line: string): void {
  if (!socket.writable) return;
  // Not put together: the two may be longer than a text can be.
  socket.write(line);
  socket.write("\n");
}
