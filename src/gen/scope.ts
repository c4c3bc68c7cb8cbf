/**
 * A group of coroutines that end before it does.
 *
 * Source: Trio's nurseries, Effection's scopes.
 */
import { CancelledError } from "../base/index.ts";
import { CANCELLED, type Future, RESOLVED } from "../future/index.ts";
import { type Coroutine, currentCoroutine, startCoroutine } from "./coroutine.ts";
import { coroutine } from "./decorators.ts";
import { withOwner } from "./frame.ts";
import type { CoroutineGenerator, ResultOf } from "./types.ts";

/** The group that the body of `scope` is given, to start coroutines in; it may be handed on. */
export class Scope {
  readonly #owner: Coroutine<unknown>;
  readonly #running = new Set<Coroutine<unknown>>();
  #failure: { error: unknown } | undefined = undefined;

  /** @internal */
  constructor(owner: Coroutine<unknown>) {
    this.#owner = owner;
  }

  /**
   * Start `fn(...args)` in this group, whoever calls: it is the group's child, and its failure the group's.
   *
   * @throws {Error} when the group has ended
   */
  start<A extends unknown[], T>(fn: (...args: A) => CoroutineGenerator<T>, ...args: A): Coroutine<Awaited<T>>;
  start<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Coroutine<ResultOf<R>>;
  start(fn: (...args: never[]) => unknown, ...args: unknown[]): Coroutine<unknown> {
    if (this.#owner.done()) throw new Error("Cannot start in the scope: it has ended, start before that");
    const child = withOwner(this.#owner, () => startCoroutine<unknown>(fn, undefined, args));
    this.#running.add(child);
    child._listen({ settled: (source) => this.#ended(child, source) });
    return child;
  }

  /** Cancel the coroutines that run in the group now; the body goes on. */
  cancel(reason?: unknown): void {
    for (const child of this.#running) child.cancel(reason);
  }

  /** How many coroutines run in the group. */
  get size(): number {
    return this.#running.size;
  }

  /** @internal The error of the child that failed first. */
  get _failure(): { error: unknown } | undefined {
    return this.#failure;
  }

  #ended(child: Coroutine<unknown>, source: Future<unknown>): void {
    this.#running.delete(child);
    if (source._state === RESOLVED) return;
    const error = source.error();
    if (source._state === CANCELLED) {
      // Its clean-up is nobody else's to look at.
      if (error instanceof CancelledError) for (const each of error.suppressed) this.#logLate(child, each);
    } else if (this.#failure !== undefined) this.#logLate(child, error);
    else {
      this.#failure = { error };
      const reason = `"${child}" failed in the same scope`;
      this.cancel(reason);
      this.#owner.cancel(reason);
    }
  }

  #logLate(child: Coroutine<unknown>, error: unknown): void {
    child._loop.log.error(`Error in "${child}" while its scope was ending`, error);
  }
}

/**
 * Run `body` with a group for coroutines, and end when all of them have.
 *
 * When one fails, the others and the body are cancelled, their clean-up is
 * waited for, and the scope fails with that error; later ones are logged. When
 * the body fails or the scope is cancelled, so is all that runs in it.
 *
 * Suspends: until the body and all that it started have ended.
 *
 * @returns the body's result
 */
export function scope<T>(body: (scope: Scope) => CoroutineGenerator<T>): Coroutine<Awaited<T>> {
  return runScope(body) as Coroutine<Awaited<T>>;
}

const runScope = coroutine(function* scope(body: (scope: Scope) => CoroutineGenerator<unknown>) {
  let group: Scope | undefined;
  const tell = (made: Scope): void => {
    group = made;
  };
  let result: unknown;
  try {
    result = yield runGroup(body, tell);
  } catch (error) {
    throw failureOf(group, error);
  }
  // The body may have returned before a child failed.
  if (group?._failure !== undefined) throw group._failure.error;
  return result;
});

/** What a child failed with is why the body was cancelled, and comes first. */
function failureOf(group: Scope | undefined, error: unknown): unknown {
  return group?._failure === undefined ? error : group._failure.error;
}

const runGroup = coroutine(
  function* scopeBody(body: (scope: Scope) => CoroutineGenerator<unknown>, tell: (group: Scope) => void) {
    const group = new Scope(currentCoroutine() as Coroutine<unknown>);
    tell(group);
    try {
      return yield* body(group);
    } catch (error) {
      group.cancel(
        error instanceof CancelledError ? error : new CancelledError("the body of its scope failed"),
      );
      throw error;
    }
  },
  { orphans: "wait" },
);
