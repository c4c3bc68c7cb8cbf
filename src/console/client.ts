/** The reader's end of a process's socket. */
import { readdirSync, rmSync } from "node:fs";
import { connect as connectTo, type Socket } from "node:net";
import { join } from "node:path";
import { pidOf, socketFolders, socketPathsOf } from "./paths.ts";
import { type Answer, type Hello, LineReader, PROTOCOL } from "./protocol.ts";

/** How long a process may take to say hello: its console's thread has nothing else to do. */
const HELLO_MS = 5000;
/** The longest answer, in characters: a recording. */
const MOST_ANSWER_CHARS = 500_000_000;

/** Why a process cannot be asked, in a sentence for the reader. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  /** Its socket's file was left behind by a process that is gone. */
  readonly isStale: boolean;

  constructor(message: string, isStale = false) {
    super(message);
    this.isStale = isStale;
  }
}

/** A process that can be asked. */
export class ProcessClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }
  >();
  readonly hello: Hello;
  #lastId = 0;
  #ended: Error | undefined = undefined;

  /** @internal See `connectPath`. */
  constructor(socket: Socket, hello: Hello) {
    this.#socket = socket;
    this.hello = hello;
  }

  /** @throws {Error} with the process's own sentence; {UnreachableError} when it ends before it answers */
  ask<R>(ask: string, options?: unknown): Promise<R> {
    const id = ++this.#lastId;
    return new Promise<R>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#socket.write(`${JSON.stringify({ id, ask, options })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** @internal */
  _hear(line: string): void {
    const { id, ok, error } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(ok);
    else waiting?.reject(new Error(error));
  }

  /** @internal */
  _end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/**
 * Connect to the process with this number.
 *
 * @throws {UnreachableError} when it is gone, another user's, or has no console
 */
export async function connectProcess(pid: number): Promise<ProcessClient> {
  const end = whyNot(pid);
  for (const path of socketPathsOf(pid)) {
    try {
      return await connectPath(path, pid);
    } catch (error) {
      if (error instanceof UnreachableError && error.isStale) rmSync(path, { force: true });
      else if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new UnreachableError(
    end ??
      `Cannot ask process ${pid}: it has no console, one is wanted (start it by "gyre run", call startConsole(), or try "gyre ps --attach ${pid}")`,
  );
}

/** Every process of this user that can be asked; the files that dead ones have left are removed. */
export async function connectAll(): Promise<ProcessClient[]> {
  const found = socketFolders().flatMap((folder) => {
    const pids = namesIn(folder).flatMap((name) => pidOf(name) ?? []);
    return pids.map((pid) => ({ pid, path: join(folder, `${pid}.sock`) }));
  });
  const clients = await Promise.all(
    found.map(async ({ pid, path }) => {
      try {
        return [await connectPath(path, pid)];
      } catch (error) {
        if (error instanceof UnreachableError && error.isStale) rmSync(path, { force: true });
        // One that ends just now, or is of a newer gyre: the others are still to be listed.
        return [];
      }
    }),
  );
  return clients.flat().sort((one, other) => one.hello.pid - other.hello.pid);
}

/** @throws {UnreachableError} what else the system says, as `ENOENT` */
async function connectPath(path: string, pid: number): Promise<ProcessClient> {
  const socket = connectTo(path);
  socket.setEncoding("utf8");
  return await new Promise<ProcessClient>((resolve, reject) => {
    let client: ProcessClient | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      client?._end(error);
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new UnreachableError(`Cannot ask process ${pid}: it does not answer at ${path}`)),
      HELLO_MS,
    );
    const reader = new LineReader((line) => {
      if (client !== undefined) {
        client._hear(line);
        return;
      }
      clearTimeout(timer);
      client = new ProcessClient(socket, readHello(line, pid));
      resolve(client);
    }, MOST_ANSWER_CHARS);
    socket.on("data", (text: unknown) => {
      try {
        reader.push(text as string);
      } catch (error) {
        fail(error as Error);
      }
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = error.code === "ECONNREFUSED";
      fail(isStale ? new UnreachableError(`Cannot ask process ${pid}: it is gone`, true) : error);
    });
    socket.on("close", () =>
      fail(new UnreachableError(`Cannot ask process ${pid}: it ended before it answered`)),
    );
  });
}

function readHello(line: string, pid: number): Hello {
  let hello: Hello | undefined;
  try {
    hello = JSON.parse(line) as Hello;
  } catch {
    // Said below.
  }
  if (typeof hello?.gyre !== "number")
    throw new UnreachableError(
      `Cannot ask process ${pid}: what answers at its socket is no console of gyre's`,
    );
  if (hello.gyre !== PROTOCOL)
    throw new UnreachableError(
      `Cannot ask process ${pid}: its console speaks version ${hello.gyre}, this command version ${PROTOCOL} (use the command of the program's own gyre)`,
    );
  return hello;
}

/** Why there can be no such process of ours. */
function whyNot(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
      ? `Cannot ask process ${pid}: it is another user's, a process of this user is wanted`
      : `Cannot ask process ${pid}: there is no such process`;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
