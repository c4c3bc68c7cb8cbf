/**
 * Which loop is the current one.
 *
 * Inside a pass or a drain it is the loop whose it is. Outside of any it is the
 * one started last, else the process's own. The current ready queue, which a
 * Future asks for, says it: there is no second variable that could disagree.
 */
import { currentReadyQueue, enterReadyQueue, type ReadyQueue, setBaseReadyQueue } from "../future/index.ts";

/** A loop, as far as this file knows it. */
export interface HasReadyQueue {
  readonly _ready: ReadyQueue;
}

/** Loops between `start()` and their end, over pollers that wait for real time. */
const started: HasReadyQueue[] = [];
let makeProcessLoop: () => HasReadyQueue;
let processLoop: HasReadyQueue;

/** Tell how the process's own loop is made. For the loop itself, once. */
export function setProcessLoopMaker(make: () => HasReadyQueue): void {
  makeProcessLoop = make;
  // Its ready queue must be there before the first Future of the process is waited for.
  processLoop = make();
  setBase();
}

/** Whichever object was made current: a loop. */
export function currentLoop(): object {
  return currentReadyQueue().owner;
}

/** The loops that are known to turn: the process's own, those that were started, and the current one. */
export function turningLoops(): object[] {
  return [...new Set([processLoop, ...started, currentLoop()])];
}

/** Code of `loop` begins on the stack. @returns what was there before, for `leaveLoop` */
export function enterLoop(loop: HasReadyQueue): ReadyQueue | undefined {
  return enterReadyQueue(loop._ready);
}

/** The code that `enterLoop` announced is over. */
export function leaveLoop(before: ReadyQueue | undefined): void {
  enterReadyQueue(before);
}

/** `loop` was started: outside of any pass it is the current one from now on. */
export function addStarted(loop: HasReadyQueue): void {
  started.push(loop);
  setBase();
}

/** `loop` has ended; harmless when it was not added. */
export function dropStarted(loop: HasReadyQueue): void {
  const at = started.indexOf(loop);
  if (at >= 0) started.splice(at, 1);
  setBase();
}

/** `loop` is closed: if it was the process's own, there is a new one from now on. */
export function replaceProcessLoop(loop: HasReadyQueue): void {
  if (processLoop !== loop) return;
  processLoop = makeProcessLoop();
  setBase();
}

function setBase(): void {
  setBaseReadyQueue((started.at(-1) ?? processLoop)._ready);
}
