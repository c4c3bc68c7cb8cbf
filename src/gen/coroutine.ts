/**
 * A coroutine: one generator, the Future of its result, and its place among
 * owners, in one object.
 *
 * This is the heart, the loop of the seed's `Runner.run`: give the generator
 * the outcome of what it waited for, take what it yields next, go on while that
 * is settled, suspend when it is not. What it keeps meanwhile is `frame.ts`;
 * what is not done at every step is in `waiting.ts`, `cancelling.ts`, `ending.ts`.
 *
 * Generator and Future are not two objects, and a child never runs by native
 * `yield*` into its generator: one frame a coroutine makes a resume O(1) at any
 * depth and a cancel right, because delegation forgets that it is returning.
 *
 * Methods here are short on purpose: V8 builds a call of a coroutine that ends
 * at once into its caller, if all of it fits.
 */
import { isGeneratorObject } from "node:util/types";
import {
  type CancelledError,
  StackContextInconsistentError,
  toCancelledError,
  withStackLimit,
} from "../base/index.ts";
import { type ContextState, captureContexts, restoreContexts } from "../context/index.ts";
import { CANCELLED, FAILED, Future, nest, PENDING, RESOLVED } from "../future/index.ts";
import { hooks, stepHooks } from "../loop/index.ts";
import { deliverCancel, endNow, hasSuppressed, interrupt, isCancelDue } from "./cancelling.ts";
import { isAsyncIterable, isGenerator } from "./convert.ts";
import { cleansUpFirst, endWithChildren, returned, threw } from "./ending.ts";
import { addWaitingLine } from "./error-stack.ts";
import { type CleanUp, HAS_EXTRAS } from "./extras.ts";
import {
  type CoroutineBody,
  Frame,
  HAD_ERROR,
  RETURNED,
  RUNNING,
  running,
  setRunning,
  withOwner,
} from "./frame.ts";
import type { PromiseWait } from "./promise-wait.ts";
import { rememberSite } from "./reports.ts";
import { Runner } from "./runner.ts";
import { isPlainPromise, toSource, waitOrThrow } from "./waiting.ts";

type Work = Generator<unknown, unknown, unknown>;
type Step = IteratorResult<unknown, unknown>;

const { next, throw: throwAt }: Work = Object.getPrototypeOf(function* () {}).prototype;

/** What the last step threw, when it gave no result. */
let thrown: unknown;

/**
 * One step. Each generator function has a prototype of its own, so that looking `next` up on the generator
 * would be slow in a program with many; this one works for all.
 *
 * @returns `undefined` when it throws, and that is in `thrown`
 */
function resume(generator: Work, value: unknown): Step | undefined {
  try {
    return next.call(generator, value);
  } catch (error) {
    thrown = error;
    return undefined;
  }
}

/** The coroutine whose step is on the stack, if there is one. */
export function currentCoroutine(): Coroutine<unknown> | undefined {
  // There is no other kind of frame.
  return running as Coroutine<unknown> | undefined;
}

/**
 * A running piece of work, which is the Future of its result.
 *
 * It has an owner, the coroutine that started it, unless none was running.
 * Source: Tornado `gen.Runner`, joined with the Future that `gen.coroutine` returns.
 */
export class Coroutine<T> extends Frame<T> {
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

  /** @internal Go on when its turn comes. */
  settled(source: Future<unknown>): void {
    // Let go of meanwhile, by a cancel: that step is queued already.
    if (source !== this._waiting) return;
    if (hooks !== undefined) hooks.woken(this, running);
    this._loop._ready.push(this);
  }

  /** @internal */
  step(): void {
    const source = this._waiting;
    this._waiting = undefined;
    if (this._cancel !== undefined && isCancelDue(this)) deliverCancel(this, source);
    else if (source !== undefined) this._receive(source);
  }

  /** @internal Run `generator`, which the body made, up to its first wait. */
  _begin(generator: Work): void {
    const outer = running;
    setRunning(this);
    const result = resume(generator, undefined);
    if (result?.done && this._endsPlainly(result.value)) {
      setRunning(outer);
      this._flags = 0;
      this._owner = undefined;
      this._state = RESOLVED;
      this._value = result.value;
      if (hooks !== undefined) hooks.ended(this, RESOLVED);
    } else this._begun(generator, result, outer);
  }

  /** @internal Behind the first step, when not everything is over already. */
  _begun(generator: Work, result: Step | undefined, outer: Frame<unknown> | undefined): void {
    this._generator = generator;
    if (sites) rememberSite(this, captureSite());
    this._goOn(result, outer, this._contexts);
    if (this._state === PENDING) this._link();
  }

  /** @internal Is nothing to be done at this end but to keep `value`? */
  _endsPlainly(value: unknown): boolean {
    return (
      typeof value !== "object" &&
      typeof value !== "function" &&
      (this._flags & HAS_EXTRAS) === 0 &&
      this._children === undefined &&
      this._listeners === undefined &&
      this._runner === undefined &&
      this._contexts === captureContexts()
    );
  }

  /** @internal Call a body that need not be a generator function, and go on with what it returns. */
  _beginBody(self: unknown, args: unknown[]): void {
    const outer = running;
    setRunning(this);
    let result: unknown;
    let failure: { error: unknown } | undefined;
    try {
      result = (this._body as (...a: unknown[]) => unknown).apply(self, args);
    } catch (error) {
      failure = { error };
    }
    setRunning(outer);
    if (failure === undefined && isGenerator(result)) {
      this._begin(isGeneratorObject(result) ? result : driven(result));
      return;
    }
    this._flags &= ~RUNNING;
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
    this._flags &= ~RUNNING;
    threw(this, error);
  }

  /** @internal Go on with the outcome of what it waited for. */
  _receive(source: Future<unknown>): void {
    const { _state: state, _value: value } = source;
    if (state === RESOLVED) source._taken = true;
    else {
      source._take();
      if (state === FAILED) addWaitingLine(value, source, this);
    }
    // It is used again later: what it brought must not live until then.
    if (source === this._promiseWait) source._value = undefined;
    if ((this._flags & RETURNED) !== 0) this._end(state, value);
    else if (state === RESOLVED) this._advance(value);
    else this._throwIn(value);
  }

  /**
   * @internal In the microtask of the promise that it waits for: what `step`, `_advance` and `_goOn` do, for one
   * that waits for one promise after the other, and for whom nothing else is to be looked at.
   *
   * The long way does the same, and costs 10 % more a wait.
   */
  _goOnAtOnce(wait: PromiseWait, value: unknown): boolean {
    const contexts = this._contexts;
    const ready = this._loop._ready;
    const isPlain = this._cancel === undefined && (this._flags & RETURNED) === 0;
    if (!isPlain || captureContexts() !== contexts || !ready.beginTurn()) return false;
    const outer = running;
    this._waiting = undefined;
    setRunning(this);
    this._flags |= RUNNING;
    if (stepHooks !== undefined) stepHooks.resumed(this);
    const result = resume(this._generator as Work, value);
    try {
      if (waitsAgain(this, result, contexts, wait)) {
        this._waiting = wait;
        if (hooks !== undefined) hooks.suspended(this, wait);
        this._flags &= ~RUNNING;
        setRunning(outer);
      } else this._goOn(result, outer, contexts);
    } finally {
      ready.endTurn();
    }
    return true;
  }

  /** @internal Give the generator `value` at its wait, and go on until the next one, or the end. */
  _advance(value: unknown): void {
    const outer = running;
    const outerContexts = this._enter();
    this._goOn(resume(this._generator as Work, value), outer, outerContexts);
  }

  /** @internal */
  _throwIn(error: unknown): void {
    const outer = running;
    const outerContexts = this._enter();
    this._goOn(throwInto(this, error), outer, outerContexts);
  }

  /** @internal A step that is not the first begins. @returns the contexts outside of it */
  _enter(): ContextState {
    const outerContexts = captureContexts();
    if (outerContexts !== this._contexts) restoreContexts(this._contexts);
    setRunning(this);
    this._flags |= RUNNING;
    if (stepHooks !== undefined) stepHooks.resumed(this);
    return outerContexts;
  }

  /**
   * @internal Behind one step, which gave `first` or has thrown: step on, until it waits for something that is
   * not settled, or ends. Who ran before, and in which contexts, is restored.
   */
  _goOn(first: Step | undefined, outer: Frame<unknown> | undefined, outerContexts: ContextState): void {
    let result = first;
    let isWaiting = false;
    while (result !== undefined) {
      const after = captureContexts();
      if (after !== this._contexts && hasEntered(this, after) && !result.done) {
        result = throwInto(this, inconsistentContext(this));
        continue;
      }
      if (result.done) break;
      let source = result.value instanceof Future ? result.value : toSource(this, result.value);
      if (source._state === PENDING || this._cancel !== undefined) {
        const instead = waitOrThrow(this, source);
        if (instead === undefined) {
          isWaiting = true;
          break;
        }
        source = instead;
      }
      if (source._state === RESOLVED) {
        source._taken = true;
        result = resume(this._generator as Work, source._value);
      } else {
        source._take();
        result = throwInto(this, source._value);
      }
    }
    try {
      if (result === undefined) failed(this);
      else if (!isWaiting) {
        if (this._endsPlainly(result.value)) this._end(RESOLVED, result.value);
        else returned(this, result.value);
      }
    } finally {
      this._flags &= ~RUNNING;
      setRunning(outer);
      if (this._contexts !== outerContexts) restoreContexts(outerContexts);
    }
  }

  /** @internal */
  get _pointRunner(): Runner {
    this._runner ??= new Runner();
    return this._runner;
  }

  /** @internal */
  _startChild(given: Work): Coroutine<unknown> {
    const generator = (): unknown => given;
    return startCoroutine(generator, undefined, []);
  }

  /** @internal */
  _startCleanUp(fn: CleanUp): Coroutine<unknown> {
    const before = captureContexts();
    restoreContexts(this._contexts);
    const started = withOwner(this, () => startCoroutine<unknown>(fn, undefined, []));
    restoreContexts(before);
    return started;
  }

  /** @internal */
  _endNow(reason: CancelledError): void {
    endNow(this, reason);
  }

  /** @internal */
  _end(state: number, value: unknown): void {
    this._generator = undefined;
    if (this._children !== undefined) endWithChildren(this, state, value);
    else this._finish(state, value);
  }

  /** @internal */
  _finish(state: number, value: unknown): void {
    if ((this._flags & HAS_EXTRAS) !== 0 && cleansUpFirst(this, state, value)) return;
    if (hooks !== undefined) hooks.ended(this, state);
    this._leave(state === FAILED || (state === CANCELLED && hasSuppressed(value)));
    this._settle(state, value);
    if (this._children !== undefined) this._abandonChildren();
  }
}

// Functions, not private methods: those would cost every object a brand.

const asyncGeneratorFunctions: object = Object.getPrototypeOf(async function* () {});

function isAsyncGeneratorFunction(body: object): boolean {
  return Object.getPrototypeOf(body) === asyncGeneratorFunctions;
}

/** A generator of JavaScript's own for another object with the same methods. */
function* driven(given: Work): Work {
  let step = given.next();
  while (!step.done) {
    let value: unknown;
    let failure: { error: unknown } | undefined;
    try {
      value = yield step.value;
    } catch (error) {
      failure = { error };
    }
    step = failure === undefined ? given.next(value) : given.throw(failure.error);
  }
  return step.value;
}

/** Has `self` yielded one more promise, and nothing else happened? Then `wait` waits for that one now. */
function waitsAgain(
  self: Coroutine<unknown>,
  result: Step | undefined,
  contexts: ContextState,
  wait: PromiseWait,
): boolean {
  if (result === undefined || result.done || self._cancel !== undefined) return false;
  if (captureContexts() !== contexts) return false;
  try {
    if (!isPlainPromise(result.value)) return false;
    wait.listenTo(result.value);
    return true;
  } catch {
    // The long way throws it in.
    return false;
  }
}

function throwInto(self: Coroutine<unknown>, error: unknown): Step | undefined {
  self._flags |= HAD_ERROR;
  try {
    return throwAt.call(self._generator as Work, error);
  } catch (again) {
    thrown = again;
    return undefined;
  }
}

/** Its last step has thrown. */
function failed(self: Coroutine<unknown>): void {
  const error = thrown;
  thrown = undefined;
  restoreContexts(self._contexts);
  threw(self, error);
}

/**
 * Behind a step the contexts are `after`, and were others before it.
 *
 * A variable or store that it set is its own from now on; a stack context had to be left before.
 */
function hasEntered(self: Coroutine<unknown>, after: ContextState): boolean {
  if (after.entries === self._contexts.entries) {
    self._contexts = after;
    return false;
  }
  restoreContexts(self._contexts);
  return true;
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
  return withStackLimit(8, () => new Error());
}
