/** Files of the system by Futures, as far as serving them needs. */
import { close, constants, fstat, open, read, realpath, type Stats } from "node:fs";
import { Future } from "../future/index.ts";
import { type Coroutine, type CoroutineGenerator, coroutine } from "../gen/index.ts";

/** The path without symbolic links. Fails with Node's own error. */
export function realPath(path: string): Future<string> {
  return fromCallback((done) => realpath.native(path, "utf8", done));
}

/** An open file. */
export class OpenFile {
  readonly stats: Stats;
  readonly #fd: number;
  #reading: Future<number> | undefined = undefined;

  /** @internal */
  constructor(fd: number, stats: Stats) {
    this.#fd = fd;
    this.stats = stats;
  }

  /** Open `path` to be read. Fails with Node's own error. A cancel leaves no descriptor open. */
  static open(path: string): Coroutine<OpenFile> {
    return openFile(path);
  }

  /** At most `length` bytes from `position` on; fewer at the end of the file. One read at a time. */
  *read(position: number, length: number): CoroutineGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length);
    this.#reading = fromCallback((done) => read(this.#fd, buffer, 0, length, position, done));
    return buffer.subarray(0, yield* this.#reading);
  }

  /** Must be called once. */
  *close(): CoroutineGenerator<void> {
    // A read that was given up still uses the descriptor, which may soon mean another file.
    if (this.#reading !== undefined && !this.#reading.done()) yield* outcome(this.#reading);
    yield* closeDescriptor(this.#fd);
  }
}

const openFile = coroutine(function* openFile(path: string): CoroutineGenerator<OpenFile> {
  // Without O_NONBLOCK the open of a pipe waits for a writer, in a thread that others need.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const opening = fromCallback<number>((done) => open(path, flags, done));
  let fd: number | undefined;
  try {
    fd = yield* opening;
    const opened = fd;
    const stats = yield* fromCallback<Stats>((done) => fstat(opened, done));
    return new OpenFile(fd, stats);
  } catch (error) {
    fd ??= yield* outcome(opening);
    if (fd !== undefined) yield* closeDescriptor(fd);
    throw error;
  }
});

function closeDescriptor(fd: number): Future<void> {
  return fromCallback((done) => close(fd, (error) => done(error, undefined)));
}

/** The result once it is there; `undefined` when it failed. */
function* outcome<T>(future: Future<T>): CoroutineGenerator<T | undefined> {
  try {
    return yield* future;
  } catch {
    return undefined;
  }
}

function fromCallback<T>(
  start: (done: (error: NodeJS.ErrnoException | null | undefined, value: T) => void) => void,
): Future<T> {
  const future = new Future<T>();
  start((error, value) => {
    if (error === null || error === undefined) future.setResult(value);
    else future.setError(error);
  });
  return future;
}
