/**
 * What becomes of coroutines when their loop is closed.
 *
 * Nothing would ever wake them: so each is reported and ended there, those that
 * others started before these, and what failed unseen is reported at last.
 */
import { CancelledError } from "../base/index.ts";
import { reportFailures, setLostErrorHandler } from "../future/index.ts";
import { IOLoop, setWorkEnder } from "../loop/index.ts";
import { Frame } from "./frame.ts";
import { childrenOf, type Owned, reportLostRoots, rootsOf } from "./owned.ts";
import { LostErrorReport, UnfinishedReport } from "./reports.ts";

/** How often those that clean-ups started are ended too; one that starts itself again for ever is then given up. */
const MOST_ROUNDS = 100;

/** Every coroutine of `loop` that has not ended, each after its children. */
function unfinished(loop: IOLoop): Owned<unknown>[] {
  const found: Owned<unknown>[] = [];
  // Owners first and the youngest first, then all the other way round: without recursion, as chains may be long.
  const left = [...rootsOf(loop)];
  for (let owned = left.pop(); owned !== undefined; owned = left.pop()) {
    if (!owned.done()) found.push(owned);
    for (const child of childrenOf(owned)) left.push(child);
  }
  return found.reverse();
}

function endCoroutines(loop: IOLoop): void {
  // Clean-ups may start others, which nothing would ever wake either.
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
    const left = unfinished(loop);
    if (left.length === 0) break;
    // All are reported before the first one ends, while each still stands where it waits.
    for (const each of left) loop._report(new UnfinishedReport(each, each.owner));
    for (const each of left) {
      if (each instanceof Frame) each._endNow(new CancelledError("its loop was closed"));
    }
    // Whoever looks at what has ended now, by a done callback say, does so before it counts as unseen.
    loop._ready.renewBudget();
    loop._ready.drain();
  }
  reportLostRoots(loop);
  reportFailures(loop._ready);
}

setWorkEnder(endCoroutines);
setLostErrorHandler((error) => IOLoop.current()._report(new LostErrorReport(error)));
