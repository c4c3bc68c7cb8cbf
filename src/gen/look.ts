/** What one who looks from outside sees of a coroutine, and of what it waits for. */
import { type Future, PENDING } from "../future/index.ts";
import { type Frame, RUNNING } from "./frame.ts";
import { ORPHANED, type Owned } from "./owned.ts";

/** On the stack; due in one of the next steps; or waiting for something that has not settled. */
export type WorkState = "running" | "ready" | "waiting";

export function stateOf(owned: Owned<unknown>): WorkState {
  if ((owned._flags & RUNNING) !== 0) return "running";
  // There is no other kind of work.
  const source = (owned as Frame<unknown>)._waiting;
  return source === undefined || source._state !== PENDING ? "ready" : "waiting";
}

/** Has its cancel been asked for? */
export function isCancelled(owned: Owned<unknown>): boolean {
  return (owned as Frame<unknown>)._cancel !== undefined;
}

/** Was it reported that its owner ended while nobody waited for it? */
export function isOrphaned(owned: Owned<unknown>): boolean {
  return (owned._flags & ORPHANED) !== 0;
}

/** What some wait for in line. */
export interface WaitedFor {
  /** What it is called, if it was given a name. */
  readonly name: string | undefined;
  /** The coroutine that has it, where only one can, and it is known. */
  readonly holder: object | undefined;
}

/** A wait for what only one can have at a time. */
export interface ExclusiveWait {
  /** What is waited for: the same object for all who wait for the same. */
  readonly _line: WaitedFor | undefined;
  /** Which coroutine has it; `undefined` when that is not known, or the wait ends by itself. */
  _holder(): object | undefined;
}

/** `source` as a wait for what somebody else has, if it is such. */
export function exclusiveWait(source: Future<unknown>): ExclusiveWait | undefined {
  return "_holder" in source ? (source as unknown as ExclusiveWait) : undefined;
}
