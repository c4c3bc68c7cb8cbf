/** Futures made of other Futures. All listen immediately: combining costs no turn of its own. */
import { CancelledError, toCancelledError } from "../base/index.ts";
import { CANCELLED, FAILED, Future, isFailure, type Listener, PENDING, RESOLVED } from "./future.ts";
import { listInWords } from "./list-in-words.ts";
import { nest } from "./nested.ts";

/** What `All` makes of the results, once all members are settled. */
type Assemble<R> = (members: readonly { readonly _value: unknown }[]) => R;

/**
 * Settles when those of its members that it waits for have, in what its subclass makes of them.
 *
 * A subclass may let one member decide: the others are then let go, and those
 * of the owner are cancelled; their clean-up is waited for before this settles.
 */
export abstract class Combined<R> extends Future<R> implements Listener {
  /** @internal */ readonly _members: readonly Future<unknown>[];
  /** @internal */ readonly _owner: object | undefined;
  /** @internal How many are waited for still. */ _missing: number;
  /** @internal */ _listening: boolean = false;
  /** @internal A cancel that was asked for. */ _cancel: CancelledError | undefined = undefined;
  /** @internal Members that it does not listen to, as nobody listens to it. */ _resting:
    | readonly Future<unknown>[]
    | undefined = undefined;
  /** @internal The member that has decided. */ _decided: Future<unknown> | undefined = undefined;
  /** @internal The member whose failure this one handed on. */ _failed: Future<unknown> | undefined =
    undefined;

  constructor(members: readonly Future<unknown>[], owner: object | undefined) {
    super();
    this._members = members;
    this._owner = owner;
    this._missing = members.length;
  }

  /** @internal Does `source`, which has settled, decide alone what this one comes to? */
  _decides(_source: Future<unknown>): boolean {
    return false;
  }

  /** @internal Is a member's failure what this one was made to look past? It then does not travel with a cancel. */
  _looksPastFailures(): boolean {
    return false;
  }

  /** @internal One has decided: the owner's others are cancelled and waited for, all others let go. */
  _stopOthers(): void {
    const owner = this._owner;
    for (const member of this._members) {
      if (owner !== undefined && member._state === RESOLVED && member !== this._decided)
        member._abandon(owner);
    }
    const succeeded = this._decided?._state === RESOLVED;
    // Each gets a cancel of its own: what one's clean-up throws is not told for the others too.
    this._release(() => new CancelledError(succeeded ? "another one was first" : "another one failed"));
  }

  /** @internal Settle; nobody has cancelled this one, and nobody is waited for any more. */
  abstract _conclude(): void;

  /** @internal What is made of the members, such as "race". */
  abstract _kind(): string;

  /** @internal Are they all wanted, and not one of them? */
  _wantsAll(): boolean {
    return true;
  }

  /** @internal Those that it waits for still. */
  _pending(): readonly Future<unknown>[] {
    return this._members.filter((member) => member._state === PENDING);
  }

  /** Those that it waits for. */
  override _describe(isNow?: boolean): string {
    const pending = this._pending();
    return `${this._kind()} of ${listInWords(pending, pending.length, isNow)}`;
  }

  /** @internal The end of a subclass's constructor: members that are settled already answer inside of it. */
  _begin(): void {
    this._listenTo(this._members);
  }

  /** @internal Begin, or go on after a rest. */
  _listenTo(members: readonly Future<unknown>[]): void {
    this._listening = false;
    for (let i = 0; i < members.length; i++) (members[i] as Future<unknown>)._listen(this);
    this._listening = true;
    if (this._decided !== undefined) this._stopOthers();
    if (this._missing === 0) this._finish();
  }

  /** @internal May it do without its members while nobody waits for it? Not if it is to stop some of them. */
  _mayRest(): boolean {
    return this._owner === undefined;
  }

  override _rest(): void {
    if (this._mayRest()) nest(rest, this, undefined);
  }

  override _wake(): void {
    if (this._resting !== undefined) nest(wake, this, undefined);
  }

  override _listen(listener: Listener): void {
    this._wake();
    super._listen(listener);
  }

  override _awaits(): readonly Future<unknown>[] {
    return this._members;
  }

  settled(source: Future<unknown>): void {
    this._missing--;
    if (this._decided === undefined && this._cancel === undefined && this._decides(source)) {
      this._decided = source;
      if (this._listening) this._stopOthers();
    }
    if (this._missing === 0 && this._listening && this._state === PENDING) nest(finish, this, undefined);
  }

  isWaitedFor(): Future<unknown> {
    return this;
  }

  /** Members that belong to others than the owner are let go; the owner's own are cancelled and waited for. */
  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return owner === this._owner && this.#stop(reason);
  }

  /** As when its owner is cancelled: what belongs to the owner stops too, and is waited for. */
  override cancel(reason?: unknown): boolean {
    if (this.done()) return false;
    this.#stop(toCancelledError(reason));
    return true;
  }

  /** The failure came from a member: who takes this one's takes that one's. */
  override _take(): void {
    if (this._failed === undefined) super._take();
    else {
      this._taken = true;
      nest(take, this._failed, undefined);
    }
  }

  override _unheard(): void {
    if (this._failed === undefined) super._unheard();
    else nest(unheard, this._failed, undefined);
  }

  override _abandon(owner: object): void {
    if (owner === this._owner) nest(abandonMembers, this, owner);
  }

  /** @internal The owner will not receive what its members came to. */
  _abandonMembers(owner: object): void {
    // The others were abandoned when this one decided.
    if (this._decided !== undefined) this._decided._abandon(owner);
    else for (const member of this._members) if (member._state === RESOLVED) member._abandon(owner);
  }

  /** @internal Cancel the owner's members and wait for them; let go of all others. */
  _release(reasonFor: () => CancelledError): void {
    for (const member of this._members) {
      if (member._state !== PENDING) continue;
      if (this._owner !== undefined && member._cancelOwned(this._owner, reasonFor())) continue;
      // One that was cancelled on the spot has said so itself.
      if (member._state === PENDING) this._letGo(member);
    }
  }

  /** @internal Wait for `member` no longer. */
  _letGo(member: Future<unknown>): void {
    member._unlisten(this);
    this._missing--;
  }

  #stop(reason: CancelledError): boolean {
    if (this.done()) return false;
    // A second cancel finds members that were stopped, or let go, already.
    if (this._cancel !== undefined) return true;
    this._cancel = reason;
    nest(stop, this, reason);
    return this._state === PENDING;
  }

  /** @internal Settle, unless that has happened. */
  _finish(): void {
    if (this._state !== PENDING) return;
    const cancel = this._cancel;
    if (cancel === undefined) {
      this._conclude();
      return;
    }
    // Nobody will get another error than the cancel: the others travel with it.
    for (const member of this._members) {
      if (member._state === RESOLVED || member._state === PENDING) continue;
      const dropped = member._state === FAILED && this._looksPastFailures();
      if (!member._taken && !dropped) cancel.suppressed.push(...errorsBeside(member, cancel));
      member._take();
    }
    this._settle(CANCELLED, cancel);
  }
}

// For `nest`: each may go on into a combinator inside of this one, and so on.

function rest(combined: Combined<unknown>): void {
  if (combined._state !== PENDING || combined._listeners !== undefined || combined._resting !== undefined)
    return;
  // When one has decided, or it was cancelled, it is about to end.
  if (combined._decided !== undefined || combined._cancel !== undefined) return;
  combined._resting = combined._members.filter((member) => member._state === PENDING);
  for (const member of combined._resting) member._drop(combined);
  // Of what has failed already nobody would hear.
  for (const member of combined._members) if (!member._taken && isFailure(member)) member._unheard();
}

function wake(combined: Combined<unknown>): void {
  const members = combined._resting;
  combined._resting = undefined;
  if (members !== undefined) combined._listenTo(members);
}

function finish(combined: Combined<unknown>): void {
  combined._finish();
}

function stop(combined: Combined<unknown>, reason: CancelledError): void {
  // At once, because the clean-up of the others may wait for what these hold.
  if (combined._owner !== undefined) combined._abandon(combined._owner);
  if (combined._decided === undefined) combined._release(() => reason);
  if (combined._missing === 0) combined._finish();
}

function abandonMembers(combined: Combined<unknown>, owner: object): void {
  combined._abandonMembers(owner);
}

function take(failed: Future<unknown>): void {
  failed._take();
}

function unheard(failed: Future<unknown>): void {
  failed._unheard();
}

/** What `member`, which did not get a result, has to tell to somebody who has `cancel` already. */
export function errorsBeside(member: Future<unknown>, cancel: CancelledError | undefined): unknown[] {
  const error = member._value;
  if (error === cancel) return [];
  return error instanceof CancelledError ? error.suppressed : [error];
}

/**
 * Settles when *all* members have, also when one fails early; or, on request, when the first fails.
 *
 * Fails with the first failure in the order of the members, not of time; the
 * other failures go to `onOthers`, because a caller receives only one. With
 * `failFast` it is the first in time.
 *
 * Source: Tornado `gen.multi`.
 */
export class AllFuture<R> extends Combined<R> {
  readonly #assemble: Assemble<R>;
  readonly #onOthers: (others: unknown[]) => void;
  readonly #failFast: boolean;

  constructor(
    members: readonly Future<unknown>[],
    owner: object | undefined,
    assemble: Assemble<R>,
    onOthers: (others: unknown[]) => void,
    failFast = false,
  ) {
    super(members, owner);
    this.#assemble = assemble;
    this.#onOthers = onOthers;
    this.#failFast = failFast;
    this._begin();
  }

  override _kind(): string {
    return "all";
  }

  override _mayRest(): boolean {
    return !this.#failFast || super._mayRest();
  }

  override _decides(source: Future<unknown>): boolean {
    return this.#failFast && source._state !== RESOLVED;
  }

  /** One that fails fast may be over before any one of them. */
  override _awaits(): readonly Future<unknown>[] {
    return this.#failFast && this._members.length > 1 ? [] : this._members;
  }

  override _conclude(): void {
    let failed = this._decided;
    let others: unknown[] | undefined;
    for (const member of this._members) {
      if (member._state === RESOLVED || member._state === PENDING) continue;
      if (failed === undefined) failed = member;
      else if (member !== failed) {
        member._take();
        if (member._value === failed._value) continue;
        others ??= [];
        // That others were cancelled is no news; what their clean-ups threw is.
        others.push(...errorsBeside(member, undefined));
      }
    }
    this._failed = failed;
    if (others !== undefined && others.length > 0) this.#onOthers(others);
    if (failed === undefined) this._settle(RESOLVED, this.#assemble(this._members));
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
  source._listen({ settled: () => nest(handOn<T>, target, source) });
}

function handOn<T>(target: Future<T>, source: Future<T>): void {
  if (target._state !== PENDING) return;
  if (source._state !== RESOLVED) source._take();
  target._settle(source._state, source._value);
}
