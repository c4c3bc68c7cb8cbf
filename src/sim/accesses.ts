/**
 * What one stretch of a run has looked at and changed, of all that coroutines
 * share: what was given to `shared()`, and gyre's locks, queues and the like.
 *
 * A stretch is all that runs from the end of one operation to the next decision.
 * Two stretches that touch nothing in common come to the same in either order.
 */

/** By key: was it changed? */
export type AccessSet = ReadonlyMap<string, boolean>;

/** Stands for everything: what cannot be told apart is taken to touch all. */
const ALL = "*";

export class Accesses {
  #current = new Map<string, boolean>();
  /**
   * Locks and the like, numbered in the order in which they are first touched. Up to a decision that is the same in
   * all runs that come to it; and what is new behind it has the same next number for each stretch that could follow,
   * so that two that touch something new are taken to touch the same.
   */
  readonly #numbers = new Map<object, number>();

  /** How many operations each coroutine has begun. */
  readonly #begun = new Map<number, number>();
  readonly #keys = new WeakMap<object, string>();

  /** `operation` was begun by the coroutine with the number `task`. */
  begin(operation: object, task: number): void {
    const ordinal = (this.#begun.get(task) ?? 0) + 1;
    this.#begun.set(task, ordinal);
    this.#keys.set(operation, `${task}.${ordinal}`);
    // Those of nobody are counted in the order in which they come.
    if (task === 0) this.write("(begin)");
  }

  /** Which operation it is, in a way that other runs say too. */
  keyOf(operation: object): string {
    return this.#keys.get(operation) as string;
  }

  read(key: string): void {
    if (!this.#current.has(key)) this.#current.set(key, false);
  }

  write(key: string): void {
    this.#current.set(key, true);
  }

  /** A lock or the like, which each use may change. */
  touch(shared: object): void {
    let number = this.#numbers.get(shared);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(shared, number);
    }
    this.write(`#${number}`);
  }

  /** Something happened whose effects are not known. */
  touchAll(): void {
    this.write(ALL);
  }

  /** The stretch is over. */
  take(): AccessSet {
    const taken = this.#current;
    this.#current = new Map();
    return taken;
  }
}

/** May two stretches come to something else in the other order? */
export function isConflict(one: AccessSet, other: AccessSet): boolean {
  if (one.has(ALL) || other.has(ALL)) return true;
  for (const [key, isWrite] of one) {
    const second = other.get(key);
    if (second !== undefined && (isWrite || second)) return true;
  }
  return false;
}
