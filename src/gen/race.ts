/** The first of several: whatever it comes to, or the first that succeeds. */
import { AllFailedError } from "../base/index.ts";
import { Combined, errorsBeside, FAILED, type Future, RESOLVED } from "../future/index.ts";
import { IOLoop, touched } from "../loop/index.ts";
import { type Members, membersOf } from "./convert.ts";
import { currentCoroutine } from "./coroutine.ts";
import type { Resolved } from "./types.ts";

/** What becomes of the members that were not first. */
export interface RaceOptions {
  /**
   * Cancel the losers that the running coroutine started, and wait for their clean-up? Default true;
   * with `false` they go on, and the coroutine still owns them. What others started always goes on.
   */
  readonly cancelLosers?: boolean;
  /** Errors of these classes are not logged when a loser's clean-up throws them. */
  readonly quietErrors?: readonly (abstract new (
    ...args: never[]
  ) => unknown)[];
}

/** What the first of an array comes to; of a record, with the key that tells which it was. */
export type First<C> = C extends readonly unknown[]
  ? Resolved<C[number]>
  : { readonly [K in keyof C]: { readonly key: K; readonly value: Resolved<C[K]> } }[keyof C];

type Children = readonly unknown[] | { readonly [key: string]: unknown };

class FirstFuture<R> extends Combined<R> {
  readonly #keys: Members["keys"];
  readonly #wantsSuccess: boolean;
  readonly #options: RaceOptions;

  constructor(
    { futures, keys }: Members,
    owner: object | undefined,
    wantsSuccess: boolean,
    options: RaceOptions,
  ) {
    super(futures, owner);
    this.#keys = keys;
    this.#wantsSuccess = wantsSuccess;
    this.#options = options;
    this._begin();
  }

  override _kind(): string {
    return this.#wantsSuccess ? "any" : "race";
  }

  override _wantsAll(): boolean {
    return false;
  }

  override _decides(source: Future<unknown>): boolean {
    touched?.(this);
    return source._state === RESOLVED || !this.#wantsSuccess;
  }

  /** One of several is enough: none of them is needed. */
  override _awaits(): readonly Future<unknown>[] {
    return this._members.length === 1 ? this._members : [];
  }

  override _looksPastFailures(): boolean {
    return this.#wantsSuccess;
  }

  override _stopOthers(): void {
    if (this.#options.cancelLosers !== false) super._stopOthers();
    else for (const member of this._members) if (!member.done()) this._letGo(member);
  }

  override _conclude(): void {
    const first = this._decided;
    if (first === undefined) {
      this.#allFailed();
      return;
    }
    for (const member of this._members) if (member !== first && member.done()) this.#dropLoser(member);
    if (first._state !== RESOLVED) {
      this._failed = first;
      this._settle(first._state, first._value);
    } else if (this.#keys === undefined) this._settle(RESOLVED, first._value);
    else this._settle(RESOLVED, { key: this.#keys[this._members.indexOf(first)], value: first._value });
  }

  #allFailed(): void {
    const errors = this._members.map((member) => member.error());
    this._settle(FAILED, new AllFailedError(errors));
  }

  /** It had its chance: its failure is what `any` was asked to look past; only what else it threw is told. */
  #dropLoser(loser: Future<unknown>): void {
    if (loser._state === RESOLVED) return;
    loser._take();
    if (loser._state === FAILED && this._looksPastFailures()) return;
    for (const error of errorsBeside(loser, undefined)) {
      if (this.#options.quietErrors?.some((quiet) => error instanceof quiet)) continue;
      IOLoop.current().log.error("Error of a loser, after its race was decided", error);
    }
  }
}

/**
 * The first of several that is settled, whatever it comes to: `const value = yield* race([a(), b()])`.
 *
 * Of a record, `{ key, value }` of the first: `const first = yield* race({ answer: ask(), limit: sleep(50) })`.
 * Members may be Futures, promises, yield points, generator objects and arrays or records of them. Of
 * several that are settled already, the first in order wins. When the first one failed, its error is thrown.
 *
 * The losers that the running coroutine started are cancelled, and their clean-up is over before this
 * settles; errors of clean-ups are logged. Losers of others are let go. A cancel of who waits reaches
 * the members that it started. Outside of a coroutine nobody is an owner, and all losers go on.
 *
 * Suspends: unless one is settled already and no loser has to clean up.
 * Source: `Promise.race`, Effection `race`. Differs: the losers stop.
 *
 * @throws {RangeError} when there are no members, because that could never end
 * @throws {BadYieldError} when a member cannot be waited for
 */
export function race<const C extends Children>(children: C, options: RaceOptions = {}): Future<First<C>> {
  const owner = currentCoroutine();
  const members = membersOf(children, owner);
  if (members.futures.length === 0)
    throw new RangeError("Cannot race: there are no members, at least one is wanted");
  return new FirstFuture(members, owner, false, options);
}

/**
 * The first of several that succeeds: `const answer = yield* any([askHere(), askThere()])`.
 *
 * As `race`, but a failure does not count as long as another one may succeed; it is then dropped.
 *
 * Source: `Promise.any`. Differs: the losers stop.
 *
 * @throws {AllFailedError} at the yield, `GYRE_ALL_FAILED`, with the errors in the members' order when all
 *   failed; at once when there are no members
 * @throws {BadYieldError} when a member cannot be waited for
 */
export function any<const C extends Children>(children: C, options: RaceOptions = {}): Future<First<C>> {
  const owner = currentCoroutine();
  return new FirstFuture(membersOf(children, owner), owner, true, options);
}
