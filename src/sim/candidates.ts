/** What may come next where time counts: the operations whose windows are open, and what is due by itself. */
import type { Operation } from "./operation.ts";
import type { Peer } from "./peer.ts";

/** A place that is no operation: the next timer, or the loop's next pass. */
export const LOOP = -1;
/** The place of the first of the peers; the others are below it. */
export const PEER = -3;

/** What it looks at. */
export interface CandidatesHost {
  /** In the order in which they would end if nothing were decided. */
  readonly pending: readonly Operation[];
  /** Processes beside the main one. */
  readonly peers: readonly Peer[];
  /** How late timers may be, in milliseconds. */
  readonly timersLateMs: number;
  now(): number;
}

/** Found anew for each decision, in the same memory. */
export class Candidates {
  /** Of each: its place among the pending operations, LOOP, or a peer by PEER. */
  readonly places: number[] = [];
  readonly #host: CandidatesHost;
  /** What goes on by itself, the earliest first: LOOP and peers, and when. */
  readonly #dues: number[] = [];
  readonly #dueAtMs: number[] = [];

  constructor(host: CandidatesHost) {
    this.#host = host;
  }

  /** @param timerMs - when the loop goes on by itself; `undefined` for never */
  find(timerMs: number | undefined): void {
    this.#lookWhatIsDue(timerMs);
    const { pending } = this.#host;
    const bound = this.boundMs();
    this.places.length = 0;
    let due = 0;
    for (let at = 0; at < pending.length; at++) {
      const operation = pending[at] as Operation;
      due = this.#addDues(due, Math.min(operation.usualMs, bound));
      if (operation.earliestMs <= bound) this.places.push(at);
    }
    // Not where an operation has to end before it.
    this.#addDues(due, bound);
  }

  /** The instant that cannot be passed before something has happened. */
  boundMs(): number {
    const { pending, timersLateMs } = this.#host;
    const [firstMs = Number.POSITIVE_INFINITY] = this.#dueAtMs;
    let bound = firstMs + timersLateMs;
    for (const { latestMs } of pending) if (latestMs < bound) bound = latestMs;
    return Math.max(bound, this.#host.now());
  }

  #lookWhatIsDue(timerMs: number | undefined): void {
    this.#dues.length = 0;
    this.#dueAtMs.length = 0;
    if (timerMs !== undefined) this.#addDue(LOOP, timerMs);
    for (const [at, peer] of this.#host.peers.entries()) {
      const atMs = peer.dueAtMs();
      if (atMs !== undefined) this.#addDue(PEER - at, atMs);
    }
  }

  #addDue(place: number, atMs: number): void {
    let at = this.#dues.length;
    for (; at > 0 && (this.#dueAtMs[at - 1] as number) > atMs; at--) {
      this.#dues[at] = this.#dues[at - 1] as number;
      this.#dueAtMs[at] = this.#dueAtMs[at - 1] as number;
    }
    this.#dues[at] = place;
    this.#dueAtMs[at] = atMs;
  }

  /** What is due at `latestMs` at the latest can come now. @returns the place of the first that was not added */
  #addDues(from: number, latestMs: number): number {
    let at = from;
    for (; at < this.#dues.length && (this.#dueAtMs[at] as number) <= latestMs; at++) {
      this.places.push(this.#dues[at] as number);
    }
    return at;
  }
}
