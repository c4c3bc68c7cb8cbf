/** Waits that go round in a circle: none of them can ever end. */
import { BadYieldError } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { Owned } from "./owned.ts";

/** Futures that are looked at before the search gives up: a bound on what one wait may cost. */
export const LONGEST_SEARCH = 256;

/** The error of `waiter` waiting for `source`, when `source` waits for `waiter`, over whatever others. */
export function findCycle(waiter: Owned<unknown>, source: Future<unknown>): BadYieldError | undefined {
  let left = LONGEST_SEARCH;
  const circle: string[] = [];
  const leadsBack = (future: Future<unknown>): boolean => {
    if (future !== waiter && !(--left > 0 && future._awaits().some(leadsBack))) return false;
    // A combinator in between has no name.
    if (future instanceof Owned) circle.unshift(future.toString());
    return true;
  };
  if (!leadsBack(source)) return undefined;
  return new BadYieldError(
    `Cannot resume "${waiter}": it would wait for itself (${[waiter, ...circle].join(" -> ")}), something that can end is wanted`,
  );
}
