/**
 * What a coroutine waits by for the promises that it yields, one after the
 * other: two functions and a Future less for each.
 *
 * JavaScript's own promises are known to call back once, from a microtask with
 * nothing below it: so the coroutine may go on right there, instead of one
 * microtask later.
 */
import { FAILED, Future, PENDING, RESOLVED, type Ready, type ReadyQueue } from "../future/index.ts";
import { hooks, type Watched } from "../loop/index.ts";

/** Who waits. */
interface Work extends Ready, Watched {
  readonly _waiting: Future<unknown> | undefined;
  readonly _loop: { readonly _ready: ReadyQueue };
  /** Go on with `value`, if nothing stands in between. @returns whether it has */
  _goOnAtOnce(wait: PromiseWait, value: unknown): boolean;
}

const nativeThen = Promise.prototype.then;

/** May `promise` be waited for so? One with a `then` of its own may call back twice, or late. */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === nativeThen;
}

export class PromiseWait extends Future<unknown> {
  /** @internal */ readonly _onValue: (value: unknown) => void;
  /** @internal */ readonly _onError: (error: unknown) => void;

  constructor(work: Work) {
    super();
    // By way of constants: V8 puts a function that is assigned to a property into the old generation, as if it were a
    // method, and from there it keeps all that it knows alive until the next major collection.
    const onValue = (value: unknown): void => goOn(this, work, RESOLVED, value);
    const onError = (error: unknown): void => goOn(this, work, FAILED, error);
    this._onValue = onValue;
    this._onError = onError;
  }

  override _describe(): string {
    return "a promise";
  }

  /**
   * Wait for `promise`. Only for one that is new, or settled: one that a cancel left pending may still be called.
   *
   * @throws {TypeError} for what is no promise but looks like one, such as a proxy
   */
  listenTo(promise: Promise<unknown>): void {
    promise.then(this._onValue, this._onError);
    this._state = PENDING;
  }
}

function goOn(wait: PromiseWait, work: Work, state: number, value: unknown): void {
  // Let go of meanwhile, by a cancel.
  if (work._waiting !== wait) return;
  wait._state = state;
  if (hooks !== undefined) hooks.woken(work, undefined);
  if (state === RESOLVED && work._goOnAtOnce(wait, value)) return;
  wait._value = value;
  work._loop._ready.runNow(work);
}
