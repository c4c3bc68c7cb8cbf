/** Waiting for time: `sleep`, and a limit on any other wait. */
import { CancelledError, checkDurationMs, TimeoutError, toCancelledError } from "../base/index.ts";
import { CANCELLED, FAILED, Future, type Listener, nest, PENDING } from "../future/index.ts";
import { IOLoop, type Timeout } from "../loop/index.ts";
import { convertYielded } from "./convert.ts";
import { currentCoroutine } from "./coroutine.ts";
import { logFailure, logLateFailure, type QuietErrors } from "./late.ts";
import { Owned } from "./owned.ts";
import type { Resolved } from "./types.ts";

// What a timer calls is given its Future, so that one who looks at the timer finds who waits for it.

function wake(future: Sleep): void {
  future.setResult();
}

function expire(future: Limited<unknown>, cancel: boolean | undefined): void {
  future.expire(cancel);
}

/** The Future that `timeout` settles or limits; `undefined` where it is for something else. */
export function timedFuture({ _callback: callback, _args: args }: Timeout): Future<unknown> | undefined {
  return callback === wake || callback === expire ? (args[0] as Future<unknown>) : undefined;
}

/** Time must have passed before it is told how much of a sleep is left: as much as is rounded to. */
const LEAST_TOLD_MS = 1;

/** A Future that a timer settles; the timer goes when its owner is cancelled. */
class Sleep extends Future<void> {
  readonly #loop = IOLoop.current();
  readonly #owner = currentCoroutine();
  readonly #timeout: Timeout;
  readonly #ms: number;

  constructor(ms: number) {
    super();
    this.#ms = ms;
    this.#timeout = this.#loop.callLater(ms, wake, this);
  }

  override _describe(): string {
    const text = `sleep ${Math.round(this.#ms)} ms`;
    const leftMs = this.#timeout.deadlineMs - this.#loop.time();
    // Of one that begins now nothing else is to be told, though some of it has passed in any case.
    return this.#ms - leftMs < LEAST_TOLD_MS ? text : `${text}, ${Math.max(Math.round(leftMs), 0)} ms left`;
  }

  override cancel(reason?: unknown): boolean {
    this.#loop.removeTimeout(this.#timeout);
    return super.cancel(reason);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }
}

/**
 * A Future that is settled in `ms` milliseconds of the loop's time, in the next pass for 0.
 *
 * Suspends who yields it: always. Called without a yield it delays nothing.
 * Source: Tornado `gen.sleep`.
 *
 * @throws {RangeError} when `ms` is negative or not finite
 */
export function sleep(ms: number): Future<void> {
  return new Sleep(checkDurationMs(ms, "sleep"));
}

export interface WithTimeoutOptions {
  /**
   * Cancel what was waited for when the limit passes? Default: what the running
   * coroutine started, while what others started goes on. `true` cancels that too,
   * `false` cancels nothing.
   */
  readonly cancel?: boolean;
  /** Errors of these classes are not logged when they come after the limit. */
  readonly quietErrors?: QuietErrors;
}

class Limited<T> extends Future<T> implements Listener {
  readonly #source: Future<T>;
  readonly #owner: object | undefined;
  readonly #limitMs: number;
  readonly #quietErrors: QuietErrors;
  readonly #loop = IOLoop.current();
  readonly #timer: Timeout;
  #expired = false;
  /** Is its outcome the source's? Not when that was let go, or the limit has passed. */
  #handedOn = false;

  constructor(source: Future<T>, owner: object | undefined, limitMs: number, options: WithTimeoutOptions) {
    super();
    this.#source = source;
    this.#owner = owner;
    this.#limitMs = limitMs;
    this.#quietErrors = options.quietErrors ?? [];
    this.#timer = this.#loop.callLater(limitMs, expire, this, options.cancel);
    source._listen(this);
  }

  settled(source: Future<unknown>): void {
    this.#loop.removeTimeout(this.#timer);
    if (this._state !== PENDING) return;
    if (this.#expired) {
      // Cancelled by the limit; its clean-up is over now, and what it failed with besides is kept.
      logFailure(source, this.#loop, this.#limitMs, this.#quietErrors);
      this._settle(FAILED, this.#error());
    } else nest(handOn, this, source);
  }

  isWaitedFor(): Future<unknown> {
    return this;
  }

  override _describe(isNow?: boolean): string {
    return `${this.#source._describe(isNow)}, at most ${Math.round(this.#limitMs)} ms`;
  }

  /** As when its owner is cancelled: what belongs to the owner stops too, and is waited for. */
  override cancel(reason?: unknown): boolean {
    if (this._state !== PENDING) return false;
    this.#stop(toCancelledError(reason));
    return true;
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    return owner === this.#owner && this.#stop(reason);
  }

  override _abandon(owner: object): void {
    if (owner === this.#owner) this.#source._abandon(owner);
  }

  /** Come to what the source came to. */
  handOn(source: Future<unknown>): void {
    if (this._state !== PENDING) return;
    this.#handedOn = true;
    this._settle(source._state, source._value);
  }

  /** A failure that is not the limit's own came from the source: who takes this one's takes that one's. */
  override _take(): void {
    super._take();
    if (this.#handedOn) this.#source._take();
  }

  override _unheard(): void {
    if (this.#handedOn) this.#source._unheard();
    else super._unheard();
  }

  #stop(reason: CancelledError): boolean {
    this.#loop.removeTimeout(this.#timer);
    nest(stop, this, reason);
    return this._state === PENDING;
  }

  /** What belongs to the owner stops, and is waited for; all else is let go. */
  stop(reason: CancelledError): void {
    if (this.#owner !== undefined && this.#source._cancelOwned(this.#owner, reason)) return;
    if (this._state !== PENDING) return;
    this.#source._unlisten(this);
    this._settle(CANCELLED, reason);
  }

  /** The limit has passed. */
  expire(cancel: boolean | undefined): void {
    this.#expired = true;
    const reason = `the limit of ${this.#limitMs} ms passed`;
    const stopping =
      cancel === true
        ? this.#source.cancel(reason)
        : cancel === undefined &&
          this.#owner !== undefined &&
          this.#source._cancelOwned(this.#owner, new CancelledError(reason));
    // What stops settles when its clean-up is over: `settled` goes on then.
    if (stopping || this._state !== PENDING) return;
    // It may live long, and is not to keep all limits that it has outlived.
    logLateFailure(this.#source._origin(), this.#limitMs, this.#quietErrors);
    this.#source._drop(this);
    this._settle(FAILED, this.#error());
  }

  #error(): TimeoutError {
    const what = this.#source instanceof Owned ? `"${this.#source}"` : "a Future";
    return new TimeoutError(
      `Cannot wait longer for ${what}: the limit of ${this.#limitMs} ms passed`,
      this.#limitMs,
    );
  }
}

// For `nest`: limits may stand inside of limits.

function handOn(limited: Limited<unknown>, source: Future<unknown>): void {
  limited.handOn(source);
}

function stop(limited: Limited<unknown>, reason: CancelledError): void {
  limited.stop(reason);
}

/**
 * Wait for `source`, but no longer than `limitMs`.
 *
 * When the limit passes first, what the running coroutine started is cancelled,
 * and its clean-up waited for; anything else is left to go on, and its failure
 * after the limit is logged, because nobody is left to receive it.
 *
 * Suspends: unless `source` is settled already.
 * Source: Tornado `gen.with_timeout`. Differs: a duration, never an instant.
 *
 * @param limitMs - milliseconds of loop time, so that a simulated loop can skip them; 0 gives the next pass as the limit
 * @param source - anything that may be yielded
 * @throws {TimeoutError} at the yield, `GYRE_TIMEOUT`, when the limit passes first
 * @throws {RangeError} when `limitMs` is negative or not finite
 */
export function withTimeout<X>(
  limitMs: number,
  source: X,
  options: WithTimeoutOptions = {},
): Future<Resolved<X>> {
  checkDurationMs(limitMs, "wait with a limit");
  const owner = currentCoroutine();
  const future = convertYielded(source, owner) as Future<Resolved<X>>;
  if (future.done()) return future;
  return new Limited(future, owner, limitMs, options);
}

/**
 * A promise as a Future: `const body = yield* until(response.json())`.
 *
 * `yield promise` does the same without the type.
 */
export function until<T>(promise: PromiseLike<T>): Future<Awaited<T>> {
  return convertYielded(promise, undefined) as Future<Awaited<T>>;
}
