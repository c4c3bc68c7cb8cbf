/** On whose behalf the code runs that is on the stack. */
import type { Frame } from "./frame.ts";

/** The coroutine whose step is on the stack, if there is one. */
export let running: Frame<unknown> | undefined;

/** A step begins or ends. */
export function setRunning(frame: Frame<unknown> | undefined): void {
  running = frame;
}

/** Run `fn` on nobody's behalf: coroutines started in it have no owner. */
export function withoutOwner<T>(fn: () => T): T {
  return withOwner(undefined, fn);
}

/** Run `fn` on behalf of `owner`: coroutines started in it are its children. */
export function withOwner<T>(owner: Frame<unknown> | undefined, fn: () => T): T {
  const before = running;
  running = owner;
  try {
    return fn();
  } finally {
    running = before;
  }
}
