/** Who waits for a Future that very many wait for. */
import type { Future, Listener } from "./future.ts";

/**
 * Listeners in the order in which they came, each with how often it listens.
 *
 * Leaving takes the same time for each, whoever leaves first.
 */
export class ManyListeners implements Listener {
  readonly #times = new Map<Listener, number>();

  constructor(listeners: readonly Listener[]) {
    for (const listener of listeners) this.add(listener);
  }

  get size(): number {
    return this.#times.size;
  }

  add(listener: Listener): void {
    this.#times.set(listener, (this.#times.get(listener) ?? 0) + 1);
  }

  delete(listener: Listener): void {
    const times = this.#times.get(listener);
    if (times === undefined) return;
    if (times === 1) this.#times.delete(listener);
    else this.#times.set(listener, times - 1);
  }

  settled(source: Future<unknown>): void {
    for (const listener of this.all()) listener.settled(source);
  }

  /** Each of them, as often as it listens. */
  all(): Listener[] {
    const all: Listener[] = [];
    for (const [listener, times] of this.#times) for (let i = 0; i < times; i++) all.push(listener);
    return all;
  }
}
