/**
 * The closed set of errors that gyre throws itself.
 *
 * Each carries a `code` that `docs/errors.md` explains. A subclass exists only
 * where a caller would catch it; wrong arguments are `TypeError` (shape) or
 * `RangeError` (range) as everywhere in JavaScript.
 */

import { Budget } from "./budget.ts";
import { withStackLimit } from "./stack-limit.ts";

/** What all of gyre's own errors have in common: a stable `code` beside the message. */
export class GyreError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * Thrown into a coroutine that is cancelled, at the line where it waits.
 *
 * Catch it only to clean up, then throw it on; code that swallows it goes on as if nothing had been asked.
 */
export class CancelledError extends GyreError {
  /** What the canceller gave as its reason, any value. */
  readonly reason: unknown;
  /** Errors that cleanups threw while this cancel was on its way out. */
  readonly suppressed: unknown[] = [];

  constructor(reason?: unknown) {
    super(
      "GYRE_CANCELLED",
      reason === undefined ? "The work was cancelled" : `The work was cancelled: ${inWords(reason)}`,
      isA(reason, Error) ? { cause: reason } : undefined,
    );
    this.reason = reason;
  }
}

function inWords(reason: unknown): string {
  return typeof reason === "string" || isA(reason, Error) ? String(reason) : describe(reason);
}

/** Cancels that show in one second who asked for them: a stack takes longer than all the rest of a cancel. */
const stacks = new Budget(100);

/**
 * The error of a cancel for `reason`: that itself when it is one, so that a cancel that is passed on stays the same.
 *
 * Its stack shows who asked for it; not in a program that cancels hundreds a second, where it would cost most of the time.
 */
export function toCancelledError(reason: unknown): CancelledError {
  if (isA(reason, CancelledError)) return reason;
  if (stacks.take()) return new CancelledError(reason);
  return withStackLimit(0, () => new CancelledError(reason));
}

/** A limit in time passed before the result was there. Source: Tornado `gen.TimeoutError`. */
export class TimeoutError extends GyreError {
  /** The limit that passed, in milliseconds. */
  readonly limitMs: number;

  constructor(message: string, limitMs: number) {
    super("GYRE_TIMEOUT", message);
    this.limitMs = limitMs;
  }
}

/** A Future was settled twice, or its result was read before it had one. Source: asyncio `InvalidStateError`. */
export class InvalidStateError extends GyreError {
  constructor(message: string) {
    super("GYRE_INVALID_STATE", message);
  }
}

/** A coroutine yielded something that cannot be waited for. Source: Tornado `gen.BadYieldError`. */
export class BadYieldError extends GyreError {
  constructor(message: string, options?: ErrorOptions) {
    super("GYRE_BAD_YIELD", message, options);
  }
}

/** `Callback(key)` for a key that is still pending. Source: Tornado `gen.KeyReuseError`. */
export class KeyReuseError extends GyreError {
  constructor(message: string) {
    super("GYRE_KEY_REUSE", message);
  }
}

/** `Wait(key)` for a key that no `Callback` registered. Source: Tornado `gen.UnknownKeyError`. */
export class UnknownKeyError extends GyreError {
  constructor(message: string) {
    super("GYRE_UNKNOWN_KEY", message);
  }
}

/** A coroutine ended while a `Callback` of its own was not waited for. Source: Tornado `gen.LeakedCallbackError`. */
export class LeakedCallbackError extends GyreError {
  constructor(message: string) {
    super("GYRE_LEAKED_CALLBACK", message);
  }
}

/** An `engine` returned a value, which nobody can receive. Source: Tornado `gen.ReturnValueIgnoredError`. */
export class ReturnValueIgnoredError extends GyreError {
  constructor(message: string) {
    super("GYRE_RETURN_VALUE_IGNORED", message);
  }
}

/** A coroutine suspended inside a stack context that it had entered. Source: Tornado `StackContextInconsistentError`. */
export class StackContextInconsistentError extends GyreError {
  constructor(message: string) {
    super("GYRE_CONTEXT_INCONSISTENT", message);
  }
}

/** A coroutine ended while children of its own were running and nobody waited for them, under `orphans: "throw"`. */
export class OrphanError extends GyreError {
  constructor(message: string) {
    super("GYRE_ORPHAN", message);
  }
}

/** A loop was started, run or stopped at a moment when that cannot be. */
export class LoopStateError extends GyreError {
  constructor(message: string) {
    super("GYRE_LOOP_STATE", message);
  }
}

/** `getNowait` on a queue without items. Source: Tornado `queues.QueueEmpty`. */
export class QueueEmptyError extends GyreError {
  constructor() {
    super("GYRE_QUEUE_EMPTY", "Cannot get from the queue: it is empty, an item is wanted");
  }
}

/** `putNowait` on a queue without a free place. Source: Tornado `queues.QueueFull`. */
export class QueueFullError extends GyreError {
  constructor(size: number) {
    super(
      "GYRE_QUEUE_FULL",
      `Cannot put into the queue: it is full with ${size} items, a free place is wanted`,
    );
  }
}

/** `put` on a queue that was closed, or `get` on one that was closed and has no item left. */
export class QueueClosedError extends GyreError {
  constructor(action: string) {
    super("GYRE_QUEUE_CLOSED", `Cannot ${action} the queue: it is closed, an open one is wanted`);
  }
}

/**
 * `any` had no member that succeeded. `errors` holds what each failed with, in the members' order.
 *
 * An `AggregateError`, as from `Promise.any`, with a code of ours; so not a `GyreError`.
 */
export class AllFailedError extends AggregateError {
  readonly code = "GYRE_ALL_FAILED";

  constructor(errors: readonly unknown[]) {
    super(errors, `Cannot give the first that succeeds: all ${errors.length} failed, one success is wanted`);
    this.name = new.target.name;
  }
}

/**
 * An error that no loop may swallow: a callback or a timer that throws it ends `start()`, which fails with it.
 *
 * Throw one when the process must not go on. Source: Python's `SystemExit`, which escapes Tornado's loop.
 */
export class FatalError extends GyreError {
  constructor(message: string, options?: ErrorOptions) {
    super("GYRE_FATAL", message, options);
  }
}

/** `instanceof` for what a user threw: a proxy may throw when it is asked. */
export function isA<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/**
 * Keep `added` on `error`, which is thrown in its place: in the array `error.suppressed`.
 *
 * @returns whether it could; a value that is no Error, or may not be changed, has no place for it
 */
export function suppress(error: unknown, added: unknown): boolean {
  if (!isA(error, Error)) return false;
  const holder = error as Error & { suppressed?: unknown };
  if (Array.isArray(holder.suppressed)) holder.suppressed.push(added);
  else if (holder.suppressed === undefined && Object.isExtensible(error)) holder.suppressed = [added];
  else return false;
  return true;
}

/** The errors that `error` was thrown in place of, oldest first: what clean-ups and earlier attempts failed with. */
export function suppressedBy(error: unknown): readonly unknown[] {
  const suppressed: unknown = isA(error, Error) ? Reflect.get(error, "suppressed") : undefined;
  return Array.isArray(suppressed) ? suppressed : [];
}

/**
 * What was thrown, as text: the stack where there is one. Never throws, whatever the user has thrown.
 */
export function errorText(error: unknown): string {
  try {
    if (error instanceof Error) {
      const own = error.stack ?? `${error.name}: ${error.message}`;
      return error.cause === undefined ? own : `${own}\ncaused by: ${errorText(error.cause)}`;
    }
    return typeof error === "string" ? error : describe(error);
  } catch {
    return "a thrown value that cannot be shown";
  }
}

/** How an arbitrary value looks in an error message: short, one line, its kind visible. Never throws. */
export function describe(value: unknown): string {
  try {
    return kindOf(value);
  } catch {
    return "a value that cannot be shown";
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
    case "function":
      return value.name === "" ? "an anonymous function" : `the function "${value.name}"`;
    case "object": {
      const name = value.constructor?.name;
      return name === undefined || name === ""
        ? "an object without a prototype"
        : `an object of class ${name}`;
    }
    case "bigint":
      return `${value}n`;
    default:
      return String(value);
  }
}
