/** The coroutines of a loop, for one who looks at what is left of a run. */
import { childrenOf, type Owned, rootsOf } from "../gen/index.ts";
import type { IOLoop } from "../loop/index.ts";

/** Those that have not ended, and those that failed unseen; owners before what they started. */
export function worksOf(loop: IOLoop): Owned<unknown>[] {
  const works = [...rootsOf(loop)];
  // Those that are added come along, too. One by one: as arguments of one call they would need a place on the stack.
  for (const work of works) for (const child of childrenOf(work)) works.push(child);
  return works;
}
