/** The next event of an emitter. */
import type { EventEmitter } from "node:events";
import { type CancelledError, describe } from "../base/index.ts";
import { FAILED, Future, RESOLVED } from "../future/index.ts";
import { currentCoroutine } from "./coroutine.ts";
import { checkSignal } from "./signal.ts";

export interface OnceOptions {
  /** Its abort ends the wait: who waits gets a `CancelledError` with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What `once` can listen to. */
export type EventSource = Pick<NodeJS.EventEmitter, "once" | "off"> | EventTarget;

class Once extends Future<unknown[]> {
  readonly #owner = currentCoroutine();
  readonly #event: string | symbol;
  /** Takes the listeners off, in a box until they are all on. */
  readonly #offs: (() => void)[] = [];

  constructor(source: EventSource, event: string | symbol, signal: AbortSignal | undefined) {
    super();
    this.#event = event;
    this.#listen(source, event, (...args) => this._settle(RESOLVED, args));
    if (event !== "error" && !isEventTarget(source))
      this.#listen(source, "error", (error) => this._settle(FAILED, error));
    if (signal !== undefined) this.#listen(signal, "abort", () => this.cancel(signal.reason));
  }

  override _describe(): string {
    return `the event ${String(this.#event)}`;
  }

  override _settle(state: number, value: unknown): void {
    for (const off of this.#offs) off();
    super._settle(state, value);
  }

  override _cancelOwned(owner: object, reason: CancelledError): boolean {
    if (owner === this.#owner) this.cancel(reason.reason);
    return false; // settled on the spot, if at all
  }

  #listen(source: EventSource, event: string | symbol, listener: (...args: unknown[]) => void): void {
    if (isEventTarget(source)) {
      source.addEventListener(String(event), listener, { once: true });
      this.#offs.push(() => source.removeEventListener(String(event), listener));
    } else {
      source.once(event, listener);
      this.#offs.push(() => source.off(event, listener));
    }
  }
}

/** An emitter that has both ways, as some of Node's, is an emitter: only that one has errors. */
function isEventTarget(source: EventSource): source is EventTarget {
  return typeof (source as Partial<NodeJS.EventEmitter>).once !== "function";
}

/**
 * Wait for the next `event` of an EventEmitter or EventTarget: `const [request] = yield* once(server, "request")`.
 *
 * Gives the arguments of its listener as an array; of an EventTarget `[event]`. An "error" of an emitter that
 * comes first is thrown, unless it is what is waited for. It listens from the call on, so an event between
 * the call and the yield is not missed; all listeners are gone when it is settled, which a cancel of the
 * coroutine that called it does too.
 *
 * Suspends: always. Source: `node:events` `once`.
 *
 * @throws {TypeError} when `source` has no events, or the signal is none
 */
export function once<M extends Record<keyof M, unknown[]>, K extends keyof M & (string | symbol)>(
  source: EventEmitter<M>,
  event: K,
  options?: OnceOptions,
): Future<M[K]>;
export function once(source: EventTarget, event: string, options?: OnceOptions): Future<[Event]>;
export function once<A extends unknown[] = unknown[]>(
  source: EventSource,
  event: string | symbol,
  options?: OnceOptions,
): Future<A>;
export function once(
  source: EventSource,
  event: string | symbol,
  options: OnceOptions = {},
): Future<unknown[]> {
  const kind = source as Partial<NodeJS.EventEmitter & EventTarget> | null | undefined;
  if (typeof kind?.once !== "function" && typeof kind?.addEventListener !== "function") {
    throw new TypeError(
      `Cannot wait for an event: came ${describe(source)}, an EventEmitter or EventTarget is wanted`,
    );
  }
  const { signal } = options;
  if (signal !== undefined) {
    checkSignal(signal, "wait for an event");
    if (signal.aborted) {
      const aborted = new Future<unknown[]>();
      aborted.cancel(signal.reason);
      return aborted;
    }
  }
  return new Once(source, event, signal);
}
