/**
 * The ready queue: what can go on, in the order in which it became ready.
 *
 * Settling a Future never runs its waiters inside the call that settles; they
 * are put here and run when the code that settled has returned. One queue
 * belongs to one loop. It stands below the loop because a Future must know
 * where its waiters go; when the queue is drained is the loop's affair (`ReadyHost`).
 */

/** Something that can be put into a ready queue. */
export interface Ready {
  /** Run one step. Called once for each time that it was pushed; must not throw. */
  step(): void;
}

/** What a ready queue needs of who has it drained. */
export interface ReadyHost {
  /** Milliseconds of the loop's clock, for the budget. */
  now(): number;
  /** Work has arrived at a queue that is neither draining nor already signalled: to have it drained soon. */
  onReady(): void;
  /** A turn of its own has used up the budget: to have the rest drained after I/O. */
  onSpent(): void;
}

/** Steps that one drain runs at most before I/O gets its turn again. */
export const READY_BUDGET_STEPS = 10_000;
/** Time that one drain takes at most, in milliseconds, before I/O gets its turn again. */
export const READY_BUDGET_MS = 5;
/** Steps between two looks at the clock, which costs as much as a step. */
const CLOCK_STEPS = 256;

/** Few: a simulation makes a loop for each of its runs. */
const FIRST_CAPACITY = 8;

/** How often some queue has begun to run what is ready: what happens in one turn happens at the same time. */
export let turnCount = 0;

/** First in, first out; a ring, so that two coroutines that wake each other for ever need no new memory. */
export class ReadyQueue {
  #ring: (Ready | undefined)[] = new Array(FIRST_CAPACITY).fill(undefined);
  #head = 0;
  #size = 0;
  #draining = false;
  #signalled = false;
  /** Has a drain used up the budget? Then nothing runs before the loop has given I/O its turn. */
  #spent = false;
  #inTurn = false;
  /** What was current before the turn. */
  #outer: ReadyQueue | undefined = undefined;
  /** The loop that this queue belongs to; it stands above this layer. */
  readonly owner: object;
  readonly #host: ReadyHost;
  /** Does what is ready run in the order in which it became so? */
  readonly inOrder: boolean = true;
  /** How often all that was ready has run. */
  turnsOver = 0;
  /** May it be drained from a microtask now, and not in the loop's passes only? The loop says so. */
  ownTurns = false;

  constructor(owner: object, host: ReadyHost) {
    this.owner = owner;
    this.#host = host;
  }

  /** Does something of it run now? */
  get turning(): boolean {
    return this.#draining || this.#inTurn;
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
    if (!this.#draining && !this.#inTurn && !this.#spent) this.#signal();
  }

  /**
   * A turn of its own, for a caller that has nothing of the user's below it on the stack. This queue is current
   * until `endTurn`, and what becomes ready meanwhile runs there.
   *
   * @returns whether `endTurn` must be called; if not, a turn is on its way already
   */
  beginTurn(): boolean {
    // What is in the ring became ready before; and a spent budget is not to be had anew by way of a promise.
    if (this.#draining || this.#signalled || this.#spent || this.#size > 0 || !this.ownTurns) return false;
    turnCount++;
    this.#inTurn = true;
    this.#outer = enterReadyQueue(this);
    return true;
  }

  /** Run what became ready since `beginTurn`. */
  endTurn(): void {
    this.#inTurn = false;
    enterReadyQueue(this.#outer);
    if (this.#size === 0) this.turnsOver++;
    else if (!this.drain(true)) this.#host.onSpent();
  }

  /**
   * For a caller that has nothing of the user's below it on the stack: run `item` right now, and then what that
   * made ready; unless something is ready already, which comes first then.
   */
  runNow(item: Ready): void {
    if (!this.beginTurn()) {
      this.push(item);
      return;
    }
    try {
      item.step();
    } finally {
      this.endTurn();
    }
  }

  /** Run nothing more of it: not even the rest of a drain that is on the stack. For a loop that is abandoned. */
  abandon(): void {
    this.#ring = [undefined];
    this.#head = 0;
    this.#size = 0;
    this.#spent = true;
  }

  /** I/O has had its turn: what is ready may run again. */
  renewBudget(): void {
    this.#spent = false;
  }

  /**
   * Run what is ready, and what becomes ready meanwhile, up to the budget. This queue is current meanwhile.
   *
   * Does nothing when called from inside a drain: order is by queue, not by stack. Nor once the budget is
   * spent, until it is renewed.
   *
   * @param isSameTurn - it goes on with a turn that has been counted
   * @returns whether the queue is empty
   */
  drain(isSameTurn = false): boolean {
    if (this.#draining || this.#spent) return false;
    this.#signalled = false;
    if (this.#size === 0) return true;
    if (!isSameTurn) turnCount++;
    this.#draining = true;
    const before = enterReadyQueue(this);
    let steps = 0;
    let startedAtMs = 0;
    try {
      do {
        const item = this.#ring[this.#head] as Ready;
        this.#ring[this.#head] = undefined;
        this.#head = (this.#head + 1) & (this.#ring.length - 1);
        this.#size--;
        item.step();
        if (++steps % CLOCK_STEPS !== 0) continue;
        if (steps === CLOCK_STEPS) startedAtMs = this.#host.now();
        else this.#spent ||= steps >= READY_BUDGET_STEPS || this.#host.now() - startedAtMs >= READY_BUDGET_MS;
      } while (this.#size > 0 && !this.#spent);
    } finally {
      // A step must not throw; if one does all the same, the others still get their turn.
      enterReadyQueue(before);
      this.#draining = false;
      if (this.#size === 0) {
        this.#spent = false;
        this.turnsOver++;
      } else if (!this.#spent) this.#signal();
    }
    return this.#size === 0;
  }

  #signal(): void {
    if (this.#signalled) return;
    this.#signalled = true;
    this.#host.onReady();
  }

  #grow(): void {
    const old = this.#ring;
    this.#ring = new Array(old.length * 2).fill(undefined);
    for (let i = 0; i < this.#size; i++) this.#ring[i] = old[(this.#head + i) & (old.length - 1)];
    this.#head = 0;
  }
}

/** The queue of the loop whose pass or drain is on the stack. */
let current: ReadyQueue | undefined;
/** The queue for code that no loop has called. */
let base: ReadyQueue | undefined;

/** The queue of the loop that runs now; outside of any, that of the base loop. */
export function currentReadyQueue(): ReadyQueue {
  const queue = current ?? base;
  if (queue === undefined)
    throw new Error("Cannot find the ready queue: no loop is loaded, import gyre's own door");
  return queue;
}

/** A loop's code begins or ends on the stack. For loops only. @returns what was current before, to be restored */
export function enterReadyQueue(queue: ReadyQueue | undefined): ReadyQueue | undefined {
  const before = current;
  // A store of what is young into what is old costs more than a look.
  if (before !== queue) current = queue;
  return before;
}

/** Say whose queue it is for code that no loop has called. For loops only. */
export function setBaseReadyQueue(queue: ReadyQueue): void {
  base = queue;
}
