/**
 * When a loop has run dry while coroutines still wait: who waits on what.
 *
 * On virtual time a loop knows that nothing can happen any more. On Node only
 * the process knows, at the moment when it is about to exit. What was detached
 * may wait as long as it likes, and for nothing.
 */
import { reportFailures } from "../future/index.ts";
import { IOLoop, setDryReporter } from "../loop/index.ts";
import { childrenOf, DETACHED, type Owned, rootsOf } from "./owned.ts";
import { formatWaitingTree, treeOf, type WaitingNode } from "./tree.ts";

/** Coroutines that a report shows, at most: each line is asked of V8, and a person reads them. */
const MOST_SHOWN = 50;

/** Coroutines wait, and nothing is left that could wake them. */
export class DeadlockReport {
  readonly kind = "deadlock";
  /** What waits, and for what, owners above those they started; at most 50 of them. */
  readonly waiting: readonly WaitingNode[];
  /** How many coroutines wait. */
  readonly count: number;
  readonly text: string;

  constructor(waiting: readonly WaitingNode[], count: number) {
    this.waiting = waiting;
    this.count = count;
    const more = count - MOST_SHOWN;
    this.text = [
      `deadlock: ${count === 1 ? "a coroutine waits" : `${count} coroutines wait`}, and nothing is left that could wake ${count === 1 ? "it" : "them"}`,
      formatWaitingTree(waiting, "  "),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ].join("\n");
  }
}

/** The coroutines of `loop` that have no owner and wait, though nobody let them go. */
function stuckRoots(loop: IOLoop): Owned<unknown>[] {
  return rootsOf(loop).filter((root) => (root._flags & DETACHED) === 0);
}

function reportDeadlock(loop: IOLoop): void {
  const stuck = stuckRoots(loop);
  if (stuck.length > 0) loop._report(new DeadlockReport(treeOf(stuck, MOST_SHOWN), countWaiting(stuck)));
}

function countWaiting(stuck: readonly Owned<unknown>[]): number {
  const left = [...stuck];
  let count = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    count++;
    for (const child of childrenOf(next)) if (!child.done()) left.push(child);
  }
  return count;
}

let wasAsked = false;

/**
 * The process is about to exit. Others who are told of it may begin work that
 * wakes what waits: so one more round is asked for, and then it is for good.
 */
function beforeExit(): void {
  const loop = IOLoop.current();
  if (!wasAsked && stuckRoots(loop).length > 0) {
    wasAsked = true;
    setImmediate(() => {});
    return;
  }
  // Once: whatever begins work at each such moment would have it all reported again.
  process.off("beforeExit", beforeExit);
  reportDeadlock(loop);
  reportFailures(loop._ready);
}

setDryReporter(reportDeadlock);
process.on("beforeExit", beforeExit);
