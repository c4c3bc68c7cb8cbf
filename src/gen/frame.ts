/**
 * What a coroutine is between two of its steps: where it stands, what it waits
 * for, what has been asked of it.
 *
 * The steps themselves are `coroutine.ts`; what happens seldom is beside it
 * (`waiting.ts`, `cancelling.ts`, `ending.ts`) and knows a coroutine by this class.
 */
import type { CancelledError } from "../base/index.ts";
import { type ContextState, captureContexts } from "../context/index.ts";
import type { Future, Listener, Ready } from "../future/index.ts";
import { hooks, IOLoop } from "../loop/index.ts";
import type { Waiter } from "./convert.ts";
import type { CleaningUp, CleanUp } from "./extras.ts";
import { Owned } from "./owned.ts";
import type { PromiseWait } from "./promise-wait.ts";
import type { Runner } from "./runner.ts";

/** Bits of `_flags`; the first one is the owners'. */
export const RUNNING = 2;
/** An error was thrown in at a yield, so callbacks may rightly be left over. */
export const HAD_ERROR = 4;
/** The generator has returned; the coroutine waits for what it returned. */
export const RETURNED = 8;
/** The cancel that was asked for has been thrown in. */
export const CANCEL_DELIVERED = 16;

let lastId = 0;

/** The id of the coroutine that was started last; 0 before the first. */
export function lastStartedId(): number {
  return lastId;
}

/** The function that a coroutine runs: a generator function, or a plain or async one. */
export type CoroutineBody = (...args: never[]) => unknown;

/** The coroutine whose step is on the stack, if there is one. */
export let running: Frame<unknown> | undefined;

/** A step begins or ends. */
export function setRunning(frame: Frame<unknown> | undefined): void {
  running = frame;
}

/** Run `fn` on nobody's behalf: coroutines started in it have no owner. */
export function withoutOwner<T>(fn: () => T): T {
  return withOwner(undefined, fn);
}

/** Run `fn` on behalf of `owner`: coroutines started in it are its children. */
export function withOwner<T>(owner: Frame<unknown> | undefined, fn: () => T): T {
  const before = running;
  running = owner;
  try {
    return fn();
  } finally {
    running = before;
  }
}

export abstract class Frame<T> extends Owned<T> implements Listener, Ready, Waiter {
  override readonly id: number = ++lastId;
  /** @internal */ override readonly _loop: IOLoop;
  /** @internal */ override _owner: Frame<unknown> | undefined = running;
  /** @internal */ override _children: Owned<unknown> | undefined = undefined;
  /** @internal */ override _previous: Owned<unknown> | undefined = undefined;
  /** @internal */ override _next: Owned<unknown> | undefined = undefined;
  /** @internal While it waits. */ override _generator: Generator<unknown, unknown, unknown> | undefined =
    undefined;
  /** @internal What it waits for. */ _waiting: Future<unknown> | undefined = undefined;
  /** @internal Its stack contexts while it does not run. */ _contexts: ContextState = captureContexts();
  /** @internal The keyed callbacks of the seed's yield points, once one is used. */ _runner:
    | Runner
    | undefined = undefined;
  /** @internal What it waits by for promises, once it has yielded one. */ _promiseWait:
    | PromiseWait
    | undefined = undefined;
  /** @internal A cancel that was asked for. */ _cancel: CancelledError | undefined = undefined;
  /** @internal */ override _flags: number;
  /** @internal */ override readonly _body: CoroutineBody;

  /** @internal One that is to begin now, on behalf of the coroutine that runs. */
  constructor(body: CoroutineBody, flags: number) {
    super();
    this._flags = flags | RUNNING;
    this._body = body;
    // The owner runs now, so its loop is the current one.
    this._loop = running === undefined ? IOLoop.current() : running._loop;
    if (hooks !== undefined) hooks.started(this, running);
  }

  /** @internal */
  override _awaits(): readonly Future<unknown>[] {
    return this._waiting === undefined ? [] : [this._waiting];
  }

  /** @internal What it waited for has settled. */
  abstract settled(source: Future<unknown>): void;
  /** @internal One turn from the ready queue. */
  abstract step(): void;
  /** @internal Go on with the value of the promise that it waits for by `wait`, if nothing stands in between. */
  abstract _goOnAtOnce(wait: PromiseWait, value: unknown): boolean;
  /** @internal Throw `error` in where it waits, and go on. */
  abstract _throwIn(error: unknown): void;
  /** @internal End it now, whatever it waits for. */
  abstract _endNow(reason: CancelledError): void;
  /** @internal Its body is over: see to the children, and settle. */
  abstract _end(state: number, value: unknown): void;
  /** @internal Settle; what still runs of the children is on its own. */
  abstract _finish(state: number, value: unknown): void;
  /** @internal */
  abstract get _pointRunner(): Runner;
  /** @internal Run a generator object as a child. */
  abstract _startChild(generator: Generator<unknown, unknown, unknown>): Future<unknown>;
  /** @internal Run a deferred clean-up as a child. */
  abstract _startCleanUp(fn: CleanUp): CleaningUp;
}
