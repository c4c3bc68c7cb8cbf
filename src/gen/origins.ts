/** Where the items of `each` come from: one way to pull, and to stop, for every kind of source. */
import { describe } from "../base/index.ts";

/** Gives one item after the other, by a Future as `Queue` does, or by a promise as async iterators do. */
interface Pullable<T> {
  // biome-ignore lint/suspicious/noExplicitAny: what an iterator returns at its end is nobody's business
  next(): PromiseLike<IteratorResult<T, any>>;
}

/** What `each` takes items from: iterables, async iterables, streams, and queues. */
export type EachSource<T> = Iterable<T> | Pullable<T> | { [Symbol.asyncIterator](): Pullable<T> };

/** Gives items, and can be told that no more are wanted. */
export interface Origin {
  /** An iterator's result, or something to wait for that gives one. */
  pull(): unknown;
  /** No more is wanted: gives what is to be waited for. `pulling`: the last pull is still on its way. */
  stop(pulling: boolean): unknown;
}

interface AnyIterator {
  next(): unknown;
  return?(): unknown;
}

/** An iterator of either kind. */
class IteratorOrigin implements Origin {
  readonly #iterator: AnyIterator;

  constructor(iterator: AnyIterator) {
    this.#iterator = iterator;
  }

  pull(): unknown {
    return this.#iterator.next();
  }

  stop(pulling: boolean): unknown {
    const stopped = this.#iterator.return?.();
    // A generator in the midst of an item hears of it when that is there, which may be never.
    return pulling ? undefined : stopped;
  }
}

/** One of Node's streams. */
class StreamOrigin extends IteratorOrigin {
  readonly #stream: { destroy(): unknown };

  constructor(stream: { destroy(): unknown }, iterator: AnyIterator) {
    super(iterator);
    this.#stream = stream;
  }

  override stop(): unknown {
    // Its iterator destroys it too, but not before the chunk that it waits for is there, nor before the first.
    this.#stream.destroy();
    return super.stop(false);
  }
}

/** A web stream: its reader can be cancelled while it reads, its iterator cannot. */
class ReaderOrigin implements Origin {
  readonly #reader: ReadableStreamDefaultReader<unknown>;

  constructor(stream: ReadableStream<unknown>) {
    this.#reader = stream.getReader();
  }

  pull(): unknown {
    return this.#reader.read();
  }

  stop(): unknown {
    const stopped = this.#reader.cancel();
    this.#reader.releaseLock();
    return stopped;
  }
}

type AnySource = Partial<{
  next(): unknown;
  [Symbol.asyncIterator](): AnyIterator;
  [Symbol.iterator](): AnyIterator;
  getReader: unknown;
  destroy(): unknown;
  pipe: unknown;
}>;

/**
 * The origin of `source`.
 *
 * @throws {TypeError} when it is nothing that gives items, or a web stream that somebody reads
 */
export function originOf(source: EachSource<unknown>): Origin {
  const from = source as AnySource | null | undefined;
  if (typeof from?.getReader === "function") return new ReaderOrigin(from as ReadableStream<unknown>);
  // An iterator itself, or a queue: its own next() gives Futures, which its async iterator cannot.
  if (typeof from?.next === "function") return new IteratorOrigin(from as AnyIterator);
  const iterator = from?.[Symbol.asyncIterator]?.() ?? from?.[Symbol.iterator]?.();
  if (iterator === undefined) {
    throw new TypeError(
      `Cannot take items from ${describe(source)}: it is no iterable, an iterable, async iterable or stream is wanted`,
    );
  }
  if (typeof from?.destroy === "function" && typeof from.pipe === "function")
    return new StreamOrigin(from as { destroy(): unknown }, iterator);
  return new IteratorOrigin(iterator);
}
