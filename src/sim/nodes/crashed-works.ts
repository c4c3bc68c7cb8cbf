/** What a crash ends, for whoever watches: nobody else is told, as nothing of it runs any more. */
import { FAILED } from "../../future/index.ts";
import { currentCoroutine } from "../../gen/index.ts";
import { hooks, type IOLoop } from "../../loop/index.ts";
import { noteOf } from "../../trace/index.ts";
import { worksOf } from "../works-of.ts";

/** The coroutines of `loop` are over, those first that others have started. */
export function tellCrash(loop: IOLoop): void {
  if (hooks === undefined) return;
  // One that crashes its own node runs on to its next wait.
  const running = currentCoroutine();
  for (const work of worksOf(loop).reverse()) {
    if (work === running || work.done()) continue;
    noteOf(work, "= crashed");
    hooks?.ended(work, FAILED);
  }
}
