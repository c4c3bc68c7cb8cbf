/** What several come to, failures included, as values. */
import { Combined, type Future, RESOLVED } from "../future/index.ts";
import { type Members, membersOf } from "./convert.ts";
import { currentCoroutine } from "./coroutine.ts";
import type { Resolved } from "./types.ts";

/** The outcomes of an array or a record of yieldables, in the same shape. */
export type SettledMembers<C> = { -readonly [K in keyof C]: PromiseSettledResult<Resolved<C[K]>> };

class SettledFuture<R> extends Combined<R> {
  readonly #assemble: Members["assemble"];

  constructor({ futures, assemble }: Members, owner: object | undefined) {
    super(futures, owner);
    this.#assemble = assemble;
    this._begin();
  }

  override _kind(): string {
    return "allSettled";
  }

  override _mayRest(): boolean {
    return true;
  }

  override _looksPastFailures(): boolean {
    return true;
  }

  override _conclude(): void {
    this._settle(RESOLVED, this.#assemble(this._members.map((member) => ({ _value: outcomeOf(member) }))));
  }
}

function outcomeOf(member: Future<unknown>): PromiseSettledResult<unknown> {
  return member._state === RESOLVED
    ? { status: "fulfilled", value: member._value }
    : { status: "rejected", reason: member.error() };
}

/**
 * What all members of an array or record come to: `const [a, b] = yield* allSettled([fa, fb])`.
 *
 * Each is `{ status: "fulfilled", value }` or `{ status: "rejected", reason }`; one that was cancelled is
 * rejected with its `CancelledError`. Never fails; all failures count as taken. A cancel of who waits
 * is handed to the members that it started, and is thrown when their clean-up is over.
 *
 * Suspends: unless all are settled already. Source: `Promise.allSettled`.
 *
 * @throws {BadYieldError} when a member cannot be waited for
 */
export function allSettled<const C extends readonly unknown[] | { readonly [key: string]: unknown }>(
  children: C,
): Future<SettledMembers<C>> {
  const owner = currentCoroutine();
  return new SettledFuture(membersOf(children, owner), owner);
}
