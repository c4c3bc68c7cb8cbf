/** Between functions that take a callback and functions that return a Future, in both directions. */
import { checkFunction, ReturnValueIgnoredError } from "../base/index.ts";
import { ExceptionStackContext } from "../context/index.ts";
import { Future, RESOLVED } from "../future/index.ts";

/**
 * A function whose last argument is a callback, as one that returns the Future of what the callback is given.
 *
 * What `fn` throws is thrown to the caller. What a callback throws that `fn` has
 * registered fails the Future, as long as it is pending.
 *
 * Source: Tornado `return_future`. Differs: the caller's own callback is `withCallback`'s affair.
 *
 * @throws {ReturnValueIgnoredError} from the call, when `fn` returns something, which nobody can receive
 */
export function returnFuture<This, A extends unknown[], T>(
  fn: (this: This, ...args: [...A, callback: (result: T) => void]) => void,
): (this: This, ...args: A) => Future<T> {
  checkFunction(fn, "return a Future");
  function start(this: This, ...args: A): Future<T> {
    const future = new Future<T>();
    const callback = (value: T): void => future.setResultUnlessCancelled(value);
    let calling = true;
    const context = new ExceptionStackContext((error) => {
      if (calling || future.done()) return false;
      future.setError(error);
      return true;
    });
    const result: unknown = context.run(() => fn.call(this, ...args, callback));
    calling = false;
    if (result !== undefined) {
      throw new ReturnValueIgnoredError(
        `Cannot return the value of "${fn.name}": its callback gives the result, undefined is wanted`,
      );
    }
    return future;
  }
  Object.defineProperties(start, { name: { value: fn.name }, length: { value: Math.max(fn.length - 1, 0) } });
  return start;
}

/**
 * A function that returns a Future, as one that also calls back: its last argument is called with the result.
 *
 * Never inside the call, and never on failure: that is for whoever takes the
 * Future, which is returned all the same. Without a result the callback gets no
 * argument. What it throws is logged and does not fail the Future.
 *
 * Source: Tornado's `callback` argument of `gen.coroutine` and `return_future`.
 *
 * @throws {TypeError} from the call, when its last argument is no function
 */
export function withCallback<This, A extends unknown[], T>(
  fn: (this: This, ...args: A) => Future<T>,
): (this: This, ...args: [...A, callback: (result: T) => void]) => Future<T> {
  checkFunction(fn, "add a callback");
  function start(this: This, ...args: [...A, callback: (result: T) => void]): Future<T> {
    const callback = args.pop() as (...results: T[]) => void;
    checkFunction(callback, `call "${fn.name}" with a callback`);
    const future = fn.call(this, ...(args as unknown as A));
    future.addDoneCallback((done) => {
      if (done._state !== RESOLVED) return;
      const result = done.result();
      if (result === undefined) callback();
      else callback(result);
    });
    return future;
  }
  Object.defineProperties(start, { name: { value: fn.name }, length: { value: fn.length + 1 } });
  return start;
}
