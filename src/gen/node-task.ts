/** Functions that take an error-first callback, as Node's own do. */
import { type CancelledError, checkFunction } from "../base/index.ts";
import { FAILED, Future, PENDING, RESOLVED } from "../future/index.ts";
import { currentCoroutine } from "./coroutine.ts";

/** What a callback gets behind the error: nothing, the one value, or all of several as an array. */
export type NodeResult<V extends readonly unknown[]> = V extends readonly []
  ? undefined
  : V extends readonly [infer T]
    ? T
    : V extends readonly [(infer T)?]
      ? T | undefined
      : V;

type Callee = (...args: unknown[]) => unknown;

class NodeTask extends Future<unknown> {
  /** @internal */ readonly _owner: object | undefined = currentCoroutine();
  /** @internal */ readonly _fn: Callee;

  /** @param args - of `fn`; the callback is put behind them */
  constructor(fn: Callee, args: unknown[]) {
    super();
    this._fn = fn;
    const task = this;
    args.push(function (error: unknown, value: unknown): void {
      if (task._state !== PENDING) return;
      if (error) task._settle(FAILED, error);
      // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for each call
      else task._settle(RESOLVED, arguments.length > 2 ? [...arguments].slice(1) : value);
    });
    try {
      fn.apply(undefined, args);
    } catch (error) {
      if (this._state === PENDING) this._settle(FAILED, error);
    }
  }

  override _describe(): string {
    return this._fn.name === "" ? "a callback" : `the callback of ${this._fn.name}`;
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this._owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }
}

/**
 * Call `fn(...args, callback)` and wait for its error-first callback: `const stats = yield* nodeTask(fs.stat, path)`.
 *
 * Gives what the callback gets behind the error: `undefined`, the one value, or an array of several. An error,
 * also one that `fn` throws, is thrown at the yield; further calls of the callback are ignored. `fn` is called
 * at once, and without `this`: give a method as `(done) => socket.end(data, done)`.
 *
 * Of an overloaded function the types see the last form only. For another one say what comes:
 * `nodeTask<string>((done) => fs.readFile(path, "utf8", done))`.
 *
 * A cancel lets the waiter go. What was begun goes on, because nothing can stop it, and what becomes of it is
 * dropped, an error too.
 *
 * Suspends: unless the callback is called at once. Source: Node's `util.promisify`, Tornado `gen.Task`.
 *
 * @throws {TypeError} when `fn` is no function
 */
export function nodeTask<T>(fn: (callback: (error: unknown, value: T) => void) => unknown): Future<T>;
export function nodeTask<A extends unknown[], V extends unknown[]>(
  fn: (...args: [...A, callback: (error: unknown, ...values: V) => void]) => unknown,
  ...args: A
): Future<NodeResult<V>>;
export function nodeTask(fn: (...args: never[]) => unknown, ...args: unknown[]): Future<unknown> {
  checkFunction(fn, "call a function with a callback");
  return new NodeTask(fn as Callee, args);
}
