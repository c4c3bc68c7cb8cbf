/**
 * A coroutine: one generator, the Future of its result, and its place among
 * owners, in one object.
 *
 * This is the heart, the loop of the seed's `Runner.run`: give the generator
 * the outcome of what it waited for, take what it yields next, go on while that
 * is settled, suspend when it is not. Conversion of what is yielded is
 * `convert.ts`; what an end means for children is `owned.ts`.
 *
 * Generator and Future are not two objects, and a child never runs by native
 * `yield*` into its generator: one frame a coroutine makes a resume O(1) at any
 * depth and a cancel right, because delegation forgets that it is returning.
 */
import {
  type BadYieldError,
  CancelledError,
  isA,
  StackContextInconsistentError,
  toCancelledError,
} from "../base/index.ts";
import { type ContextState, captureContexts, restoreContexts } from "../context/index.ts";
import {
  CANCELLED,
  errorsBeside,
  FAILED,
  Future,
  isThenable,
  type Listener,
  nest,
  PENDING,
  PromiseWait,
  RESOLVED,
  type Ready,
} from "../future/index.ts";
import { convertYielded, isAsyncIterable, isGenerator, onlyKnownKinds, type Waiter } from "./convert.ts";
import { findCycle } from "./cycle.ts";
import { addWaitingLine, cleanStack } from "./error-stack.ts";
import { abortSignal, type CleanUp, Ending, HAS_EXTRAS, takeExtras } from "./extras.ts";
import { orphanError, orphanPolicyOf, whatEndWaitsFor } from "./orphans.ts";
import { Owned } from "./owned.ts";
import { rememberSite } from "./reports.ts";
import { Return } from "./return.ts";
import { Runner } from "./runner.ts";

/** Bits of `_flags`; the first one is the owners'. */
const RUNNING = 2;
/** An error was thrown in at a yield, so callbacks may rightly be left over. */
const HAD_ERROR = 4;
/** The generator has returned; the coroutine waits for what it returned. */
const RETURNED = 8;
/** The cancel that was asked for has been thrown in. */
const CANCEL_DELIVERED = 16;

/** Waits of one clean-up that `_endNow` cuts short before it gives the coroutine up. */
const MOST_CUT_WAITS = 1000;

const nativeThen = Promise.prototype.then;

let running: Coroutine<unknown> | undefined;

/** The coroutine whose step is on the stack, if there is one. */
export function currentCoroutine(): Coroutine<unknown> | undefined {
  return running;
}

/** Run `fn` on nobody's behalf: coroutines started in it have no owner. */
export function withoutOwner<T>(fn: () => T): T {
  return withOwner(undefined, fn);
}

/** Run `fn` on behalf of `owner`: coroutines started in it are its children. */
export function withOwner<T>(owner: Coroutine<unknown> | undefined, fn: () => T): T {
  const before = running;
  running = owner;
  try {
    return fn();
  } finally {
    running = before;
  }
}

/** The function that a coroutine runs: a generator function, or a plain or async one. */
export type CoroutineBody = (...args: never[]) => unknown;

/**
 * A running piece of work, which is the Future of its result.
 *
 * It has an owner, the coroutine that started it, unless none was running.
 * Source: Tornado `gen.Runner`, joined with the Future that `gen.coroutine` returns.
 */
export class Coroutine<T> extends Owned<T> implements Listener, Ready, Waiter {
  /** @internal */ readonly _body: CoroutineBody;
  /** @internal What it waits for. */ _waiting: Future<unknown> | undefined = undefined;
  /** @internal Its stack contexts while it does not run. */ _contexts: ContextState = captureContexts();
  /** @internal The keyed callbacks of the seed's yield points, once one is used. */ _runner:
    | Runner
    | undefined = undefined;
  /** @internal What it waits by for promises, once it has yielded one. */ _promiseWait:
    | PromiseWait<unknown>
    | undefined = undefined;
  /** @internal A cancel that was asked for. */ _cancel: CancelledError | undefined = undefined;

  /** @internal Made by `startCoroutine` only. */
  constructor(body: CoroutineBody, flags: number) {
    super(running);
    this._flags = flags;
    this._body = body;
    if (sites) rememberSite(this, captureSite());
  }

  /**
   * Throw `CancelledError` into the coroutine, at the line where it waits.
   *
   * A child of its own that it waits for is cancelled first, and its clean-up
   * waited for. `catch` and `finally` run and may wait; a second cancel does not
   * cut them in half. The Future is settled when the coroutine has ended.
   *
   * One that runs is told at its next wait. One that catches the error and goes on
   * has a result like any other, and no later cancel reaches it.
   *
   * @returns whether it was still going on, so that the cancel was taken
   */
  override cancel(reason?: unknown): boolean {
    if (this._state !== PENDING) return false;
    if (this._cancel !== undefined) return true;
    const cancel = toCancelledError(reason);
    this._cancel = cancel;
    nest(interrupt, this, cancel);
    return true;
  }

  /**
   * For `await using work = job()`: at the end of the block it is cancelled, and its clean-up waited for.
   *
   * What it failed with besides the cancel rejects, as nobody else would see it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel("its block ended");
    await new Promise<void>((resolve) => this._listen({ settled: () => resolve(), isWaitedFor: () => true }));
    if (this._state === FAILED && !this._taken) this.result();
    this._take();
  }

  /** @internal */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return owner === this._owner && this.cancel(reason);
  }

  /** @internal What it waited for has settled: go on when its turn comes. */
  settled(source: Future<unknown>): void {
    // Let go of meanwhile, by a cancel: that step is queued already.
    if (source === this._waiting) this._loop._ready.push(this);
  }

  /** @internal One turn from the ready queue. */
  step(): void {
    const source = this._waiting;
    this._waiting = undefined;
    if (this._cancel !== undefined && (this._flags & CANCEL_DELIVERED) === 0) {
      if (source !== undefined) dropOutcome(this, source);
      deliverCancel(this);
      return;
    }
    if (source === undefined) return;
    const failed = source._state !== RESOLVED;
    const value = source._value;
    if (failed) {
      source._take();
      if (source._state === FAILED) addWaitingLine(value, source, this);
    } else source._taken = true;
    // It is used again later: what it brought must not live until then.
    if (source === this._promiseWait) source._value = undefined;
    if ((this._flags & RETURNED) !== 0) this._end(source._state, value);
    else this._advance(failed, value);
  }

  /**
   * @internal Resume the generator with a value or an error, until it waits for
   * something that is not settled, or ends.
   */
  _advance(failed: boolean, outcome: unknown): void {
    const generator = this._generator as Generator<unknown, unknown, unknown>;
    const outer = running;
    let contexts = this._contexts;
    const outerContexts = captureContexts();
    if (outerContexts !== contexts) restoreContexts(contexts);
    running = this;
    this._flags |= RUNNING;
    let throwing = failed;
    let value = outcome;
    let result: IteratorResult<unknown, unknown> | undefined;
    try {
      for (;;) {
        result = throwing ? throwInto(this, generator, value) : generator.next(value);
        const after = captureContexts();
        if (after !== contexts) {
          // A variable or store that it sets is its own from now on; a stack context has to be left before.
          if (after.entries === contexts.entries) contexts = after;
          else {
            restoreContexts(contexts);
            if (!result.done) {
              throwing = true;
              value = inconsistentContext(this);
              continue;
            }
          }
        }
        if (result.done) break;
        let source = toSource(this, result.value);
        if (source._state === PENDING || this._cancel !== undefined) {
          const instead = waitOrThrow(this, source);
          if (instead === undefined) break;
          source = instead;
        }
        throwing = source._state !== RESOLVED;
        value = source._value;
        if (throwing) source._take();
        else source._taken = true;
      }
    } catch (error) {
      restoreContexts(contexts);
      result = undefined;
      value = error;
    }
    // Outside of the `try`, which is for what the generator throws.
    try {
      if (result === undefined) threw(this, value);
      else if (result.done) {
        if (typeof result.value !== "object" && this._runner === undefined) this._end(RESOLVED, result.value);
        else returned(this, result.value);
      }
    } finally {
      this._flags &= ~RUNNING;
      running = outer;
      if (contexts !== outerContexts) {
        this._contexts = contexts;
        restoreContexts(outerContexts);
      }
    }
  }

  /** @internal Run `generator`, which the body made, up to its first wait. */
  _begin(generator: Generator<unknown, unknown, unknown>): void {
    this._generator = generator;
    this._advance(false, undefined);
    if (this._state === PENDING) this._link();
  }

  /** @internal Call a body that need not be a generator function, and go on with what it returns. */
  _beginBody(self: unknown, args: unknown[]): void {
    const outer = running;
    running = this;
    this._flags |= RUNNING;
    let result: unknown;
    let failure: { error: unknown } | undefined;
    try {
      result = (this._body as (...a: unknown[]) => unknown).apply(self, args);
    } catch (error) {
      failure = { error };
    }
    this._flags &= ~RUNNING;
    running = outer;
    if (failure === undefined && isGenerator(result)) {
      this._begin(result);
      return;
    }
    if (failure !== undefined) threw(this, failure.error);
    else if (isAsyncIterable(result) && isAsyncGeneratorFunction(this._body)) {
      threw(
        this,
        new TypeError(
          `Cannot run "${this}": it is an async generator function, a generator or async function is wanted (for its items, use each or forEach)`,
        ),
      );
    } else returned(this, result);
    if (this._state === PENDING) this._link();
  }

  /** @internal The body threw when it was called: its parameters' defaults did. */
  _failToBegin(error: unknown): void {
    threw(this, error);
  }

  /** @internal */
  override _awaits(): readonly Future<unknown>[] {
    return this._waiting === undefined ? [] : [this._waiting];
  }

  /** @internal */
  get _pointRunner(): Runner {
    this._runner ??= new Runner();
    return this._runner;
  }

  /** @internal */
  _startChild(given: Generator<unknown, unknown, unknown>): Future<unknown> {
    const generator = (): unknown => given;
    return startCoroutine(generator, undefined, []);
  }

  /**
   * @internal End it now, whatever it waits for: its clean-up runs, and gets the same error again at every wait.
   *
   * For the close of a loop, which brings nothing any more.
   */
  _endNow(reason: CancelledError): void {
    if ((this._flags & RUNNING) !== 0) return;
    this._cancel = reason;
    this._flags |= CANCEL_DELIVERED;
    if ((this._flags & HAS_EXTRAS) !== 0) abortSignalOf(this, reason);
    for (let waits = 0; this._state === PENDING; waits++) {
      const waiting = this._waiting;
      waiting?._unlisten(this);
      this._waiting = undefined;
      if (waiting instanceof Ending) {
        waiting.endNow(reason);
        this._end(waiting._state, waiting._value);
        continue;
      }
      const over = this._generator === undefined || (this._flags & RETURNED) !== 0 || waits > MOST_CUT_WAITS;
      if (over) this._end(CANCELLED, reason);
      else this._advance(true, reason);
    }
  }

  /** @internal Settle, and see to the children. */
  _end(state: number, value: unknown): void {
    this._generator = undefined;
    if (this._children !== undefined) endWithChildren(this, state, value);
    else this._finish(state, value);
  }

  /** @internal Settle; what still runs of the children is on its own. */
  _finish(state: number, value: unknown): void {
    if ((this._flags & HAS_EXTRAS) !== 0 && cleansUpFirst(this, state, value)) return;
    this._leave(state === FAILED || (state === CANCELLED && hasSuppressed(value)));
    this._settle(state, value);
    if (this._children !== undefined) this._abandonChildren();
  }
}

const asyncGeneratorFunctions: object = Object.getPrototypeOf(async function* () {});

function isAsyncGeneratorFunction(body: object): boolean {
  return Object.getPrototypeOf(body) === asyncGeneratorFunctions;
}

// Functions, not private methods: those would cost every object a brand.

/** Clean-ups that were deferred run before `self` is settled; it comes to `_end` again when they are over. */
function cleansUpFirst(self: Coroutine<unknown>, state: number, value: unknown): boolean {
  const { cleanUps } = takeExtras(self);
  if (cleanUps.size === 0) return false;
  const ending = new Ending(self, cleanUps.values(), (fn) => startCleanUp(self, fn), state, value);
  self._flags |= RETURNED;
  // Else something else is being settled, and no code of the user's may run inside of that.
  if ((self._flags & RUNNING) !== 0) ending.step();
  else self._loop._ready.push(ending);
  if (ending.done()) self._end(ending._state, ending._value);
  else waitFor(self, ending);
  return true;
}

function startCleanUp(self: Coroutine<unknown>, fn: CleanUp): Coroutine<unknown> {
  const before = captureContexts();
  restoreContexts(self._contexts);
  const started = withOwner(self, () => startCoroutine<unknown>(fn, undefined, []));
  restoreContexts(before);
  return started;
}

/** The body is over; the policy says what that means for children that still run. */
function endWithChildren(self: Coroutine<unknown>, state: number, value: unknown): void {
  const policy = orphanPolicyOf(self);
  const end = whatEndWaitsFor(self, policy);
  if (end !== undefined) {
    self._waiting = end;
    end._listen({
      settled: () => {
        self._waiting = undefined;
        // A cancel that came while it waited is what happened to it, unless it had failed before.
        if (isCancelDue(self) && state === RESOLVED) self._finish(CANCELLED, self._cancel);
        else self._finish(state, value);
      },
    });
    // It waits for them as for any child: so they stop with it, however early its cancel came.
    if (self._cancel !== undefined && (state === CANCELLED || isCancelDue(self)))
      end._cancelOwned(self, self._cancel);
    return;
  }
  const error = policy === "throw" && state === RESOLVED ? orphanError(self) : undefined;
  if (error === undefined) self._finish(state, value);
  else self._finish(FAILED, error);
}

function returned(self: Coroutine<unknown>, value: unknown): void {
  const runner = self._runner;
  if (runner !== undefined) {
    const leaked = runner.leaked((self._flags & HAD_ERROR) !== 0, self.toString());
    if (leaked !== undefined) {
      self._end(FAILED, leaked);
      return;
    }
  }
  const source = toReturned(self, value);
  if (source === undefined) {
    self._end(RESOLVED, value);
    return;
  }
  self._flags |= RETURNED;
  if (source._state === PENDING) {
    const cycle = closesCycle(self, source);
    if (cycle !== undefined) self._end(FAILED, cycle);
    else if (!isCancelDue(self) || source._cancelOwned(self, self._cancel as CancelledError))
      waitFor(self, source);
    else self._end(CANCELLED, self._cancel);
    return;
  }
  if (source._state !== RESOLVED) source._take();
  self._end(source._state, source._value);
}

/** The Future of what is to be waited for, as by `return` in an async function; `undefined` for any other value. */
function toReturned(self: Coroutine<unknown>, value: unknown): Future<unknown> | undefined {
  if (value instanceof Future) return value;
  try {
    return isThenable(value) || isGenerator(value) ? convertYielded(value, self) : undefined;
  } catch (error) {
    return failedWith(error);
  }
}

function threw(self: Coroutine<unknown>, error: unknown): void {
  if (isA(error, Return)) {
    returned(self, error.value);
    return;
  }
  const cancel = self._cancel;
  if (cancel !== undefined && (self._flags & CANCEL_DELIVERED) !== 0) {
    // A clean-up that fails adds its error; the cancel stays what happened. To cancel a child and wait for it is
    // the usual clean-up, and no failure.
    if (error !== cancel)
      cancel.suppressed.push(...(isA(error, CancelledError) ? error.suppressed : [error]));
    self._end(CANCELLED, cancel);
    return;
  }
  if (isA(error, CancelledError)) {
    self._end(CANCELLED, error);
    return;
  }
  cleanStack(error, self);
  self._end(FAILED, error);
}

function throwInto(
  self: Coroutine<unknown>,
  generator: Generator<unknown, unknown, unknown>,
  error: unknown,
): IteratorResult<unknown, unknown> {
  self._flags |= HAD_ERROR;
  return generator.throw(error);
}

/**
 * `self` has yielded `source`, which is pending, or a cancel was asked for: wait.
 *
 * @returns what to go on with at once instead of waiting, if there is such
 */
function waitOrThrow(self: Coroutine<unknown>, source: Future<unknown>): Future<unknown> | undefined {
  if (self._cancel !== undefined && (self._flags & CANCEL_DELIVERED) === 0) {
    if (source._state === PENDING && source._cancelOwned(self, self._cancel)) {
      waitFor(self, source);
      return undefined;
    }
    if (source._state !== PENDING) dropOutcome(self, source);
    self._flags |= CANCEL_DELIVERED;
    return failedWith(self._cancel);
  }
  if (source._state !== PENDING) return source;
  // A promise waits for nobody here.
  const cycle = source === self._promiseWait ? undefined : closesCycle(self, source);
  if (cycle !== undefined) return failedWith(cycle);
  waitFor(self, source);
  return undefined;
}

function waitFor(self: Coroutine<unknown>, source: Future<unknown>): void {
  self._waiting = source;
  source._listen(self);
}

/** The error of waiting for `source`, if that could never end. Only who is waited for already can close a circle. */
function closesCycle(self: Coroutine<unknown>, source: Future<unknown>): BadYieldError | undefined {
  return self._listeners === undefined && source !== self ? undefined : findCycle(self, source);
}

/** Tell `first` of `cancel`, or the innermost of those that wait for each other below it. */
function interrupt(first: Coroutine<unknown>, cancel: CancelledError): void {
  // What `_cancelOwned` would do, without a call inside a call for each level: they may be thousands.
  for (let self = first; ; ) {
    self._cancel = cancel;
    if ((self._flags & HAS_EXTRAS) !== 0) abortSignalOf(self, cancel);
    // One that runs now is told at its next wait.
    if ((self._flags & RUNNING) !== 0) return;
    const source = self._waiting;
    if (source === undefined || source._state !== PENDING) return; // its step is queued
    if (source instanceof Coroutine && source._owner === self) {
      if (source._cancel !== undefined) return;
      self = source;
      continue;
    }
    if (source._cancelOwned(self, cancel)) return; // it settles when its clean-up is over
    if (source._state !== PENDING) return; // it was cancelled on the spot, and so its step is queued
    source._unlisten(self);
    self._waiting = undefined;
    self._loop._ready.push(self);
    return;
  }
}

function abortSignalOf(self: Coroutine<unknown>, cancel: CancelledError): void {
  withoutOwner(() => abortSignal(self, cancel));
}

/** Has it been cancelled, and not been told yet? */
function isCancelDue(self: Coroutine<unknown>): boolean {
  return self._cancel !== undefined && (self._flags & CANCEL_DELIVERED) === 0;
}

function deliverCancel(self: Coroutine<unknown>): void {
  self._flags |= CANCEL_DELIVERED;
  if (self._generator === undefined || (self._flags & RETURNED) !== 0) self._end(CANCELLED, self._cancel);
  else self._advance(true, self._cancel);
}

function hasSuppressed(error: unknown): boolean {
  return error instanceof CancelledError && error.suppressed.length > 0;
}

/** A cancel comes in its place. The error of a child that failed in its clean-up is kept. */
function dropOutcome(self: Coroutine<unknown>, source: Future<unknown>): void {
  if (source._state === RESOLVED) {
    if (!source._taken) source._abandon(self);
    return;
  }
  source._take();
  const cancel = self._cancel as CancelledError;
  cancel.suppressed.push(...errorsBeside(source, cancel));
}

/** The Future of what `self` yielded; of the error, when it cannot be waited for. */
function toSource(self: Coroutine<unknown>, yielded: unknown): Future<unknown> {
  try {
    if (yielded instanceof Future) return yielded;
    // One with a `then` of its own may call back twice, or late: it is not waited for by what is used again.
    if (yielded instanceof Promise && yielded.then === nativeThen && onlyKnownKinds)
      return waitForPromise(self, yielded);
    return convertYielded(yielded, self);
  } catch (error) {
    return failedWith(error);
  }
}

/** For a coroutine that takes the error at once. */
function failedWith(error: unknown): Future<unknown> {
  const source = new Future<unknown>();
  source._taken = true;
  source._settle(FAILED, error);
  return source;
}

/** One wait serves all promises of a coroutine; one that a cancel left pending may still be settled, and is not used again. */
function waitForPromise(self: Coroutine<unknown>, promise: Promise<unknown>): Future<unknown> {
  let wait = self._promiseWait;
  if (wait === undefined || wait._state === PENDING) {
    wait = new PromiseWait<unknown>();
    self._promiseWait = wait;
  }
  wait.listenTo(promise);
  return wait;
}

function inconsistentContext(self: Coroutine<unknown>): StackContextInconsistentError {
  return new StackContextInconsistentError(
    `Cannot suspend "${self}": it yields inside a stack context that it entered, use runWithStackContext`,
  );
}

/**
 * Start `body` as a coroutine: it runs at once, up to its first wait. Never throws.
 *
 * For bodies of any kind; `coroutine` has its own shorter way for generator functions.
 */
export function startCoroutine<T>(
  body: CoroutineBody,
  self: unknown,
  args: unknown[],
  flags = 0,
): Coroutine<T> {
  const coroutine = new Coroutine<T>(body, flags);
  coroutine._beginBody(self, args);
  return coroutine;
}

let sites = false;

/**
 * Keep the line that starts each coroutine, for reports; 2 us and 300 bytes each.
 *
 * Off by default. @returns whether it was on before
 */
export function recordSites(on: boolean): boolean {
  const before = sites;
  sites = on;
  return before;
}

/** The nearest frames; gyre's own are left out when the line is asked for. */
function captureSite(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 6;
  const holder = new Error();
  Error.stackTraceLimit = limit;
  return holder;
}
