/**
 * The seed's yield points.
 *
 * Source: Tornado 3.2 `gen.Callback`, `gen.Wait`, `gen.WaitAll`, `gen.Task`, `gen.YieldFuture`, `gen.Multi`.
 */
import { BadYieldError, type CancelledError, checkFunction, describe } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { isGenerator, type MultiOptions, multiFuture } from "./convert.ts";
import { currentCoroutine } from "./coroutine.ts";
import { isCoroutineFunction } from "./marks.ts";
import { type Runner, YieldPoint } from "./runner.ts";
import type { ResolvedMembers } from "./types.ts";

/**
 * `const callback = yield new Callback(key)`: a function that stores what it is called with under `key`.
 *
 * Never suspends. Each one wants its `Wait`, or the coroutine ends with `LeakedCallbackError`.
 * Throws `KeyReuseError` at the yield when `key` is pending. Keys are compared as in a `Map`.
 */
export class Callback extends YieldPoint<(...args: unknown[]) => void> {
  readonly #key: unknown;
  #runner: Runner | undefined = undefined;

  constructor(key: unknown) {
    super();
    this.#key = key;
  }

  override start(runner: Runner): void {
    this.#runner = runner;
    runner.registerCallback(this.#key);
  }

  override isReady(): boolean {
    return true;
  }

  override getResult(): (...args: unknown[]) => void {
    return (this.#runner as Runner).resultCallback(this.#key);
  }
}

/**
 * `const result = yield new Wait(key)`: what the callback of `key` was called with.
 *
 * Suspends until it is called. Throws `UnknownKeyError` at the yield when no `Callback` registered `key`.
 */
export class Wait<T = unknown> extends YieldPoint<T> {
  readonly #key: unknown;
  #runner: Runner | undefined = undefined;

  constructor(key: unknown) {
    super();
    this.#key = key;
  }

  override start(runner: Runner): void {
    this.#runner = runner;
  }

  override isReady(): boolean {
    return (this.#runner as Runner).isReady(this.#key);
  }

  override getResult(): T {
    return (this.#runner as Runner).popResult(this.#key) as T;
  }
}

/** `const results = yield new WaitAll(keys)`: as `Wait` for each key; results in the order of the keys. */
export class WaitAll<T = unknown> extends YieldPoint<T[]> {
  readonly #keys: readonly unknown[];
  #runner: Runner | undefined = undefined;

  constructor(keys: readonly unknown[]) {
    super();
    this.#keys = keys;
  }

  override start(runner: Runner): void {
    this.#runner = runner;
  }

  override isReady(): boolean {
    const runner = this.#runner as Runner;
    return this.#keys.map((key) => runner.isReady(key)).every(Boolean);
  }

  override getResult(): T[] {
    return this.#keys.map((key) => (this.#runner as Runner).popResult(key) as T);
  }
}

/** A generator function would not even begin, and its Task would wait for ever. */
function checkCalled(fn: (...args: never[]) => unknown, result: unknown): void {
  if (!isGenerator(result)) return;
  throw new BadYieldError(
    `Cannot run a Task: ${describe(fn)} has made a generator, a coroutine function or one that takes a callback is wanted (was coroutine() forgotten?)`,
  );
}

/** The key of one Task: equal to nothing else. */
class TaskKey {}

/**
 * `const result = yield new Task(fn, ...args)`: calls `fn(...args, callback)` and waits for `callback(result)`.
 *
 * A coroutine function gets no callback, its result is the result. An error of
 * `fn`, or of a callback that it registered, is thrown at the yield. A second
 * call of the callback is ignored.
 */
export class Task<T = unknown> extends YieldPoint<T> {
  readonly #fn: (...args: never[]) => unknown;
  readonly #args: readonly unknown[];
  readonly #key = new TaskKey();
  #runner: Runner | undefined = undefined;
  #future: Future<T> | undefined = undefined;

  constructor(fn: (...args: never[]) => unknown, ...args: readonly unknown[]) {
    super();
    checkFunction(fn, "make a Task");
    this.#fn = fn;
    this.#args = args;
  }

  override start(runner: Runner): void {
    this.#runner = runner;
    const fn = this.#fn as (...args: unknown[]) => unknown;
    runner.registerCallback(this.#key);
    const callback = runner.resultCallback(this.#key);
    if (isCoroutineFunction(fn)) {
      this.#future = fn(...this.#args) as Future<T>;
      this.#future._listen({ settled: () => runner.setResult(this.#key, undefined) });
    } else runner.guard(() => checkCalled(fn, fn(...this.#args, callback)));
  }

  override isReady(): boolean {
    return (this.#runner as Runner).isReady(this.#key);
  }

  override getResult(): T {
    const result = (this.#runner as Runner).popResult(this.#key) as T;
    return this.#future === undefined ? result : this.#future.result();
  }

  /** @internal */
  override _describe(isNow?: boolean): string {
    return this.#future?._describe(isNow) ?? `the callback of ${this.#fn.name || "a function"}`;
  }

  /** @internal */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (this.#future !== undefined) return this.#future._cancelOwned(owner, reason);
    // Nobody waits for the callback any more: it may still be called, in vain.
    this.#runner?.popResult(this.#key);
    return false;
  }
}

/** Waits for `future`: what `yield future` does, as a yield point. */
export class YieldFuture<T> extends YieldPoint<T> {
  readonly #future: Future<T>;

  constructor(future: Future<T>) {
    super();
    this.#future = future;
  }

  override start(runner: Runner): void {
    this.#future._listen({ settled: () => runner.run() });
  }

  override isReady(): boolean {
    return this.#future.done();
  }

  override getResult(): T {
    return this.#future.result();
  }

  /** @internal */
  override _describe(isNow?: boolean): string {
    return this.#future._describe(isNow);
  }

  /** @internal */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return this.#future._cancelOwned(owner, reason);
  }

  /** @internal */
  override _abandon(owner: object): void {
    // Received by this point, but not by the owner.
    this.#future._taken = false;
    this.#future._abandon(owner);
  }
}

/**
 * Waits for all members of an array or record: what `yield [...]` does, as a yield point that takes options.
 *
 * Waits for all, also when one fails early, unless `failFast`. Throws the first failure in the
 * members' order; the others are logged unless `quietErrors` names their class.
 */
export class Multi<C extends readonly unknown[] | object> extends YieldPoint<ResolvedMembers<C>> {
  readonly #children: C;
  readonly #options: MultiOptions;
  #all: Future<unknown> | undefined = undefined;

  constructor(children: C, options: MultiOptions = {}) {
    super();
    this.#children = children;
    this.#options = options;
  }

  override start(runner: Runner): void {
    this.#all = multiFuture(this.#children, currentCoroutine(), this.#options);
    this.#all._listen({ settled: () => runner.run() });
  }

  override isReady(): boolean {
    return (this.#all as Future<unknown>).done();
  }

  override getResult(): ResolvedMembers<C> {
    return (this.#all as Future<unknown>).result() as ResolvedMembers<C>;
  }

  /** @internal */
  override _describe(isNow?: boolean): string {
    return (this.#all as Future<unknown>)._describe(isNow);
  }

  /** @internal */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return (this.#all as Future<unknown>)._cancelOwned(owner, reason);
  }

  /** @internal */
  override _abandon(owner: object): void {
    (this.#all as Future<unknown>)._abandon(owner);
  }
}

/**
 * The Future of all members of an array or record, typed: `const [a, b] = yield* all([fa, fb])`.
 *
 * Errors as in `Multi`: all members are waited for, and the first failure in their order is thrown; with
 * `failFast` the first failure in time stops the others. Members may be Futures, promises, yield points and
 * arrays or records of them.
 *
 * @throws {BadYieldError} when a member cannot be waited for
 * Source: Tornado `gen.multi`.
 */
export function all<const C extends readonly unknown[] | { readonly [key: string]: unknown }>(
  children: C,
  options: MultiOptions = {},
): Future<ResolvedMembers<C>> {
  return multiFuture(children, currentCoroutine(), options) as Future<ResolvedMembers<C>>;
}
