/**
 * Stack contexts: what would have been on the call stack, kept for callbacks.
 *
 * A callback runs long after the code that registered it has returned, so the
 * `try` and the set-up around that code no longer surround it. A stack context
 * is captured where a callback is registered (`wrap`, and everything on the
 * loop) and entered again around the callback when it runs.
 *
 * Source: Tornado `stack_context`.
 */
import {
  type ContextState,
  captureContexts,
  changedContexts,
  type Entry,
  type Leave,
  restoreContexts,
  type Thrown,
} from "./state.ts";

/** A context factory in generator form: what stands before its one `yield` enters, what stands after it leaves. */
export type ContextFactory = () => Generator<void, void, void>;

/** Takes a context out of force for every callback that captured it, from its next run on. */
export type Deactivate = () => void;

abstract class Context {
  /** What this context does around a callback. */
  protected abstract enterEntry(): Leave;

  /**
   * Run `fn` inside this context, as do all callbacks registered by it.
   *
   * @throws whatever `fn` throws, unless a context consumed it: then the result is `undefined`
   */
  run<T>(fn: (deactivate: Deactivate) => T): T | undefined {
    const entered = this.enter();
    let result: T | undefined;
    let thrown: Thrown | undefined;
    try {
      result = fn(entered.deactivate);
    } catch (error) {
      thrown = { error };
    }
    thrown = entered.leave(thrown);
    if (thrown !== undefined) throw thrown.error;
    return result;
  }

  /**
   * Enter now and leave when the result is disposed of: the `with` statement as `using`.
   *
   * A coroutine must not suspend in between; it gets `StackContextInconsistentError` if it does.
   */
  enter(): EnteredContext {
    return new EnteredContext(() => this.enterEntry());
  }
}

/** A context that was entered and not yet left. Leave in reverse order of entering. */
export class EnteredContext {
  readonly deactivate: Deactivate;
  readonly #before: ContextState;
  readonly #leave: Leave;

  constructor(enter: Entry["enter"]) {
    const entry: Entry = { active: true, enter };
    this.#leave = enter();
    this.#before = restoreContexts(changedContexts({ entries: [...captureContexts().entries, entry] }));
    this.deactivate = () => {
      entry.active = false;
    };
  }

  /** @internal */
  leave(thrown: Thrown | undefined): Thrown | undefined {
    restoreContexts(this.#before);
    return this.#leave(thrown);
  }

  [Symbol.dispose](): void {
    const thrown = this.leave(undefined);
    if (thrown !== undefined) throw thrown.error;
  }
}

/**
 * Runs `factory` around every callback registered inside it.
 *
 * An error of the callback is thrown at the factory's `yield`; a factory that
 * catches it consumes it, one that throws another replaces it.
 *
 * Source: Tornado `StackContext`. Differs: `run(fn)` or `using` for the `with` statement.
 */
export class StackContext extends Context {
  readonly #factory: ContextFactory;

  constructor(factory: ContextFactory) {
    super();
    this.#factory = factory;
  }

  protected override enterEntry(): Leave {
    const generator = this.#factory();
    const first = generator.next();
    if (first.done)
      throw new TypeError("Cannot enter the stack context: its factory never yields, one yield is wanted");
    return (thrown) => {
      try {
        const last = thrown === undefined ? generator.next() : generator.throw(thrown.error);
        if (!last.done) {
          throw new TypeError(
            "Cannot leave the stack context: its factory yields twice, one yield is wanted",
          );
        }
        return undefined;
      } catch (error) {
        return { error };
      }
    };
  }
}

/**
 * Gives errors of the callbacks registered inside it to `handler`, innermost first.
 *
 * A truthy answer consumes the error; a handler that throws replaces it for the outer ones.
 *
 * Source: Tornado `ExceptionStackContext`.
 */
export class ExceptionStackContext extends Context {
  readonly #handler: (error: unknown) => unknown;

  constructor(handler: (error: unknown) => unknown) {
    super();
    this.#handler = handler;
  }

  protected override enterEntry(): Leave {
    return (thrown) => {
      if (thrown === undefined) return undefined;
      try {
        return this.#handler(thrown.error) ? undefined : thrown;
      } catch (error) {
        return { error };
      }
    };
  }
}

/** Drops every stack context: for work that must not carry the state of who happened to start it. Source: Tornado `NullContext`. */
export class NullContext {
  /** Run `fn` with no context in force. */
  run<T>(fn: () => T): T {
    const before = restoreContexts(changedContexts({ entries: [] }));
    try {
      return fn();
    } finally {
      restoreContexts(before);
    }
  }
}

/**
 * Run `fn` inside `context`, which is entered for this call only.
 *
 * The legal form for coroutines: `yield runWithStackContext(context, () => work())`
 * runs `work` inside, without leaving the context in force for the caller.
 *
 * Source: Tornado `run_with_stack_context`.
 */
export function runWithStackContext<T>(
  context: StackContext | ExceptionStackContext,
  fn: () => T,
): T | undefined {
  return context.run(() => fn());
}

/**
 * Run `fn(...args)` with exactly the contexts of `state` around it.
 *
 * Contexts are entered outermost first and left in reverse. One that cannot be
 * entered has its error given to those outside it, and `fn` is not run.
 *
 * @returns what `fn` returns; `undefined` when it threw and a context consumed the error
 * @throws what `fn` throws and no context consumes
 */
export function runInContexts<A extends unknown[], R>(
  state: ContextState,
  fn: (...args: A) => R,
  ...args: A
): R | undefined {
  const isLive = state.entries.length === 0 || state.entries.every((entry) => entry.active);
  const live = isLive ? state : { ...state, entries: state.entries.filter((entry) => entry.active) };
  const before = restoreContexts(live);
  try {
    if (live.entries.length === 0) return fn(...args);
    const leaves: Leave[] = [];
    let result: R | undefined;
    let thrown: Thrown | undefined;
    try {
      for (const entry of live.entries) leaves.push(entry.enter());
      result = fn(...args);
    } catch (error) {
      thrown = { error };
    }
    for (let leave = leaves.pop(); leave !== undefined; leave = leaves.pop()) thrown = leave(thrown);
    if (thrown !== undefined) throw thrown.error;
    return result;
  } finally {
    restoreContexts(before);
  }
}

const wrapped = new WeakSet<object>();

/** Is `fn` the result of `wrap`, so that it brings its own contexts along? */
export function isWrapped(fn: object): boolean {
  return wrapped.has(fn);
}

/**
 * A function that runs `fn` inside the contexts in force now, whoever calls it.
 *
 * Wrapping twice changes nothing; `undefined` and `null` come back as they are.
 *
 * Source: Tornado `stack_context.wrap`.
 */
export function wrap<F extends ((...args: never[]) => void) | undefined | null>(fn: F): F {
  if (fn === undefined || fn === null || wrapped.has(fn)) return fn;
  const state = captureContexts();
  const result = (...args: never[]): unknown => runInContexts(state, fn, ...args);
  wrapped.add(result);
  return result as F;
}
