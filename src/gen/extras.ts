/**
 * What only few coroutines have: clean-ups, and an AbortSignal. It is kept beside
 * them, so that the others pay one look at a bit, at their end and when cancelled.
 */
import { CancelledError, suppress } from "../base/index.ts";
import { FAILED, Future, type Listener, PENDING, RESOLVED, type Ready } from "../future/index.ts";
import type { Owned } from "./owned.ts";

/** Bit of `_flags`: has extras. */
export const HAS_EXTRAS = 32;

/** A function that runs when a coroutine ends. */
export type CleanUp = () => unknown;

/** Clean-ups, in the order in which they were registered, and what `signal()` gave out. */
export interface Extras {
  readonly cleanUps: Map<object, CleanUp>;
  controller: AbortController | undefined;
}

const extras = new WeakMap<Owned<unknown>, Extras>();

/** The extras of `owned`, which has them from now on. */
export function extrasOf(owned: Owned<unknown>): Extras {
  let found = extras.get(owned);
  if (found === undefined) {
    found = { cleanUps: new Map(), controller: undefined };
    extras.set(owned, found);
    owned._flags |= HAS_EXTRAS;
  }
  return found;
}

/** Take the extras away: what is registered from now on is for a later end. */
export function takeExtras(owned: Owned<unknown>): Extras {
  const taken = extrasOf(owned);
  extras.delete(owned);
  owned._flags &= ~HAS_EXTRAS;
  return taken;
}

/** `owned` is cancelled: so is what it gave its signal to. */
export function abortSignal(owned: Owned<unknown>, reason: CancelledError | undefined): void {
  extrasOf(owned).controller?.abort(reason);
}

/** What a clean-up runs as, to be waited for; it can be ended without waiting when the loop is closed. */
export interface CleaningUp extends Future<unknown> {
  _endNow(reason: CancelledError): void;
}

/**
 * Runs the clean-ups of a coroutine whose body is over, the last registered one
 * first, each when the one before has ended; then settles with what the body
 * came to. What the clean-ups throw is added to that.
 */
export class Ending extends Future<unknown> implements Listener, Ready {
  readonly #owner: Owned<unknown>;
  readonly #cleanUps: CleanUp[];
  readonly #start: (fn: CleanUp) => CleaningUp;
  #outcome: { state: number; value: unknown };
  #current: CleaningUp | undefined = undefined;

  constructor(
    owner: Owned<unknown>,
    cleanUps: Iterable<CleanUp>,
    start: (fn: CleanUp) => CleaningUp,
    state: number,
    value: unknown,
  ) {
    super();
    this.#owner = owner;
    this.#cleanUps = [...cleanUps];
    this.#start = start;
    this.#outcome = { state, value };
  }

  override _awaits(): readonly Future<unknown>[] {
    return this.#current === undefined ? [] : [this.#current];
  }

  override _describe(isNow?: boolean): string {
    return this.#current === undefined ? "its clean-up" : `its clean-up ${this.#current._describe(isNow)}`;
  }

  /** A clean-up is not cut: who is cancelled waits for its end. */
  override _cancelOwned(owner: object): boolean {
    return owner === this.#owner;
  }

  settled(): void {
    // Not inside the settling call, because the next clean-up is the user's code.
    this.#owner._loop._ready.push(this);
  }

  /** One turn: go on behind the clean-up that has ended. */
  step(): void {
    if (this._state !== PENDING) return;
    const ended = this.#current;
    this.#current = undefined;
    if (ended !== undefined) this.#note(ended);
    for (let next = this.#cleanUps.pop(); next !== undefined; next = this.#cleanUps.pop()) {
      const running = this.#start(next);
      if (!running.done()) {
        this.#current = running;
        running._listen(this);
        return;
      }
      this.#note(running);
    }
    // Its owner is about to take it, even where it does not listen.
    this._taken = true;
    this._settle(this.#outcome.state, this.#outcome.value);
  }

  /** Settle now: what is left runs, and gets `reason` thrown at each wait. */
  endNow(reason: CancelledError): void {
    while (this._state === PENDING) {
      this.#current?._unlisten(this);
      this.#current?._endNow(reason);
      this.step();
    }
  }

  #note(cleanUp: Future<unknown>): void {
    if (cleanUp._state === RESOLVED) return;
    const error = cleanUp.error();
    // The owner's own cancel carries already what it was thrown in place of.
    if (error === this.#outcome.value) return;
    // To cancel a child and wait for it is the usual clean-up, and no failure.
    const errors = error instanceof CancelledError ? error.suppressed : [error];
    for (const each of errors) this.#add(each);
  }

  #add(error: unknown): void {
    const { state, value } = this.#outcome;
    if (state === RESOLVED) this.#outcome = { state: FAILED, value: error };
    else if (!suppress(value, error))
      this.#owner._loop.log.error(`Error in a clean-up of "${this.#owner}", which had failed before`, error);
  }
}
