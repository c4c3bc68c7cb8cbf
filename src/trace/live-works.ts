/** The coroutines of the process that have not ended: those of all loops that are known to turn. */
import { childrenOf, currentCoroutine, isListed, type Owned, rootsOf } from "../gen/index.ts";
import { type IOLoop, turningLoops } from "../loop/index.ts";

/** The loops of the process. */
export function allLoops(): readonly IOLoop[] {
  return turningLoops() as IOLoop[];
}

/**
 * Each of them once, owners before those they started, the oldest first.
 *
 * One in its first step stands on no list yet: it is found through the one that is on the stack.
 */
export function* liveWorks(): Generator<Owned<unknown>, void, undefined> {
  const first = firstSteps();
  // No recursion: more may hang below each other than the stack has room for calls.
  const left: Owned<unknown>[] = [];
  const push = (works: readonly Owned<unknown>[]): void => {
    for (let i = works.length - 1; i >= 0; i--) left.push(works[i] as Owned<unknown>);
  };
  const loops = allLoops();
  for (let i = loops.length - 1; i >= 0; i--) {
    push(first.filter((work) => work.owner === undefined && work._loop === loops[i]));
    push(rootsOf(loops[i] as IOLoop));
  }
  for (let work = left.pop(); work !== undefined; work = left.pop()) {
    yield work;
    push(first.filter((each) => each.owner === work));
    if (work._children !== undefined) push(childrenOf(work).filter((child) => !child.done()));
  }
}

/** Those on the stack that have not been suspended yet. */
function firstSteps(): Owned<unknown>[] {
  const found: Owned<unknown>[] = [];
  for (let work: Owned<unknown> | undefined = currentCoroutine(); work !== undefined; work = work.owner)
    if (!isListed(work)) found.push(work);
  return found.reverse();
}
