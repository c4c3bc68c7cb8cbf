/**
 * When a loop has run dry while coroutines still wait: who waits on what.
 *
 * On virtual time a loop knows that nothing can happen any more. On Node only
 * the process knows, at the moment when it is about to exit.
 */
import { IOLoop, setDryReporter } from "../loop/index.ts";
import { formatWaitingTree, nodesOf, type WaitingNode, waitingTree } from "./tree.ts";

/** Coroutines wait, and nothing is left that could wake them. */
export class DeadlockReport {
  readonly kind = "deadlock";
  /** What waits, and for what, owners above those they started. */
  readonly waiting: readonly WaitingNode[];
  readonly text: string;

  constructor(waiting: readonly WaitingNode[]) {
    this.waiting = waiting;
    const count = [...nodesOf(waiting)].length;
    this.text = [
      `deadlock: ${count === 1 ? "a coroutine waits" : `${count} coroutines wait`}, and nothing is left that could wake ${count === 1 ? "it" : "them"}`,
      formatWaitingTree(waiting, "  "),
    ].join("\n");
  }
}

function reportDeadlock(loop: IOLoop): void {
  const waiting = waitingTree(loop);
  if (waiting.length > 0) loop._report(new DeadlockReport(waiting));
}

setDryReporter(reportDeadlock);
process.once("beforeExit", () => reportDeadlock(IOLoop.current()));
