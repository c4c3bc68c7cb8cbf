/** What a crash ends, for whoever watches: nobody else is told, as nothing of it runs any more. */
import { FAILED } from "../../future/index.ts";
import { type Coroutine, withOwner } from "../../gen/index.ts";
import { hooks, type IOLoop } from "../../loop/index.ts";
import { note } from "../../trace/index.ts";
import { worksOf } from "../works-of.ts";

/** The coroutines of `loop`, of which none is on the stack, are over: those first that others have started. */
export function endCrashed(loop: IOLoop): void {
  // There is no other kind of work.
  for (const work of worksOf(loop).reverse() as Coroutine<unknown>[]) {
    if (work.done()) continue;
    // What it waits for may still happen, and would wake it.
    work._waiting = undefined;
    if (hooks === undefined) continue;
    withOwner(work, () => note("= crashed"));
    hooks?.ended(work, FAILED);
  }
}
