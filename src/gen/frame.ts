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

/** The function that a coroutine runs: a generator function, or a plain or async one. */
export type CoroutineBody = (...args: never[]) => unknown;

export abstract class Frame<T> extends Owned<T> implements Listener, Ready, Waiter {
  /** @internal */ readonly _body: CoroutineBody;
  /** @internal What it waits for. */ _waiting: Future<unknown> | undefined = undefined;
  /** @internal Its stack contexts while it does not run. */ _contexts: ContextState = captureContexts();
  /** @internal The keyed callbacks of the seed's yield points, once one is used. */ _runner:
    | Runner
    | undefined = undefined;
  /** @internal What it waits by for promises, once it has yielded one. */ _promiseWait:
    | PromiseWait
    | undefined = undefined;
  /** @internal A cancel that was asked for. */ _cancel: CancelledError | undefined = undefined;

  constructor(owner: Owned<unknown> | undefined, body: CoroutineBody, flags: number) {
    super(owner);
    this._flags = flags;
    this._body = body;
  }

  /** @internal */
  override _awaits(): readonly Future<unknown>[] {
    return this._waiting === undefined ? [] : [this._waiting];
  }

  /** @internal What it waited for has settled. */
  abstract settled(source: Future<unknown>): void;
  /** @internal One turn from the ready queue. */
  abstract step(): void;
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
