/** From the end of a coroutine's body to the settled Future: what has to happen in between, if anything. */
import { CancelledError, isA } from "../base/index.ts";
import { CANCELLED, FAILED, Future, isThenable, PENDING, RESOLVED } from "../future/index.ts";
import { hooks } from "../loop/index.ts";
import { isCancelDue } from "./cancelling.ts";
import { convertYielded, isGenerator } from "./convert.ts";
import { cleanStack } from "./error-stack.ts";
import { Ending, takeExtras } from "./extras.ts";
import { CANCEL_DELIVERED, type Frame, HAD_ERROR, RETURNED, RUNNING } from "./frame.ts";
import { orphanError, orphanPolicyOf, whatEndWaitsFor } from "./orphans.ts";
import { Return } from "./return.ts";
import { closesCycle, failedWith, waitFor } from "./waiting.ts";

/** The body has returned `value`: wait for that if it can be waited for, and end. */
export function returned(self: Frame<unknown>, value: unknown): void {
  const leaked = self._runner?.leaked((self._flags & HAD_ERROR) !== 0, self.toString());
  if (leaked !== undefined) {
    self._end(FAILED, leaked);
    return;
  }
  const source = toReturned(self, value);
  if (source === undefined) {
    self._end(RESOLVED, value);
    return;
  }
  self._flags |= RETURNED;
  if (source._state === PENDING) {
    const cycle = closesCycle(self, source);
    if (cycle !== undefined) self._end(FAILED, cycle);
    else if (!isCancelDue(self) || source._cancelOwned(self, self._cancel as CancelledError))
      waitFor(self, source);
    else self._end(CANCELLED, self._cancel);
    return;
  }
  if (source._state !== RESOLVED) source._take();
  self._end(source._state, source._value);
}

/** The Future of what is to be waited for, as by `return` in an async function; `undefined` for any other value. */
function toReturned(self: Frame<unknown>, value: unknown): Future<unknown> | undefined {
  if (value instanceof Future) return value;
  try {
    return isThenable(value) || isGenerator(value) ? convertYielded(value, self) : undefined;
  } catch (error) {
    return failedWith(error);
  }
}

/** The body has thrown `error`. */
export function threw(self: Frame<unknown>, error: unknown): void {
  if (isA(error, Return)) {
    returned(self, error.value);
    return;
  }
  const cancel = self._cancel;
  if (cancel !== undefined && (self._flags & CANCEL_DELIVERED) !== 0) {
    // A clean-up that fails adds its error; the cancel stays what happened. To cancel a child and wait for it is
    // the usual clean-up, and no failure.
    if (error !== cancel)
      cancel.suppressed.push(...(isA(error, CancelledError) ? error.suppressed : [error]));
    self._end(CANCELLED, cancel);
    return;
  }
  if (isA(error, CancelledError)) {
    self._end(CANCELLED, error);
    return;
  }
  cleanStack(error, self);
  self._end(FAILED, error);
}

/** Clean-ups that were deferred run before `self` is settled; it comes to `_end` again when they are over. */
export function cleansUpFirst(self: Frame<unknown>, state: number, value: unknown): boolean {
  const { cleanUps } = takeExtras(self);
  if (cleanUps.size === 0) return false;
  const ending = new Ending(self, cleanUps.values(), (fn) => self._startCleanUp(fn), state, value);
  self._flags |= RETURNED;
  // Else something else is being settled, and no code of the user's may run inside of that.
  if ((self._flags & RUNNING) !== 0) ending.step();
  else self._loop._ready.push(ending);
  if (ending.done()) self._end(ending._state, ending._value);
  else waitFor(self, ending);
  return true;
}

/** The body is over; the policy says what that means for children that still run. */
export function endWithChildren(self: Frame<unknown>, state: number, value: unknown): void {
  const policy = orphanPolicyOf(self);
  const end = whatEndWaitsFor(self, policy);
  if (end !== undefined) {
    self._waiting = end;
    if (hooks !== undefined) hooks.suspended(self, end);
    end._listen({
      settled: () => {
        // It has ended meanwhile, by the close of its loop.
        if (self._waiting !== end) return;
        self._waiting = undefined;
        // A cancel that came while it waited is what happened to it, unless it had failed before.
        if (isCancelDue(self) && state === RESOLVED) self._finish(CANCELLED, self._cancel);
        else self._finish(state, value);
      },
    });
    // It waits for them as for any child: so they stop with it, however early its cancel came.
    if (self._cancel !== undefined && (state === CANCELLED || isCancelDue(self)))
      end._cancelOwned(self, self._cancel);
    return;
  }
  const error = policy === "throw" && state === RESOLVED ? orphanError(self) : undefined;
  if (error === undefined) self._finish(state, value);
  else self._finish(FAILED, error);
}
