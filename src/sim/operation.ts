/** One simulated operation: pending until the simulation says that it is over. */
import { describe } from "../base/index.ts";
import { FAILED, Future, isThenable, type Listener, PENDING, RESOLVED } from "../future/index.ts";
import { Coroutine, currentCoroutine, isGenerator } from "../gen/index.ts";
import { UncontrolledAwaitError } from "./errors.ts";
import type { Peer } from "./peer.ts";

/** Who brings it to its end. */
export interface OperationHost {
  /** It was cancelled, and happens no more. */
  drop(operation: Operation): void;
  /** The run fails by `error`. */
  failWith(error: unknown): unknown;
}

/** How long after its beginning it may end, and when it does if nothing is decided; milliseconds of virtual time. */
export interface Window {
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly usualMs: number;
}

/** Any time from now on; where nothing is decided, in the order in which they were begun. */
const USUAL_MS = 1;

export class Operation extends Future<unknown> {
  readonly label: string;
  /** Who began it. */
  readonly work: Coroutine<unknown> | undefined = currentCoroutine();
  /** When it was begun; its window counts from there. */
  readonly #begunMs: number;
  /** `undefined` for the usual one. */
  readonly #window: Window | undefined;
  /** The process it is of; `undefined` for the main one, and for one that is gone. */
  peer: Peer | undefined = undefined;
  /** Has anybody ever waited for it? */
  isAwaited = false;
  readonly #host: OperationHost;
  readonly #effect: () => unknown;

  constructor(
    host: OperationHost,
    label: string,
    effect: () => unknown,
    nowMs: number,
    window: Window | undefined,
  ) {
    super();
    this.#host = host;
    this.label = label;
    this.#effect = effect;
    this.#begunMs = nowMs;
    this.#window = window;
  }

  /** Has it a window of its own? */
  get isWindowed(): boolean {
    return this.#window !== undefined;
  }

  get earliestMs(): number {
    return this.#begunMs + (this.#window === undefined ? 0 : this.#window.earliestMs);
  }

  get latestMs(): number {
    return this.#window === undefined ? Number.POSITIVE_INFINITY : this.#begunMs + this.#window.latestMs;
  }

  get usualMs(): number {
    return this.#begunMs + (this.#window === undefined ? USUAL_MS : this.#window.usualMs);
  }

  override _describe(): string {
    return `"${this.label}"`;
  }

  override _detach(): void {
    this.isAwaited = true;
  }

  override _listen(listener: Listener): void {
    this.isAwaited = true;
    super._listen(listener);
  }

  /** It does not happen any more. A coroutine that stops waiting for it does not cancel it: what was sent is sent. */
  override cancel(reason?: unknown): boolean {
    if (this._state === PENDING) this.#host.drop(this);
    return super.cancel(reason);
  }

  /** Its effect happens, now. */
  happen(): void {
    let value: unknown;
    let state = RESOLVED;
    try {
      value = this.#effect();
      if (typeof value === "object" && value !== null) this.#checkGiven(value);
    } catch (error) {
      state = FAILED;
      value = error;
    }
    if (this._state === PENDING) this._settle(state, value);
  }

  /** What waits itself would go on behind the simulation's back, or not at all. */
  #checkGiven(value: object): void {
    if (value instanceof Future || isGenerator(value)) {
      throw this.#host.failWith(
        new TypeError(
          `Cannot simulate "${this.label}": its effect gave back ${describe(value)}, the result itself is wanted (is it a coroutine? then yield that beside the operation)`,
        ),
      );
    }
    if (isThenable(value))
      throw this.#host.failWith(new UncontrolledAwaitError(`"${this.label}"`, ": its effect is async"));
  }

  /** `"read" of worker #3`, the number as this run counts. */
  inWords(baseId: number): string {
    const top = this.top();
    return top === undefined ? this._describe() : `${this._describe()} of ${top.name} #${top.id - baseId}`;
  }

  /** The coroutine that waits for it; who began it when none does. */
  waiter(): Coroutine<unknown> | undefined {
    return this._listeners instanceof Coroutine ? this._listeners : this.work;
  }

  /** The coroutine at the top of those that wait for it, one for the other; who began it when none waits. */
  top(): Coroutine<unknown> | undefined {
    let top = this.work;
    for (let listener = this._listeners; listener instanceof Coroutine; listener = top._listeners)
      top = listener;
    return top;
  }
}
