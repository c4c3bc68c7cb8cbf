/** One function for many items, a few at a time. */
import { checkFunction } from "../base/index.ts";
import { Future, RESOLVED } from "../future/index.ts";
import { type Coroutine, startCoroutine } from "./coroutine.ts";
import { coroutine } from "./decorators.ts";
import { type EachResult, Items } from "./each.ts";
import { type EachSource, type Origin, originOf } from "./origins.ts";
import type { CoroutineGenerator, ResultOf } from "./types.ts";
import { all } from "./yield-points.ts";

type Mapper = (item: unknown, index: number) => unknown;

/**
 * `fn(item, index)` for all items, never more than `limit` at once: `const pages = yield* mapLimit(urls, 4, load)`.
 *
 * Items may come from an iterable, an async iterable or a stream; each is pulled when its turn has come, and
 * Futures or promises among them are waited for. `fn` may be a generator, async or plain function. Results
 * come in the order of the items. At the first failure, in time, of `fn` or of the source, and when this is
 * cancelled, no further item is begun, those that run are cancelled, and their clean-up is waited for; the
 * source is closed.
 *
 * Suspends: unless no item has to wait.
 *
 * @param limit - how many may run at once; an integer >= 1
 * @throws what the first failed with, at the yield
 * @throws {RangeError} when `limit` is none
 * @throws {TypeError} when `items` gives no items, or `fn` is no function
 */
export function mapLimit<T, R>(
  items: EachSource<T>,
  limit: number,
  fn: (item: Awaited<T>, index: number) => CoroutineGenerator<R>,
): Coroutine<Awaited<R>[]>;
export function mapLimit<T, R>(
  items: EachSource<T>,
  limit: number,
  fn: (item: Awaited<T>, index: number) => R,
): Coroutine<ResultOf<R>[]>;
export function mapLimit(
  items: EachSource<unknown>,
  limit: number,
  fn: (item: never, index: number) => unknown,
): Coroutine<unknown[]> {
  checkFunction(fn, "map with a limit");
  if (!(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`Cannot map with a limit: it is ${limit}, an integer >= 1 is wanted`);
  return runMapLimit(originOf(items), limit, fn as Mapper);
}

const runMapLimit = coroutine(function* mapLimit(
  origin: Origin,
  limit: number,
  fn: Mapper,
): Generator<unknown, unknown[], unknown> {
  const queue = new SharedItems(new Items<unknown>(origin));
  const results: unknown[] = [];
  function* work(): Generator<unknown, void, unknown> {
    for (;;) {
      const item = yield* queue.next();
      if (item.done) return;
      const index = results.push(undefined) - 1;
      results[index] = yield startCoroutine(fn, undefined, [item.value, index]);
    }
  }
  const workers: Coroutine<void>[] = [];
  // Each runs up to its first wait, so that no more are made than there are items at hand.
  while (workers.length < limit && !queue.over) {
    const worker = startCoroutine<void>(work, undefined, []);
    workers.push(worker);
    if (worker.done() && worker._state !== RESOLVED) break;
  }
  yield* all(workers, { failFast: true });
  return results;
});

/** Items that several coroutines take from, which would pull two at once. */
class SharedItems {
  readonly #items: Items<unknown>;
  #last: Future<void> | undefined = undefined;
  over = false;

  constructor(items: Items<unknown>) {
    this.#items = items;
  }

  /** The next item, after those who asked before have theirs. */
  *next(): Generator<Future<unknown>, EachResult<unknown>, unknown> {
    const before = this.#last;
    const mine = new Future<void>();
    this.#last = mine;
    try {
      if (before !== undefined) yield* before;
      const item = yield* this.#items.next();
      if (item.done) this.over = true;
      return item;
    } finally {
      mine.setResult();
    }
  }
}
