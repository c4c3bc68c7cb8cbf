/** Futures made of other Futures. All listen immediately: combining costs no turn of its own. */
import { CancelledError } from "../base/index.ts";
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
  readonly #owner: object | undefined;
  readonly #assemble: Assemble<R>;
  readonly #onOthers: (others: unknown[]) => void;
  #missing: number;
  #cancel: CancelledError | undefined = undefined;
  /** The member whose failure this one handed on. */
  #failed: Future<unknown> | undefined = undefined;

  constructor(
    members: readonly Future<unknown>[],
    owner: object | undefined,
    assemble: Assemble<R>,
    onOthers: (others: unknown[]) => void,
  ) {
    super();
    this.#members = members;
    this.#owner = owner;
    this.#assemble = assemble;
    this.#onOthers = onOthers;
    this.#missing = members.length;
    if (members.length === 0) this.#finish();
    else for (let i = 0; i < members.length; i++) (members[i] as Future<unknown>)._listen(this);
  }

  override _awaits(): readonly Future<unknown>[] {
    return this.#members;
  }

  override _describe(): string {
    const waiting = this.#members.filter((member) => member._state === PENDING);
    return `all of ${waiting.map((member) => member._describe()).join(", ")}`;
  }

  settled(_source: Future<unknown>): void {
    if (--this.#missing === 0 && this._state === PENDING) this.#finish();
  }

  isWaitedFor(): boolean {
    return this._isAwaited();
  }

  /** Members that belong to others than the owner are let go; the owner's own are cancelled and waited for. */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return owner === this.#owner && this.#stop(reason);
  }

  /** As when its owner is cancelled: what belongs to the owner stops too, and is waited for. */
  override cancel(reason?: unknown): boolean {
    if (this._state !== PENDING) return false;
    if (this.#cancel === undefined) this.#stop(new CancelledError(reason));
    return true;
  }

  /** The failure came from a member: who takes this one's takes that one's. */
  override _take(): void {
    this._taken = true;
    this.#failed?._take();
  }

  override _unheard(): void {
    this.#failed?._unheard();
  }

  override _abandon(owner: object): void {
    if (owner !== this.#owner) return;
    for (const member of this.#members) if (member._state === RESOLVED) member._abandon(owner);
  }

  #stop(reason: CancelledError): boolean {
    this.#cancel = reason;
    // At once, because the clean-up of the others may wait for what these hold.
    if (this.#owner !== undefined) this._abandon(this.#owner);
    for (const member of this.#members) {
      if (member._state !== PENDING) continue;
      if (this.#owner !== undefined && member._cancelOwned(this.#owner, reason)) continue;
      // One that was cancelled on the spot has said so itself.
      if (member._state !== PENDING) continue;
      member._unlisten(this);
      this.#missing--;
    }
    if (this.#missing === 0 && this._state === PENDING) this.#finish();
    return this._state === PENDING;
  }

  #finish(): void {
    const cancel = this.#cancel;
    let failed: Future<unknown> | undefined;
    let others: unknown[] | undefined;
    for (const member of this.#members) {
      if (member._state === RESOLVED || member._state === PENDING) continue;
      if (cancel !== undefined) {
        // Nobody will get another error than the cancel: the others travel with it.
        if (member._state === FAILED && !member._taken) cancel.suppressed.push(member._value);
        member._take();
      } else if (failed === undefined) failed = member;
      else if (member !== failed) {
        member._take();
        if (member._value === failed._value) continue;
        others ??= [];
        others.push(member._value);
      }
    }
    this.#failed = failed;
    if (others !== undefined) this.#onOthers(others);
    if (cancel !== undefined) this._settle(CANCELLED, cancel);
    else if (failed === undefined) this._settle(RESOLVED, this.#assemble(this.#members));
    else this._settle(failed._state, failed._value);
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
      if (source._state !== RESOLVED) source._take();
      target._settle(source._state, source._value);
    },
  });
}
