/** What a timer is for, for whoever reads what happened. */
import { Future } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";
import type { Timeout } from "../loop/index.ts";

/** `sleep 300 ms of worker #3`, the number as this run counts; or the function that it calls. */
export function timerInWords(timeout: Timeout, baseId: number): string {
  const future = timeout._args.find((arg) => arg instanceof Future);
  if (future === undefined) {
    const name = timeout._callback?.name ?? "";
    return name === "" ? `a timer at ${timeout.deadlineMs} ms` : `the timer of ${name}()`;
  }
  let top: Coroutine<unknown> | undefined;
  // Combinators in between are Futures, too.
  for (let waiter = future._listeners; waiter instanceof Future; waiter = waiter._listeners)
    if (waiter instanceof Coroutine) top = waiter;
  return top === undefined ? future._describe() : `${future._describe()} of ${top.name} #${top.id - baseId}`;
}
