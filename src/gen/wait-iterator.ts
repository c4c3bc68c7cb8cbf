/** Several Futures, taken one after the other as they settle. */
import { type CancelledError, describe, InvalidStateError } from "../base/index.ts";
import { AllFuture, CANCELLED, FAILED, Future, type Listener, listInWords } from "../future/index.ts";
import { touched } from "../loop/index.ts";
import { currentCoroutine } from "./coroutine.ts";

/** One of the Futures, at the index that the user knows it by. The same Future may have several places. */
class Place<T> implements Listener {
  readonly index: number | string;
  readonly future: Future<T>;
  readonly #queue: Queue<T>;

  constructor(index: number | string, future: Future<T>, queue: Queue<T>) {
    this.index = index;
    this.future = future;
    this.#queue = queue;
  }

  /** Which Future it is. */
  _describe(isNow?: boolean): string {
    return this.future._describe(isNow);
  }

  settled(): void {
    touched?.(this.#queue);
    this.#queue.arrived(this);
  }

  isWaitedFor(): boolean {
    return this.#queue.isWaitedFor();
  }
}

/** The result of one `next()`: that of the place which it was given. */
class Next<T> extends Future<T> {
  readonly #queue: Queue<T>;
  #source: Future<T> | undefined = undefined;

  constructor(queue: Queue<T>) {
    super();
    this.#queue = queue;
  }

  override _describe(isNow?: boolean): string {
    const { waiting } = this.#queue;
    return `the next of ${listInWords(waiting, waiting.size, isNow)}`;
  }

  give(source: Future<T>): void {
    this.#source = source;
    this._settle(source._state, source._value);
  }

  /** Whoever takes this one's failure takes that of the Future it came from. */
  override _take(): void {
    this._taken = true;
    this.#source?._take();
  }

  override _unheard(): void {
    this.#source?._unheard();
  }

  /** Drops this request: what it would have got is there for the next one. */
  override cancel(reason?: unknown): boolean {
    this.#queue.drop(this);
    return super.cancel(reason);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return this.#queue.stop(owner, reason, this);
  }

  override _abandon(owner: object): void {
    this.#source?._abandon(owner);
  }
}

/** Places that have settled on one side, requests for them on the other; one of the two is empty. */
class Queue<T> {
  readonly #owner = currentCoroutine();
  readonly waiting = new Set<Place<T>>();
  readonly arrivals: Place<T>[] = [];
  readonly requests: Next<T>[] = [];
  /** The one that was given out last. */
  current: Place<T> | undefined = undefined;

  arrived(place: Place<T>): void {
    this.waiting.delete(place);
    const request = this.requests.shift();
    if (request !== undefined) this.#give(place, request);
    else {
      this.arrivals.push(place);
      if (place.future._state === FAILED) place.future._unheard();
    }
  }

  next(): Next<T> {
    const request = new Next<T>(this);
    const place = this.arrivals.shift();
    if (place !== undefined) this.#give(place, request);
    else this.requests.push(request);
    return request;
  }

  drop(request: Next<T>): void {
    const at = this.requests.indexOf(request);
    if (at >= 0) this.requests.splice(at, 1);
  }

  isWaitedFor(): boolean {
    return this.requests.some((request) => request._isAwaited());
  }

  /** The owner is cancelled while it waits for `request`: so is all that it started and that is left. */
  stop(owner: object, reason: CancelledError, request: Next<T>): boolean {
    if (owner !== this.#owner) return false;
    const left = [...this.waiting];
    this.waiting.clear();
    for (const place of left) place.future._unlisten(place);
    const members = left.map(({ future }) => future);
    const all = new AllFuture(
      members,
      owner,
      () => undefined,
      () => {},
    );
    const stopping = all._cancelOwned(owner, reason);
    all._listen({ settled: () => request._settle(CANCELLED, reason) });
    return stopping;
  }

  #give(place: Place<T>, request: Next<T>): void {
    this.current = place;
    request.give(place.future);
  }
}

/**
 * Several Futures, taken one after the other as they settle.
 *
 * ```ts
 * import { coroutine, run, sleep, WaitIterator } from "gyre";
 *
 * const answer = coroutine(function* (text: string, ms: number) {
 *   yield* sleep(ms);
 *   return text;
 * });
 *
 * await run(function* () {
 *   const answers = new WaitIterator(answer("slow", 20), answer("quick", 10));
 *   while (!answers.done()) {
 *     const text = yield* answers.next();
 *     console.log(answers.currentIndex, text);
 *   }
 *   // prints: 1 quick
 *   // prints: 0 slow
 * });
 * ```
 *
 * Those that are settled already come first, in the order of the arguments, and
 * then the others as they settle. One that fails throws at its own `next()`;
 * the iteration may go on. The same Future may be given more than once.
 *
 * Source: Tornado `gen.WaitIterator`. Differs: `next()` may be called again
 * before the one before is settled, and nothing is lost.
 */
export class WaitIterator<T> {
  readonly #queue = new Queue<T>();
  readonly #size: number;

  /**
   * @param futures - Futures, then known by their position; or one record of them, then known by their key
   * @throws {TypeError} when both are mixed, or something else comes
   */
  constructor(...futures: readonly (Future<T> | Readonly<Record<string, Future<T>>>)[]) {
    const places = entriesOf<T>(futures).map(([index, future]) => new Place(index, future, this.#queue));
    this.#size = places.length;
    for (const place of places) this.#queue.waiting.add(place);
    for (const place of places) place.future._listen(place);
  }

  /** What the last result was known by; `undefined` before the first one, and once `done()` has said so. */
  get currentIndex(): number | string | undefined {
    return this.#queue.current?.index;
  }

  /** The Future that the last result came from; `undefined` as above. */
  get currentFuture(): Future<T> | undefined {
    return this.#queue.current?.future;
  }

  /** Have all results been given out? */
  done(): boolean {
    const { waiting, arrivals } = this.#queue;
    if (waiting.size > 0 || arrivals.length > 0) return false;
    this.#queue.current = undefined;
    return true;
  }

  /**
   * The next result, whichever it is. Requests are served in the order in which they were made.
   *
   * A coroutine that is cancelled while it waits here takes the coroutines that it
   * started, and that are left in the iterator, along. So does a limit that passes.
   *
   * Suspends who yields it: unless a result is there already.
   * @throws {InvalidStateError} when all have been given out or asked for
   */
  next(): Future<T> {
    const { waiting, arrivals, requests } = this.#queue;
    if (waiting.size + arrivals.length <= requests.length) {
      throw new InvalidStateError(
        `Cannot give the next result: all ${this.#size} are given out or asked for, ask done() first`,
      );
    }
    return this.#queue.next();
  }
}

function entriesOf<T>(given: readonly unknown[]): [number | string, Future<T>][] {
  const keyed = given.length === 1 && !(given[0] instanceof Future) ? given[0] : undefined;
  if (keyed !== undefined && (typeof keyed !== "object" || keyed === null)) throw notFuture(keyed);
  const entries: [number | string, unknown][] =
    keyed === undefined ? [...given.entries()] : Object.entries(keyed as object);
  for (const [, future] of entries) if (!(future instanceof Future)) throw notFuture(future);
  return entries as [number | string, Future<T>][];
}

function notFuture(value: unknown): TypeError {
  return new TypeError(
    `Cannot iterate over results: came ${describe(value)}, Futures, or one record of Futures, are wanted`,
  );
}
