/** What a crash ends, for whoever watches: nobody else is told, as nothing of it runs any more. */
import { FAILED } from "../../future/index.ts";
import { childrenOf, currentCoroutine, type Owned, rootsOf } from "../../gen/index.ts";
import { hooks, type IOLoop } from "../../loop/index.ts";
import { noteOf } from "../../trace/index.ts";

/** The coroutines of `loop` are over, those first that others have started. */
export function tellCrash(loop: IOLoop): void {
  if (hooks === undefined) return;
  // One that crashes its own node runs on to its next wait.
  const running = currentCoroutine();
  for (const work of worksOf(loop).reverse()) {
    if (work === running) continue;
    noteOf(work, "= crashed");
    hooks?.ended(work, FAILED);
  }
}

/** Owners before those they started. */
function worksOf(loop: IOLoop): Owned<unknown>[] {
  const works = [...rootsOf(loop)];
  // Those that are added come along, too.
  for (const work of works) works.push(...childrenOf(work).filter((child) => !child.done()));
  return works;
}
