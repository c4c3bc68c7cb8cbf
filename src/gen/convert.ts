/**
 * From what a coroutine yields to the Future it waits for.
 *
 * Source: Tornado `gen.convert_yielded`, `gen.multi`.
 */
import { BadYieldError, describe } from "../base/index.ts";
import { AllFuture, Future, fromThenable, isThenable } from "../future/index.ts";
import { IOLoop } from "../loop/index.ts";
import { type Runner, YieldPoint } from "./runner.ts";

/** Who yields: what conversion needs of a coroutine. */
export interface Waiter {
  /** Where yield points are started. */
  readonly _pointRunner: Runner;
  /** Run a generator object as a child. */
  _startChild(generator: Generator<unknown, unknown, unknown>): Future<unknown>;
}

/** The one value of `moment`. */
class Moment {
  *[Symbol.iterator](): Generator<Moment, void, unknown> {
    yield this;
  }
}

/**
 * Yield it to let the loop turn once: callbacks, timers and I/O get their turn.
 *
 * Suspends: always. Source: Tornado `gen.moment`.
 */
export const moment: Moment = new Moment();

/** Gives a Future for a value of a registered kind, or throws. */
export type YieldConverter = (value: never) => Future<unknown>;

/** Has nobody registered a kind of his own? Then a promise is just a promise. */
export let onlyKnownKinds = true;

const converters = new Map<abstract new (...args: never[]) => unknown, YieldConverter>();

/**
 * Make instances of `type` yieldable. A converter that throws gives a `BadYieldError` at the yield.
 *
 * @returns a function that takes it back
 * Source: Tornado `convert_yielded.register`.
 */
export function registerYieldable<C extends abstract new (...args: never[]) => unknown>(
  type: C,
  converter: (value: InstanceType<C>) => Future<unknown>,
): () => void {
  converters.set(type, converter as YieldConverter);
  onlyKnownKinds = false;
  return () => {
    converters.delete(type);
    onlyKnownKinds = converters.size === 0;
  };
}

/**
 * `value` itself when it is a Future, else a Future that has it as its result.
 *
 * Source: Tornado `gen.maybe_future`.
 */
export function maybeFuture<T>(value: Future<T> | T): Future<T> {
  if (value instanceof Future) return value;
  const future = new Future<T>();
  future.setResult(value);
  return future;
}

/** A generator object, JavaScript's own or another with the same methods. */
export function isGenerator(value: unknown): value is Generator<unknown, unknown, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { next?: unknown }).next === "function" &&
    typeof (value as { throw?: unknown }).throw === "function" &&
    !(Symbol.asyncIterator in value)
  );
}

/** What errors of one Multi mean for its other members, and for the log. */
export interface MultiOptions {
  /**
   * At the first failure in time, cancel the members that the running coroutine started, wait for their
   * clean-up, and throw that failure; members of others go on without being waited for. Default: wait for all.
   */
  readonly failFast?: boolean;
  /** Errors of these classes are not logged when they are not the first; the first is thrown all the same. */
  readonly quietErrors?: readonly (abstract new (
    ...args: never[]
  ) => unknown)[];
}

/**
 * The Future of what `yielded` stands for.
 *
 * @param waiter - who yields it; without one, yield points and generator objects cannot be started
 * @throws {BadYieldError} for anything that cannot be waited for
 */
export function convertYielded(yielded: unknown, waiter: Waiter | undefined): Future<unknown> {
  if (yielded instanceof Future) return yielded;
  if (yielded === moment || yielded === undefined) return nextPass();
  if (typeof yielded === "object" && yielded !== null) {
    if (yielded instanceof YieldPoint) {
      if (waiter !== undefined) return waiter._pointRunner.start(yielded);
      throw new BadYieldError(
        `Cannot wait for ${describe(yielded)}: no coroutine is running, one is wanted to start it`,
      );
    }
    if (Array.isArray(yielded)) return multiFuture(yielded, waiter);
    if (isGenerator(yielded)) {
      if (waiter !== undefined) return startGenerator(yielded, waiter);
      throw new BadYieldError(
        "Cannot wait for a generator object: no coroutine is running, one is wanted to own it",
      );
    }
    const converter = onlyKnownKinds ? undefined : findConverter(yielded);
    if (converter !== undefined) return convertBy(converter, yielded);
    if (isThenable(yielded)) return controlledThenable(yielded, waiter);
    if (isPlainRecord(yielded) || yielded instanceof Map) return multiFuture(yielded, waiter);
  } else if (isThenable(yielded)) return controlledThenable(yielded, waiter);
  throw new BadYieldError(`Cannot resume: yielded ${describe(yielded)}, ${wanted(yielded)}`);
}

function controlledThenable(thenable: PromiseLike<unknown>, waiter: Waiter | undefined): Future<unknown> {
  const refusal = IOLoop.current()._refusePromise(waiter);
  if (refusal !== undefined) throw refusal;
  return fromThenable(thenable);
}

/** Something with items that come one after the other: a stream, an async generator. */
export function isAsyncIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

const begun = new WeakSet<object>();

/** Run `generator` as a child of `waiter`. Two who drive one generator would get each other's results. */
function startGenerator(generator: Generator<unknown, unknown, unknown>, waiter: Waiter): Future<unknown> {
  if (begun.has(generator)) {
    throw new BadYieldError(
      "Cannot resume: yielded a generator object that was yielded before, a new one is wanted (call its function again)",
    );
  }
  begun.add(generator);
  return waiter._startChild(generator);
}

/** Several yieldables as Futures, and how to give what they come to in the shape in which they came. */
export interface Members {
  readonly futures: readonly Future<unknown>[];
  /** Of a record or Map; `undefined` for an array. */
  readonly keys: readonly unknown[] | undefined;
  /** Array, record or Map of the members' values, all of which are there. */
  assemble(members: readonly { readonly _value: unknown }[]): unknown;
}

/** The members of an array, record or Map. @throws {BadYieldError} for one that cannot be waited for */
export function membersOf(
  children: readonly unknown[] | Map<unknown, unknown> | object,
  waiter: Waiter | undefined,
): Members {
  if (Array.isArray(children)) {
    const futures = children.map((child) => convertYielded(child, waiter));
    return { futures, keys: undefined, assemble: (all) => all.map((each) => each._value) };
  }
  if (typeof children !== "object" || children === null) {
    throw new BadYieldError(
      `Cannot wait for the members of ${describe(children)}: an array, record or Map is wanted`,
    );
  }
  const entries: [unknown, unknown][] = children instanceof Map ? [...children] : Object.entries(children);
  const keys = entries.map(([key]) => key);
  const futures = entries.map(([, child]) => convertYielded(child, waiter));
  const pairs = (all: readonly { readonly _value: unknown }[]): [unknown, unknown][] =>
    all.map((each, at) => [keys[at], each._value]);
  return children instanceof Map
    ? { futures, keys, assemble: (all) => new Map(pairs(all)) }
    : { futures, keys, assemble: (all) => Object.fromEntries(pairs(all) as [string, unknown][]) };
}

/**
 * The Future of all members of an array, record or Map, in the same shape.
 *
 * Waits for all, also when one fails early, unless `failFast`. Fails with the
 * first failure in the members' order; the others are logged, unless quiet.
 */
export function multiFuture(
  children: readonly unknown[] | Map<unknown, unknown> | object,
  waiter: Waiter | undefined,
  options: MultiOptions = {},
): Future<unknown> {
  const { futures, assemble } = membersOf(children, waiter);
  const logOthers = (others: unknown[]): void => logMultiple(others, options);
  return new AllFuture(futures, waiter, assemble, logOthers, options.failFast);
}

function logMultiple(others: readonly unknown[], { quietErrors = [] }: MultiOptions): void {
  for (const error of others) {
    if (quietErrors.some((quiet) => error instanceof quiet)) continue;
    IOLoop.current().log.error(
      "Multiple errors in one yield; the first one is thrown, this is another",
      error,
    );
  }
}

class Pass extends Future<void> {
  override _describe(): string {
    return "moment";
  }
}

/** Done in the loop's next pass. */
function nextPass(): Future<void> {
  const future = new Pass();
  IOLoop.current().addCallback(() => future.setResultUnlessCancelled());
  return future;
}

function findConverter(value: object): YieldConverter | undefined {
  for (const [type, converter] of converters) if (value instanceof type) return converter;
  return undefined;
}

function convertBy(converter: YieldConverter, value: object): Future<unknown> {
  try {
    return converter(value as never);
  } catch (cause) {
    throw new BadYieldError(`Cannot resume: the converter registered for ${describe(value)} failed`, {
      cause,
    });
  }
}

/** `{...}` or an object without a prototype; an instance of a class is more likely a mistake. */
function isPlainRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function wanted(yielded: unknown): string {
  const base = "a Future, a promise, a yield point, or an array or record of them is wanted";
  if (typeof yielded === "function") return `${base} (was the call forgotten?)`;
  if (yielded === null) return `${base} (to let the loop turn once, yield moment)`;
  if (yielded instanceof Set || typeof yielded === "string")
    return `${base} (to wait for its members, spread it into an array)`;
  if (isAsyncIterable(yielded)) return `${base} (for its items, use each or forEach)`;
  return `${base} (is it the result already? then no yield is needed)`;
}
