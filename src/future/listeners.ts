/** Who waits for a Future that very many wait for. */

/** A listener, as far as this file knows one; what it listens to stands above. */
interface Told<S> {
  settled(source: S): void;
}

/**
 * Listeners in the order in which they came, each with how often it listens.
 *
 * Leaving takes the same time for each, whoever leaves first.
 */
export class ManyListeners<S, L extends Told<S>> implements Told<S> {
  readonly #times = new Map<L, number>();

  constructor(listeners: readonly L[]) {
    for (const listener of listeners) this.add(listener);
  }

  get size(): number {
    return this.#times.size;
  }

  add(listener: L): void {
    this.#times.set(listener, (this.#times.get(listener) ?? 0) + 1);
  }

  delete(listener: L): this {
    const times = this.#times.get(listener) ?? 0;
    if (times > 1) this.#times.set(listener, times - 1);
    else this.#times.delete(listener);
    return this;
  }

  settled(source: S): void {
    for (const listener of this.all()) listener.settled(source);
  }

  /** Each of them, as often as it listens. */
  all(): L[] {
    const all: L[] = [];
    for (const [listener, times] of this.#times) for (let i = 0; i < times; i++) all.push(listener);
    return all;
  }
}
