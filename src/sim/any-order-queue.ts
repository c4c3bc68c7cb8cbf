/**
 * A ready queue that is not first in, first out: whatever is ready may go on next,
 * or an operation may end before it does.
 *
 * Only what every program may rely on stays as it is: those that wait for one and
 * the same Future go on in the order in which they began to.
 */
import { type Future, READY_BUDGET_STEPS, type Ready, ReadyQueue } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";

/** Decides, and lets operations end. */
export interface AnyOrderHost {
  /** Which of `items` goes on; or its count and more: an operation has ended instead. */
  chooseReady(items: readonly Ready[]): number;
}

export class AnyOrderQueue extends ReadyQueue {
  override readonly inOrder = false;
  readonly #host: AnyOrderHost;
  readonly #items: Ready[] = [];
  #isDraining = false;
  #isAbandoned = false;

  constructor(host: AnyOrderHost, ...of: ConstructorParameters<typeof ReadyQueue>) {
    super(...of);
    this.#host = host;
  }

  override get turning(): boolean {
    return this.#isDraining;
  }

  override get size(): number {
    return this.#items.length;
  }

  override push(item: Ready): void {
    if (!this.#isAbandoned) this.#items.push(item);
  }

  override abandon(): void {
    this.#isAbandoned = true;
    this.#items.length = 0;
  }

  override runNow(item: Ready): void {
    this.push(item);
  }

  override drain(): boolean {
    if (this.#isDraining) return false;
    this.#isDraining = true;
    const items = this.#items;
    try {
      for (let steps = 0; items.length > 0 && steps < READY_BUDGET_STEPS; steps++) {
        const first = firstOfEach(items);
        const at = this.#host.chooseReady(first);
        const chosen = first[at];
        if (chosen === undefined) continue;
        items.splice(items.indexOf(chosen), 1);
        chosen.step();
      }
    } finally {
      this.#isDraining = false;
    }
    if (items.length === 0) this.turnsOver++;
    return items.length === 0;
  }
}

/** Without those that wait for what one before them waits for. */
function firstOfEach(items: readonly Ready[]): readonly Ready[] {
  if (items.length < 2) return items.slice();
  const sources = new Set<Future<unknown>>();
  return items.filter((item) => {
    const source = item instanceof Coroutine ? item._waiting : undefined;
    if (source === undefined) return true;
    if (sources.has(source)) return false;
    sources.add(source);
    return true;
  });
}
