/**
 * Errors one can read: the stack of an error that crosses coroutines shows the
 * line at which each of them waited, up to the root, and none of the runtime's
 * own frames.
 *
 * JavaScript's stack ends at whoever resumed the failing coroutine, which is the
 * runtime. The lines above it are known to V8 only as places of suspended
 * generators, and to ask costs about 100 us. So there is a budget: a program
 * that throws thousands of errors a second pays for the first hundred.
 */
import { pathToFileURL } from "node:url";
import { isOwnFrame, waitingLine } from "./location.ts";
import type { Owned } from "./owned.ts";

/** Stacks that are worked on in one second, at most. */
const BUDGET_PER_SECOND = 100;

let windowStartMs = Number.NEGATIVE_INFINITY;
let spent = 0;

/** `error` has left a coroutine: take the runtime's frames out of its stack. */
export function cleanStack(error: unknown): void {
  if (error instanceof Error && takeBudget()) rewrite(error, (frames) => frames);
}

/** `error` is about to be thrown in where `waiter` waits: add that line. */
export function addWaitingLine(error: unknown, waiter: Owned<unknown>): void {
  if (!(error instanceof Error) || waiter._generator === undefined || !takeBudget()) return;
  const line = waitingLine(waiter._generator);
  // As Node writes the frames of modules.
  const place = line && `${pathToFileURL(line.file)}:${line.line}:${line.column}`;
  const frame = `    at ${waiter.name} (${place ?? "<waiting>"})`;
  rewrite(error, (frames) => [...frames, frame]);
}

function rewrite(error: Error, change: (frames: string[]) => string[]): void {
  const { stack } = error;
  if (typeof stack !== "string") return;
  const lines = stack.split("\n");
  // The message comes first, and may have several lines.
  const at = lines.findIndex((line) => /^\s+at /.test(line));
  if (at < 0) return;
  const frames = lines.slice(at).filter((line) => !isOwnFrame(line));
  try {
    error.stack = [...lines.slice(0, at), ...change(frames)].join("\n");
  } catch {
    // A frozen error keeps the stack it has.
  }
}

function takeBudget(): boolean {
  const nowMs = performance.now();
  if (nowMs - windowStartMs >= 1000) {
    windowStartMs = nowMs;
    spent = 0;
  }
  return spent++ < BUDGET_PER_SECOND;
}
