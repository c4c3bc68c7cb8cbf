/**
 * Which loop is the current one.
 *
 * Inside a pass or a drain it is the loop whose it is. Outside of any it is the
 * one started last, else the process's own. The current ready queue, which a
 * Future asks for, says it: there is no second variable that could disagree.
 */
import { currentReadyQueue, enterReadyQueue, type ReadyQueue, setBaseReadyQueue } from "../future/index.ts";
import type { IOLoop } from "./ioloop.ts";

/** Loops between `start()` and their end, over pollers that wait for real time. */
const started: IOLoop[] = [];
let makeProcessLoop: () => IOLoop;
let processLoop: IOLoop;

/** Tell how the process's own loop is made. For the loop itself, once. */
export function setProcessLoopMaker(make: () => IOLoop): void {
  makeProcessLoop = make;
  // Its ready queue must be there before the first Future of the process is waited for.
  processLoop = make();
  setBase();
}

export function currentLoop(): IOLoop {
  return currentReadyQueue().owner as IOLoop;
}

/** Code of `loop` begins on the stack. @returns what was there before, for `leaveLoop` */
export function enterLoop(loop: IOLoop): ReadyQueue | undefined {
  return enterReadyQueue(loop._ready);
}

/** The code that `enterLoop` announced is over. */
export function leaveLoop(before: ReadyQueue | undefined): void {
  enterReadyQueue(before);
}

/** `loop` was started: outside of any pass it is the current one from now on. */
export function addStarted(loop: IOLoop): void {
  started.push(loop);
  setBase();
}

/** `loop` has ended; harmless when it was not added. */
export function dropStarted(loop: IOLoop): void {
  const at = started.indexOf(loop);
  if (at >= 0) started.splice(at, 1);
  setBase();
}

/** `loop` is closed: if it was the process's own, there is a new one from now on. */
export function replaceProcessLoop(loop: IOLoop): void {
  if (processLoop !== loop) return;
  processLoop = makeProcessLoop();
  setBase();
}

function setBase(): void {
  setBaseReadyQueue((started.at(-1) ?? processLoop)._ready);
}
