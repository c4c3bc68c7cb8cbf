/**
 * A cancel on its way: from who is told of it, down to the innermost that it
 * waits for, to the line at which the error is thrown in.
 */
import { CancelledError } from "../base/index.ts";
import { CANCELLED, errorsBeside, type Future, PENDING, RESOLVED } from "../future/index.ts";
import { hooks } from "../loop/index.ts";
import { abortSignal, Ending, HAS_EXTRAS } from "./extras.ts";
import { CANCEL_DELIVERED, Frame, RETURNED, RUNNING, running, withoutOwner } from "./frame.ts";

/** Waits of one clean-up that `endNow` cuts short before it gives the coroutine up. */
const MOST_CUT_WAITS = 1000;

/** Tell `first` of `cancel`, or the innermost of those that wait for each other below it. */
export function interrupt(first: Frame<unknown>, cancel: CancelledError): void {
  // What `_cancelOwned` would do, without a call inside a call for each level: they may be thousands.
  for (let self = first; ; ) {
    self._cancel = cancel;
    if ((self._flags & HAS_EXTRAS) !== 0) abortSignalOf(self, cancel);
    // One that runs now is told at its next wait.
    if ((self._flags & RUNNING) !== 0) return;
    const source = self._waiting;
    if (source === undefined || source._state !== PENDING) return; // its step is queued
    if (source instanceof Frame && source._owner === self) {
      if (source._cancel !== undefined) return;
      self = source;
      continue;
    }
    if (source._cancelOwned(self, cancel)) return; // it settles when its clean-up is over
    if (source._state !== PENDING) return; // it was cancelled on the spot, and so its step is queued
    source._unlisten(self);
    self._waiting = undefined;
    if (hooks !== undefined) hooks.woken(self, running);
    self._loop._ready.push(self);
    return;
  }
}

/** Has it been cancelled, and not been told yet? */
export function isCancelDue(self: Frame<unknown>): boolean {
  return self._cancel !== undefined && (self._flags & CANCEL_DELIVERED) === 0;
}

/** Its turn has come, and with it that of the cancel: throw it in, in place of what `source` brought. */
export function deliverCancel(self: Frame<unknown>, source: Future<unknown> | undefined): void {
  if (source !== undefined) dropOutcome(self, source);
  self._flags |= CANCEL_DELIVERED;
  if (self._generator === undefined || (self._flags & RETURNED) !== 0) self._end(CANCELLED, self._cancel);
  else self._throwIn(self._cancel);
}

/** A cancel comes in its place. The error of a child that failed in its clean-up is kept. */
export function dropOutcome(self: Frame<unknown>, source: Future<unknown>): void {
  if (source._state === RESOLVED) {
    if (!source._taken) source._abandon(self);
    return;
  }
  source._take();
  const cancel = self._cancel as CancelledError;
  cancel.suppressed.push(...errorsBeside(source, cancel));
}

/** Did something fail besides what was cancelled? */
export function hasSuppressed(error: unknown): boolean {
  return error instanceof CancelledError && error.suppressed.length > 0;
}

/**
 * End `self` now, whatever it waits for: its clean-up runs, and gets the same error again at every wait.
 *
 * For the close of a loop, which brings nothing any more.
 */
export function endNow(self: Frame<unknown>, reason: CancelledError): void {
  if ((self._flags & RUNNING) !== 0) return;
  self._cancel = reason;
  self._flags |= CANCEL_DELIVERED;
  if ((self._flags & HAS_EXTRAS) !== 0) abortSignalOf(self, reason);
  for (let waits = 0; self._state === PENDING; waits++) {
    const waiting = self._waiting;
    self._waiting = undefined;
    // One whose step is due already was told of as woken when it became so.
    if (waiting?._state === PENDING && hooks !== undefined) hooks.woken(self, running);
    if (waiting instanceof Ending) {
      waiting._unlisten(self);
      waiting.endNow(reason);
      self._end(waiting._state, waiting._value);
      continue;
    }
    if (waiting !== undefined) {
      // It gives back what it holds, and tells what its members have failed with.
      if (waiting._state === PENDING) waiting._cancelOwned(self, reason);
      if (waiting._state === PENDING) waiting._unlisten(self);
      else dropOutcome(self, waiting);
    }
    const over = self._generator === undefined || (self._flags & RETURNED) !== 0 || waits > MOST_CUT_WAITS;
    if (over) {
      self._generator = undefined;
      // Without a wait for its children: those that its clean-up has just started are ended next.
      self._finish(CANCELLED, reason);
    } else self._throwIn(reason);
  }
}

function abortSignalOf(self: Frame<unknown>, cancel: CancelledError): void {
  withoutOwner(() => abortSignal(self, cancel));
}
