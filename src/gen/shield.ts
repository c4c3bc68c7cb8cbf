/** Waits that a cancel does not reach. */
import type { CancelledError } from "../base/index.ts";
import { Future, type Listener, nest, PENDING } from "../future/index.ts";
import { convertYielded } from "./convert.ts";
import { currentCoroutine, startCoroutine } from "./coroutine.ts";
import type { CoroutineGenerator, Resolved, ResultOf } from "./types.ts";

/** The outcome of another Future, which a cancel of this one's waiter does not reach. */
class Shielded<T> extends Future<T> implements Listener {
  readonly #source: Future<T>;
  #handedOn = false;
  #resting = false;

  constructor(source: Future<T>) {
    super();
    this.#source = source;
    source._listen(this);
  }

  override _awaits(): readonly Future<unknown>[] {
    return [this.#source];
  }

  override _origin(): Future<unknown> {
    return this.#source._origin();
  }

  override _rest(): void {
    nest(rest, this, undefined);
  }

  override _wake(): void {
    if (this.#resting) nest(wake, this, undefined);
  }

  override _listen(listener: Listener): void {
    this._wake();
    super._listen(listener);
  }

  /** Nobody waits any more: the source may live long, and is not to keep this one. */
  letGo(): void {
    if (this.#resting || this._listeners !== undefined || this._state !== PENDING) return;
    this.#resting = true;
    this.#source._drop(this);
  }

  /** Listen again. */
  goOn(): void {
    if (!this.#resting) return;
    this.#resting = false;
    this.#source._listen(this);
  }

  override _describe(isNow?: boolean): string {
    return `${this.#source._describe(isNow)}, shielded`;
  }

  settled(source: Future<unknown>): void {
    nest(handOn, this, source);
  }

  /** Come to what `source` came to. */
  handOn(source: Future<unknown>): void {
    if (this._state !== PENDING) return;
    this.#handedOn = true;
    this._settle(source._state, source._value);
  }

  isWaitedFor(): Future<unknown> {
    return this;
  }

  /** Only this one: whoever waits for it is let go. */
  override cancel(reason?: unknown): boolean {
    this.#source._unlisten(this);
    return super.cancel(reason);
  }

  /** The failure is the source's: who takes this one's takes that one's. */
  override _take(): void {
    this._taken = true;
    if (this.#handedOn) this.#source._take();
  }

  override _unheard(): void {
    this.#source._unheard();
  }

  override _abandon(owner: object): void {
    this.#source._abandon(owner);
  }
}

function rest(shielded: Shielded<unknown>): void {
  shielded.letGo();
}

function wake(shielded: Shielded<unknown>): void {
  shielded.goOn();
}

function handOn(shielded: Shielded<unknown>, source: Future<unknown>): void {
  shielded.handOn(source);
}

/** As `Shielded`, but who waits goes on waiting when it is cancelled. */
class Uncut<T> extends Shielded<T> {
  readonly #owner: object | undefined = currentCoroutine();

  override _cancelOwned(owner: object, _reason: CancelledError): boolean {
    return owner === this.#owner && this._state === PENDING;
  }

  override cancel(): boolean {
    return this._state === PENDING;
  }
}

/**
 * Keep a cancel of the running coroutine away from what it waits for.
 *
 * `yield* shield(source)`: when the coroutine is cancelled, it is let go with its `CancelledError`, and
 * `source` goes on. If it is its child, nobody waits for it then, and it is reported as an orphan when the
 * coroutine ends, unless it was detached: `shield(detach(save(), "may end after the answer"))`.
 *
 * `yield* shield(function* () { ... })`: the function runs as a child to its end first, and then the cancel
 * is thrown here. For a clean-up that waits: nothing can tell that a coroutine is already in its `finally`
 * when a cancel comes, and an unshielded wait there would be cut. What the block throws is kept on the
 * cancel's `suppressed`. A limit around it, `withTimeout(50, shield(function* () { ... }))`, waits for it too.
 *
 * Suspends: unless the source is settled, or the block ends, without a wait.
 * Source: asyncio `shield` for the first, Trio `CancelScope(shield=True)` for the second.
 *
 * @throws {BadYieldError} when `source` cannot be waited for
 */
export function shield<T>(block: () => CoroutineGenerator<T>): Future<Awaited<T>>;
export function shield<R>(block: () => R): Future<ResultOf<R>>;
export function shield<const X>(source: X): Future<Resolved<X>>;
export function shield(given: unknown): Future<unknown> {
  if (typeof given === "function") return new Uncut(startCoroutine(given as () => unknown, undefined, []));
  return new Shielded(convertYielded(given, currentCoroutine()));
}
