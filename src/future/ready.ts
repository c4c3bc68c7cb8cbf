/**
 * The ready queue: what can go on, in the order in which it became ready.
 *
 * Settling a Future never runs its waiters inside the call that settles; they
 * are put here and run when the code that settled has returned. One queue
 * belongs to one loop. It stands below the loop because a Future must know
 * where its waiters go; when the queue is drained is the loop's affair (`onWork`).
 */

/** Something that can be put into a ready queue. */
export interface Ready {
  /** Run one step. Called once for each time that it was pushed; must not throw. */
  step(): void;
}

/** Steps that one drain runs at most before I/O gets its turn again. */
export const READY_BUDGET_STEPS = 10_000;
/** Time that one drain takes at most, in milliseconds, before I/O gets its turn again. */
export const READY_BUDGET_MS = 5;
/** Steps between two looks at the clock, which costs as much as a step. */
const CLOCK_STEPS = 256;

/** First in, first out; a ring, so that two coroutines that wake each other for ever need no new memory. */
export class ReadyQueue {
  #ring: (Ready | undefined)[] = new Array(64).fill(undefined);
  #head = 0;
  #size = 0;
  #draining = false;
  #signalled = false;
  readonly #onWork: () => void;
  readonly #onTurn: (() => void) | undefined;

  /**
   * @param onWork - called once when work arrives at a queue that is neither draining nor already signalled
   * @param onTurn - drains the queue for its loop; absent for a loop that does so in its passes only
   */
  constructor(onWork: () => void, onTurn?: () => void) {
    this.#onWork = onWork;
    this.#onTurn = onTurn;
  }

  /** How many steps wait to be run. */
  get size(): number {
    return this.#size;
  }

  /** Put `item` behind all that is ready already. */
  push(item: Ready): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
    if (!this.#draining && !this.#signalled) {
      this.#signalled = true;
      this.#onWork();
    }
  }

  /**
   * For a caller that has nothing of the user's below it on the stack and is about to settle something:
   * what becomes ready until `endTurn` runs there.
   *
   * @returns whether `endTurn` must be called; if not, a turn is on its way already
   */
  beginTurn(): boolean {
    if (this.#draining || this.#signalled || this.#onTurn === undefined) return false;
    this.#signalled = true;
    return true;
  }

  /** Run what became ready since `beginTurn`. */
  endTurn(): void {
    if (this.#size > 0) this.#onTurn?.();
    else this.#signalled = false;
  }

  /**
   * Run what is ready, and what becomes ready meanwhile, up to the budget.
   *
   * Does nothing when called from inside a drain: order is by queue, not by stack.
   *
   * @returns whether the queue is empty
   */
  drain(now: () => number): boolean {
    if (this.#draining) return false;
    this.#draining = true;
    this.#signalled = false;
    let steps = 0;
    let startedAtMs = 0;
    try {
      while (this.#size > 0) {
        const item = this.#ring[this.#head] as Ready;
        this.#ring[this.#head] = undefined;
        this.#head = (this.#head + 1) & (this.#ring.length - 1);
        this.#size--;
        item.step();
        if (++steps % CLOCK_STEPS !== 0) continue;
        if (steps === CLOCK_STEPS) startedAtMs = now();
        else if (steps >= READY_BUDGET_STEPS || now() - startedAtMs >= READY_BUDGET_MS) break;
      }
    } finally {
      this.#draining = false;
    }
    return this.#size === 0;
  }

  #grow(): void {
    const old = this.#ring;
    this.#ring = new Array(old.length * 2).fill(undefined);
    for (let i = 0; i < this.#size; i++) this.#ring[i] = old[(this.#head + i) & (old.length - 1)];
    this.#head = 0;
  }
}

let current: ReadyQueue | undefined;

/** The queue of the loop that runs now, or of the process's own loop. */
export function currentReadyQueue(): ReadyQueue {
  if (current === undefined)
    throw new Error("Cannot find the ready queue: no loop is loaded, import gyre's own door");
  return current;
}

/** Make `queue` the current one; returns the one before, to be restored. For loops only. */
export function enterReadyQueue(queue: ReadyQueue | undefined): ReadyQueue | undefined {
  const before = current;
  current = queue;
  return before;
}
