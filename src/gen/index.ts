import "./closing.ts";

export { allSettled, type SettledMembers } from "./all-settled.ts";
export { returnFuture, withCallback } from "./callbacks.ts";
export type { MultiOptions } from "./convert.ts";
export { convertYielded, isGenerator, maybeFuture, moment, registerYieldable } from "./convert.ts";
export { Coroutine, currentCoroutine, recordSites, startCoroutine } from "./coroutine.ts";
export { DeadlockReport } from "./deadlock.ts";
export { type CallOptions, type CoroutineOptions, call, coroutine, engine, run } from "./decorators.ts";
export { defer } from "./defer.ts";
export { type EachResult, each, forEach, type Items } from "./each.ts";
export { lastStartedId, withOwner, withoutOwner } from "./frame.ts";
export {
  firstUserLine,
  formatLocation,
  isOwnFrame,
  type Location,
  type Script,
  sourcePlace,
  translateFrame,
  waitingLine,
} from "./location.ts";
export {
  type ExclusiveWait,
  exclusiveWait,
  isCancelled,
  isOrphaned,
  stateOf,
  type WorkState,
} from "./look.ts";
export { mapLimit } from "./map-limit.ts";
export { bodyOf, isCoroutineFunction } from "./marks.ts";
export { type NodeResult, nodeTask } from "./node-task.ts";
export { type EventSource, type OnceOptions, once } from "./once.ts";
export type { EachSource } from "./origins.ts";
export { detach } from "./orphans.ts";
export { childrenOf, isListed, type Owned, rootsOf } from "./owned.ts";
export { any, type First, type RaceOptions, race } from "./race.ts";
export { type CoroutineInfo, LostErrorReport, OrphanReport, UnfinishedReport } from "./reports.ts";
export { type RetryOptions, retry } from "./retry.ts";
export { Return } from "./return.ts";
export { type RunOnExecutorOptions, runOnExecutor } from "./run-on-executor.ts";
export { Arguments, Runner, YieldPoint } from "./runner.ts";
export { Scope, scope } from "./scope.ts";
export { shield } from "./shield.ts";
export { cancelOn, signal } from "./signal.ts";
export { type SuperviseOptions, supervise } from "./supervise.ts";
export { sleep, timedFuture, until, type WithTimeoutOptions, withTimeout } from "./time.ts";
export { formatWaitingTree, type WaitingNode, waitingTree } from "./tree.ts";
export type { CoroutineGenerator, Resolved, ResolvedMembers, ResultOf } from "./types.ts";
export { WaitIterator } from "./wait-iterator.ts";
export { inWords } from "./words.ts";
export { all, Callback, Multi, Task, Wait, WaitAll, YieldFuture } from "./yield-points.ts";
