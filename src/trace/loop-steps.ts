/** Who is in a step on one loop, and whose steps are due there, as far as `steps.ts` knows. */
export class LoopSteps {
  /** Do those that are ready go on in the order in which they were woken? */
  readonly inOrder: boolean;
  /** Who is in a step; each has begun in a step of the one before. */
  readonly open: number[] = [];
  /** Those of them whose wait or end is told: it may do something still, such as wake who waits for it. */
  readonly told: Set<number> = new Set();
  /** How often all that was ready has run. */
  turn = 0;
  /** Whose steps are due, in the order in which they were woken; nothing where one was taken out of turn. */
  #queue: (number | undefined)[] = [];
  #head = 0;
  /** Their places in it. */
  readonly #places = new Map<number, number>();

  constructor(inOrder: boolean) {
    this.inOrder = inOrder;
  }

  get readyCount(): number {
    return this.#places.size;
  }

  isReady(id: number): boolean {
    return this.#places.has(id);
  }

  /** It is none of them. */
  addReady(id: number): void {
    this.#places.set(id, this.#queue.push(id) - 1);
  }

  /** It is one of them. */
  takeReady(id: number): void {
    this.#queue[this.#places.get(id) as number] = undefined;
    this.#places.delete(id);
    if (this.#places.size > 0) return;
    this.#queue = [];
    this.#head = 0;
  }

  firstReady(): number | undefined {
    while (this.#head < this.#queue.length && this.#queue[this.#head] === undefined) this.#head++;
    return this.#queue[this.#head];
  }

  takeFirst(): number | undefined {
    const id = this.firstReady();
    if (id !== undefined) this.takeReady(id);
    return id;
  }
}
