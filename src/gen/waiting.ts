/** From what a coroutine yields to its wait, or to the error that it gets instead. */
import { type BadYieldError, GyreError } from "../base/index.ts";
import { FAILED, Future, PENDING } from "../future/index.ts";
import { hooks, stepHooks } from "../loop/index.ts";
import { dropOutcome } from "./cancelling.ts";
import { convertYielded, onlyKnownKinds } from "./convert.ts";
import { findCycle, LONGEST_SEARCH } from "./cycle.ts";
import { addYieldLine } from "./error-stack.ts";
import { CANCEL_DELIVERED, Frame } from "./frame.ts";
import { isNativePromise, PromiseWait } from "./promise-wait.ts";

/** The class of a Future that is nothing more; a constant of this module, which V8 need not look up at each wait. */
const plain: unknown = Future;

/** May it be waited for by the coroutine's own `PromiseWait`? */
export function isPlainPromise(yielded: unknown): yielded is Promise<unknown> {
  return onlyKnownKinds && isNativePromise(yielded);
}

/** The Future of what `self` yielded; of the error, when it cannot be waited for. */
export function toSource(self: Frame<unknown>, yielded: unknown): Future<unknown> {
  try {
    if (isPlainPromise(yielded)) return promiseWaitOf(self, yielded);
    return convertYielded(yielded, self);
  } catch (error) {
    return refused(self, error);
  }
}

/** One wait serves all promises of a coroutine; one that a cancel left pending may still be called, and is not used again. */
function promiseWaitOf(self: Frame<unknown>, promise: Promise<unknown>): Future<unknown> {
  let wait = self._promiseWait;
  if (wait === undefined || wait._state === PENDING) {
    const refusal = self._loop._refusePromise(self);
    if (refusal !== undefined) return refused(self, refusal);
    wait = new PromiseWait(self);
    self._promiseWait = wait;
  }
  wait.listenTo(promise);
  return wait;
}

/**
 * `self` has yielded `source`, which is pending, or a cancel was asked for: wait.
 *
 * @returns what to go on with at once instead of waiting, if there is such
 */
export function waitOrThrow(self: Frame<unknown>, source: Future<unknown>): Future<unknown> | undefined {
  if (self._cancel !== undefined && (self._flags & CANCEL_DELIVERED) === 0) {
    if (source._state === PENDING && source._cancelOwned(self, self._cancel)) {
      waitFor(self, source);
      return undefined;
    }
    if (source._state !== PENDING) dropOutcome(self, source);
    self._flags |= CANCEL_DELIVERED;
    return failedWith(self._cancel);
  }
  if (source._state !== PENDING) return source;
  // A promise waits for nobody here, and calls its one coroutine itself.
  if (source === self._promiseWait) {
    self._waiting = source;
    if (hooks !== undefined) hooks.suspended(self, source);
    return undefined;
  }
  const cycle = closesCycle(self, source);
  if (cycle !== undefined) return refused(self, cycle);
  waitFor(self, source);
  return undefined;
}

/** `self` waits for `source` from now on. */
export function waitFor(self: Frame<unknown>, source: Future<unknown>): void {
  self._waiting = source;
  if (hooks !== undefined && (source.constructor !== plain || stepHooks !== undefined))
    hooks.suspended(self, source);
  source._listen(self);
}

/** The error of waiting for `source`, if that could never end. Only who is waited for already can close a circle. */
export function closesCycle(self: Frame<unknown>, source: Future<unknown>): BadYieldError | undefined {
  if (source !== self) {
    if (self._listeners === undefined) return undefined;
    // Most often a line of coroutines, each of which waits for the next one.
    let last = source;
    for (let left = LONGEST_SEARCH; last instanceof Frame && last !== self && left > 0; left--) {
      if (last._waiting === undefined) return undefined;
      last = last._waiting;
    }
    if (last !== self && last._awaits().length === 0) return undefined;
  }
  return findCycle(self, source);
}

/** What `self` has yielded cannot be waited for: the error says where that was. */
function refused(self: Frame<unknown>, error: unknown): Future<unknown> {
  // What a converter of the user's threw has lines of its own.
  if (error instanceof GyreError) addYieldLine(error, self);
  return failedWith(error);
}

/** For a coroutine that takes the error at once. */
export function failedWith(error: unknown): Future<unknown> {
  const source = new Future<unknown>();
  source._taken = true;
  source._settle(FAILED, error);
  return source;
}
