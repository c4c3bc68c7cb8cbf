/** Futures made of other Futures. All listen immediately: combining costs no turn of its own. */
import type { CancelledError } from "../base/index.ts";
import { CANCELLED, FAILED, Future, type Listener, PENDING, RESOLVED } from "./future.ts";

/** What `All` makes of the results, once all members are settled. */
type Assemble<R> = (members: readonly Future<unknown>[]) => R;

/**
 * Settles when *all* members have, also when one fails early.
 *
 * Fails with the first failure in the order of the members, not of time; the
 * other failures go to `onOthers`, because a caller receives only one.
 *
 * Source: Tornado `gen.multi`.
 */
export class AllFuture<R> extends Future<R> implements Listener {
  readonly #members: readonly Future<unknown>[];
  readonly #assemble: Assemble<R>;
  readonly #onOthers: (others: unknown[]) => void;
  #missing: number;
  #cancel: CancelledError | undefined = undefined;

  constructor(
    members: readonly Future<unknown>[],
    assemble: Assemble<R>,
    onOthers: (others: unknown[]) => void,
  ) {
    super();
    this.#members = members;
    this.#assemble = assemble;
    this.#onOthers = onOthers;
    this.#missing = members.length;
    if (members.length === 0) this.#finish();
    else for (let i = 0; i < members.length; i++) (members[i] as Future<unknown>)._listen(this);
  }

  settled(_source: Future<unknown>): void {
    if (--this.#missing === 0 && this._state === PENDING) this.#finish();
  }

  /** Members that wait for others than the owner are let go; the owner's own are cancelled and waited for. */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    this.#cancel = reason;
    for (const member of this.#members) {
      if (member._state !== PENDING) continue;
      if (member._cancelOwned(owner, reason)) continue;
      member._unlisten(this);
      this.#missing--;
    }
    return this.#missing > 0;
  }

  override cancel(reason?: unknown): boolean {
    if (!super.cancel(reason)) return false;
    for (const member of this.#members) member._unlisten(this);
    return true;
  }

  #finish(): void {
    if (this.#cancel !== undefined) {
      this.#takeAll();
      this._settle(CANCELLED, this.#cancel);
      return;
    }
    let failed: Future<unknown> | undefined;
    let others: unknown[] | undefined;
    for (const member of this.#members) {
      if (member._state === RESOLVED) continue;
      member._taken = true;
      if (failed === undefined) failed = member;
      else if (member !== failed && member._value !== failed._value) {
        others ??= [];
        others.push(member._value);
      }
    }
    if (others !== undefined) this.#onOthers(others);
    if (failed === undefined) this._settle(RESOLVED, this.#assemble(this.#members));
    else this._settle(failed._state === CANCELLED ? CANCELLED : FAILED, failed._value);
  }

  #takeAll(): void {
    for (const member of this.#members) member._taken = true;
  }
}

/**
 * Give `target` the outcome that `source` will have; does nothing when `target` is settled first.
 *
 * A cancel of `target` is not handed back to `source`.
 *
 * Source: Tornado `chain_future`.
 */
export function chainFuture<T>(source: Future<T>, target: Future<T>): void {
  source._listen({
    settled(): void {
      if (target._state !== PENDING) return;
      source._taken = true;
      target._settle(source._state, source._value);
    },
  });
}
