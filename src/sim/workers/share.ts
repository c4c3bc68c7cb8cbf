/** Which part of a search is whose, where several threads search. */

/** Subtrees begin after so many decisions: enough of them that none is left with much more than the others. */
const DEPTH = 6;

export class Share {
  readonly at: number;
  readonly count: number;
  /** Which subtree an exhaustive search is in, in the order of finding them. */
  #subtree = 0;

  /** @param at - whose, of `count`, from 0 */
  constructor(at = 0, count = 1) {
    this.at = at;
    this.count = count;
  }

  /** Is the `number`th thing of a list that all find in the same order for this one? */
  isMine(number: number): boolean {
    return number % this.count === this.at;
  }

  /**
   * The first schedule of a subtree shows what is in it, so everyone runs that; what else is in it, only its owner.
   *
   * @param length - decisions of the run that has ended
   * @returns how many of them may be varied in this subtree
   */
  depthToVary(length: number): number {
    return this.count === 1 || this.isMine(this.#subtree) ? length : Math.min(length, DEPTH);
  }

  /** The next run differs from the last one first at the decision `at`. */
  goOnAt(at: number): void {
    if (at < DEPTH) this.#subtree++;
  }
}
