/** What a timer is for, for whoever reads what happened. */
import { Future } from "../future/index.ts";
import { Coroutine, timedFuture } from "../gen/index.ts";
import type { Timeout } from "../loop/index.ts";

/** `sleep 300 ms of worker #3`, the number as this run counts; or the function that it calls. */
export function timerInWords(timeout: Timeout, baseId: number): string {
  const future = timedFuture(timeout);
  if (future === undefined) {
    const name = timeout._callback?.name ?? "";
    return name === "" ? `a timer at ${Number(timeout.deadlineMs.toFixed(3))} ms` : `the timer of ${name}()`;
  }
  let top = sleeperOf(timeout);
  while (top?._listeners instanceof Coroutine) top = top._listeners;
  return top === undefined ? future._describe() : `${future._describe()} of ${top.name} #${top.id - baseId}`;
}

/** The coroutine that the timer wakes; others may wait for that one. */
export function sleeperOf(timeout: Timeout): Coroutine<unknown> | undefined {
  let waiter: unknown = timedFuture(timeout);
  // Combinators in between are Futures, too.
  while (waiter instanceof Future && !(waiter instanceof Coroutine)) waiter = waiter._listeners;
  return waiter instanceof Coroutine ? waiter : undefined;
}
