/** From a function to a coroutine function: `coroutine`, `engine`, and what both leave on the function. */
import { checkFunction, ReturnValueIgnoredError } from "../base/index.ts";
import type { Future } from "../future/index.ts";
import { type OrphanPolicy, setWorkStarter } from "../loop/index.ts";
import { Coroutine, startCoroutine } from "./coroutine.ts";
import { type CoroutineBody, withoutOwner } from "./frame.ts";
import { isCoroutineFunction, markCoroutineFunction } from "./marks.ts";
import { orphanFlags } from "./orphans.ts";
import { abortedError, cancelOn, checkSignal } from "./signal.ts";
import type { CoroutineGenerator, ResultOf } from "./types.ts";

export interface CoroutineOptions {
  /** What happens to its children that nobody waits for when it ends. Default: as its loop says. */
  readonly orphans?: OrphanPolicy;
}

/**
 * A function that runs `body` as a coroutine each time it is called.
 *
 * The call runs `body` at once, up to its first wait for something that is not
 * settled, and returns the Coroutine, the Future of its result. It never
 * throws: what `body` throws is in the Future. A plain or async `body` works
 * too. What `body` returns is waited for if it can be, as in an async function.
 *
 * Source: Tornado `gen.coroutine`.
 *
 * @throws {TypeError} when `body` is no function, or there is no such policy for orphans
 */
export function coroutine<This, A extends unknown[], T>(
  body: (this: This, ...args: A) => CoroutineGenerator<T>,
  options?: CoroutineOptions,
): (this: This, ...args: A) => Coroutine<ResultOf<T>>;
export function coroutine<This, A extends unknown[], R>(
  body: (this: This, ...args: A) => R,
  options?: CoroutineOptions,
): (this: This, ...args: A) => Coroutine<ResultOf<R>>;
export function coroutine(
  body: CoroutineBody,
  options: CoroutineOptions = {},
): (...args: unknown[]) => Coroutine<unknown> {
  checkFunction(body, "make a coroutine");
  const flags = options.orphans === undefined ? 0 : orphanFlags(options.orphans);
  const starter = isGeneratorFunction(body) ? starterOfGenerator(body, flags) : starterOfBody(body, flags);
  return markCoroutineFunction(starter, body);
}

type Starter = (this: unknown, ...args: unknown[]) => Coroutine<unknown>;

// Every call of a coroutine goes through here: nothing is looked at twice, and
// the arguments are forwarded without an array, as they are used for that only.
function starterOfGenerator(body: CoroutineBody, flags: number): Starter {
  return function start(this: unknown, ...args: unknown[]): Coroutine<unknown> {
    const work = new Coroutine<unknown>(body, flags);
    let generator: Generator<unknown, unknown, unknown>;
    try {
      generator = (body as (...args: unknown[]) => typeof generator).apply(this, args);
    } catch (error) {
      work._failToBegin(error);
      return work;
    }
    work._begin(generator);
    return work;
  };
}

function starterOfBody(body: CoroutineBody, flags: number): Starter {
  return function start(this: unknown, ...args: unknown[]): Coroutine<unknown> {
    return startCoroutine(body, this, args, flags);
  };
}

const generatorFunctions: object = Object.getPrototypeOf(function* () {});

function isGeneratorFunction(body: object): boolean {
  return Object.getPrototypeOf(body) === generatorFunctions;
}

/**
 * A function that runs `body` as a coroutine and returns nothing: for callbacks.
 *
 * An error before the first wait is thrown to the caller; a later one goes to
 * the stack contexts of the call, else to the loop's log.
 *
 * Source: Tornado `gen.engine`.
 *
 * @throws {ReturnValueIgnoredError} from the call, or as a later error, when `body` returns a value
 */
export function engine<This, A extends unknown[]>(
  body: (this: This, ...args: A) => CoroutineGenerator<unknown> | unknown,
): (this: This, ...args: A) => void {
  checkFunction(body, "make an engine");
  function start(this: This, ...args: A): void {
    const work = withoutOwner(() => startCoroutine<unknown>(body as CoroutineBody, this, args));
    if (work.done()) {
      finishEngine(work);
      return;
    }
    work._loop.addFuture(work, finishEngine);
  }
  Object.defineProperties(start, { name: { value: body.name }, length: { value: body.length } });
  return start;
}

function finishEngine(work: Coroutine<unknown>): void {
  const value = work.result();
  if (value !== undefined) {
    throw new ReturnValueIgnoredError(
      `Cannot end the engine "${work}": it returned a value, which nobody can receive`,
    );
  }
}

/**
 * Start `fn(...args)` as a child of the running coroutine: `const user = yield* call(fetchUser, 7)`.
 *
 * For a generator, async or plain function that was not made by `coroutine`.
 * With a signal: `yield* call({ signal }, fetchUser, 7)`; its abort cancels the call with the signal's
 * reason, and with one that is aborted already `fn` is not called.
 */
export function call<A extends unknown[], T>(
  fn: (...args: A) => CoroutineGenerator<T>,
  ...args: A
): Coroutine<Awaited<T>>;
export function call<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Coroutine<ResultOf<R>>;
export function call<A extends unknown[], T>(
  options: CallOptions,
  fn: (...args: A) => CoroutineGenerator<T>,
  ...args: A
): Coroutine<Awaited<T>>;
export function call<A extends unknown[], R>(
  options: CallOptions,
  fn: (...args: A) => R,
  ...args: A
): Coroutine<ResultOf<R>>;
export function call(first: CoroutineBody | CallOptions, ...rest: unknown[]): Coroutine<unknown> {
  if (typeof first === "object" && first !== null) {
    const [fn, ...args] = rest as [CoroutineBody, ...unknown[]];
    checkFunction(fn, "call a function as a coroutine");
    return startWithSignal(fn, args, first.signal);
  }
  checkFunction(first, "call a function as a coroutine");
  return startCoroutine(first, undefined, rest);
}

/** What may be said of a call besides its arguments. */
export interface CallOptions {
  /** Its abort cancels the coroutine, with the signal's reason. Its listener is gone at the coroutine's end. */
  readonly signal?: AbortSignal | undefined;
}

function startWithSignal(
  fn: CoroutineBody,
  args: unknown[],
  signal: AbortSignal | undefined,
): Coroutine<unknown> {
  if (signal === undefined) return startCoroutine(fn, undefined, args);
  checkSignal(signal, "call with a signal");
  if (!signal.aborted) return cancelOn(signal, startCoroutine(fn, undefined, args));
  const cancelled = new Coroutine<unknown>(fn, 0);
  cancelled._failToBegin(abortedError(signal));
  return cancelled;
}

/**
 * Run `fn` as a coroutine on the current loop, without an owner, from code that is none.
 *
 * @param options.signal - its abort cancels the coroutine; with one that is aborted already `fn` is not called
 * @returns a promise of its result, so that a failure that nobody handles is Node's own unhandled rejection
 */
export function run<T>(fn: () => CoroutineGenerator<T>, options?: CallOptions): Promise<Awaited<T>>;
export function run<R>(fn: () => R, options?: CallOptions): Promise<ResultOf<R>>;
export async function run(fn: () => unknown, options: CallOptions = {}): Promise<unknown> {
  checkFunction(fn, "run a function");
  return await withoutOwner(() => startWithSignal(fn, [], options.signal));
}

export { isCoroutineFunction };

// What a loop is given to run may be a generator function: it belongs to nobody.
setWorkStarter((fn): Future<unknown> => withoutOwner(() => startCoroutine(fn, undefined, [])), withoutOwner);
