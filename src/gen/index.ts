export { allSettled, type SettledMembers } from "./all-settled.ts";

import "./closing.ts";

export { returnFuture, withCallback } from "./callbacks.ts";
export type { MultiOptions } from "./convert.ts";
export { convertYielded, isGenerator, maybeFuture, moment, registerYieldable } from "./convert.ts";
export { Coroutine, currentCoroutine, recordSites, startCoroutine, withoutOwner } from "./coroutine.ts";
export { DeadlockReport } from "./deadlock.ts";
export { type CoroutineOptions, call, coroutine, engine, run } from "./decorators.ts";
export { formatLocation, type Location, waitingLine } from "./location.ts";
export { bodyOf, isCoroutineFunction } from "./marks.ts";
export { detach, rootsOf } from "./owned.ts";
export { any, type First, type RaceOptions, race } from "./race.ts";
export { type CoroutineInfo, LostErrorReport, OrphanReport, UnfinishedReport } from "./reports.ts";
export { Return } from "./return.ts";
export { Arguments, Runner, YieldPoint } from "./runner.ts";
export { Scope, scope } from "./scope.ts";
export { type SuperviseOptions, supervise } from "./supervise.ts";
export { sleep, until, type WithTimeoutOptions, withTimeout } from "./time.ts";
export { formatWaitingTree, type WaitingNode, waitingTree } from "./tree.ts";
export type { CoroutineGenerator, Resolved, ResolvedMembers, ResultOf } from "./types.ts";
export { WaitIterator } from "./wait-iterator.ts";
export { all, Callback, Multi, Task, Wait, WaitAll, YieldFuture } from "./yield-points.ts";
