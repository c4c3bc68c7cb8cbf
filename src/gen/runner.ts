/**
 * The seed's yield points, and the keyed callbacks behind them.
 *
 * A coroutine waits for Futures only. A yield point becomes one here: it is
 * started, and asked again, each time a callback brought a result, whether it
 * is ready. `Runner` has the names and meaning of the seed's class as far as a
 * yield point sees it; driving the generator is the coroutine's own affair.
 *
 * Source: Tornado 3.2 `gen.YieldPoint`, `gen.Runner`.
 */
import {
  type CancelledError,
  describe,
  KeyReuseError,
  LeakedCallbackError,
  UnknownKeyError,
} from "../base/index.ts";
import { ExceptionStackContext, wrap } from "../context/index.ts";
import { FAILED, Future, PENDING, RESOLVED } from "../future/index.ts";

/**
 * Something that a coroutine may yield: started by a Runner, asked until it is ready.
 *
 * `yield* point` is the typed form of `yield point`. Extend it for waits of your own.
 */
export abstract class YieldPoint<T> {
  /** Begin. Called once, inside the `yield`; what it throws is thrown there. */
  abstract start(runner: Runner): void;

  /** Is the result there? Asked after `start`, and after each `runner.run()`. */
  abstract isReady(): boolean;

  /** The result, or throw what the `yield` shall throw. Called once, when ready. */
  abstract getResult(): T;

  /** @internal See `Future._cancelOwned`. */
  _cancelOwned(_owner: object, _reason: CancelledError): boolean {
    return false;
  }

  /** @internal See `Future._abandon`. */
  _abandon(_owner: object): void {}

  /** @internal See `Future._describe`. */
  _describe(_isNow?: boolean): string {
    return this.constructor.name;
  }

  *[Symbol.iterator](): Generator<YieldPoint<T>, T, unknown> {
    return (yield this) as T;
  }
}

/** Several arguments that one callback was given, as the result of its `Wait` or `Task`. Source: Tornado `gen.Arguments`. */
export class Arguments {
  readonly args: readonly unknown[];

  constructor(args: readonly unknown[]) {
    this.args = args;
  }

  *[Symbol.iterator](): Generator<unknown, void, unknown> {
    yield* this.args;
  }
}

/** A yield point that was started, as a Future. */
class PointFuture<T> extends Future<T> {
  readonly point: YieldPoint<T>;

  constructor(point: YieldPoint<T>) {
    super();
    this.point = point;
  }

  /** Settle if the point is ready, and nobody has ended this wait meanwhile. */
  poll(): void {
    if (this._state !== PENDING) return;
    try {
      if (!this.point.isReady()) return;
      const value = this.point.getResult();
      if (this._state === PENDING) this._settle(RESOLVED, value);
    } catch (error) {
      if (this._state === PENDING) this._settle(FAILED, error);
    }
  }

  /** A point belongs to the coroutine that yielded it: without its waiter it must not take a result away from others. */
  override _describe(isNow?: boolean): string {
    return this.point._describe(isNow);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (this.point._cancelOwned(owner, reason)) return true;
    this.cancel(reason.reason);
    return false;
  }

  override _abandon(owner: object): void {
    this.point._abandon(owner);
  }
}

/** The keyed callbacks of one coroutine, and its yield points that are not ready. */
export class Runner {
  readonly #pending = new Set<unknown>();
  readonly #results = new Map<unknown, unknown>();
  #points: PointFuture<unknown>[] = [];
  #starting: PointFuture<unknown> | undefined = undefined;

  /** Announce that a callback will come for `key`. @throws {KeyReuseError} when one is pending */
  registerCallback(key: unknown): void {
    if (this.#pending.has(key)) {
      throw new KeyReuseError(
        `Cannot register a callback: key ${describe(key)} is already pending, wait for it first`,
      );
    }
    this.#pending.add(key);
  }

  /** Has the callback of `key` been called? @throws {UnknownKeyError} when none is pending */
  isReady(key: unknown): boolean {
    if (!this.#pending.has(key)) {
      throw new UnknownKeyError(
        `Cannot wait for key ${describe(key)}: it is not pending, register a Callback first`,
      );
    }
    return this.#results.has(key);
  }

  /** The result for `key`, and try to go on. One for a key that is not pending, a second one say, is ignored. */
  setResult(key: unknown, result: unknown): void {
    if (!this.#pending.has(key) || this.#results.has(key)) return;
    this.#results.set(key, result);
    this.run();
  }

  /** Take the result for `key`, which is free again. */
  popResult(key: unknown): unknown {
    const result = this.#results.get(key);
    this.#pending.delete(key);
    this.#results.delete(key);
    return result;
  }

  /** Ask the waiting yield points whether they are ready. The coroutine goes on in its turn, never inside this call. */
  run(): void {
    const points = this.#points;
    for (const future of points) future.poll();
    this.#points = points.filter((future) => future._state === PENDING);
  }

  /** A callback that stores what it is given under `key`: nothing, the one argument, or all as `Arguments`. */
  resultCallback(key: unknown): (...args: unknown[]) => void {
    return wrap((...args: unknown[]): void => {
      this.setResult(key, args.length > 1 ? new Arguments(args) : args[0]);
    });
  }

  /**
   * Throw `error` at the `yield` of the point that was started last and is not ready.
   *
   * @returns whether there was one; if not, the error is still the caller's
   */
  handleException(error: unknown): boolean {
    const future = this.#points.findLast((each) => each._isAwaited());
    return future !== undefined && fail(future, error);
  }

  /**
   * Run `fn` so that what it throws, now or in a callback it registers, is thrown at the yield of the point being started.
   *
   * Once that wait is over, later errors go where they would have gone without it.
   */
  guard(fn: () => void): void {
    const future = this.#starting;
    const context = new ExceptionStackContext((error) => {
      if (future === undefined) return false;
      // Nobody listens yet while it starts; afterwards only a coroutine that still waits is told.
      return (future === this.#starting || future._listeners !== undefined) && fail(future, error);
    });
    context.run(fn);
  }

  /** @internal Start `point`; the Future of its result. */
  start<T>(point: YieldPoint<T>): Future<T> {
    const future = new PointFuture(point);
    const outer = this.#starting;
    this.#starting = future;
    try {
      point.start(this);
    } catch (error) {
      if (future._state === PENDING) future._settle(FAILED, error);
    } finally {
      this.#starting = outer;
    }
    if (future._state === PENDING) future.poll();
    if (future._state === PENDING) this.#points.push(future);
    return future;
  }

  /** @internal The error of ending with callbacks that were not waited for; none after another error. */
  leaked(hadError: boolean, name: string): LeakedCallbackError | undefined {
    if (this.#pending.size === 0 || hadError) return undefined;
    const keys = [...this.#pending].map(describe).join(", ");
    return new LeakedCallbackError(
      `Cannot end "${name}": it has not waited for its callbacks ${keys}, a Wait for each is wanted`,
    );
  }
}

function fail(future: Future<unknown>, error: unknown): boolean {
  if (future._state !== PENDING) return false;
  future._settle(FAILED, error);
  return true;
}
