/**
 * The three stores in a simulation: each operation is one of its own, which may end at any time that it leaves open.
 *
 * They keep the contracts of the real ones, and no more: what a contract leaves open is left to the search.
 */
import { Future } from "gyre";
import type { Latency, Sim } from "gyre/sim";
import { openTables, type StoreIO, type StoreOperation, type Stores } from "../../src/stores/index.ts";
import type { SimulatedDisk } from "./disk.ts";

export interface SimulatedStoresOptions {
  /** How long an operation takes. Default: any time. */
  readonly latency?: Latency;
  /**
   * Is a write synced by a step of its own? Then others see it before it is durable, and a crash may take it
   * back. Without it a write is durable as soon as it is seen.
   */
  readonly syncsApart?: boolean;
  /** What the clock of the stores shows when the simulation begins. Default 0. */
  readonly startMs?: number;
}

export function openSimulatedStores(
  sim: Sim,
  disk: SimulatedDisk,
  options: SimulatedStoresOptions = {},
): Stores {
  return openTables(new SimulationIO(sim, disk, options), disk.tables);
}

class SimulationIO implements StoreIO {
  readonly #sim: Sim;
  readonly #disk: SimulatedDisk;
  readonly #options: SimulatedStoresOptions;

  constructor(sim: Sim, disk: SimulatedDisk, options: SimulatedStoresOptions) {
    this.#sim = sim;
    this.#disk = disk;
    this.#options = options;
  }

  perform<T>(operation: StoreOperation, key: string, action: () => T): Future<T> {
    const label = `${operation} ${shorten(String(key))}`;
    if (this.#options.syncsApart === true && isWrite(operation)) return this.#writeApart(label, action);
    return this.#begin(label, () => {
      const result = this.#disk.write(action);
      this.#disk.sync();
      return result;
    });
  }

  nowMs(): number {
    return (this.#options.startMs ?? 0) + this.#sim.time();
  }

  #begin<T>(label: string, effect: () => T): Future<T> {
    const { latency } = this.#options;
    return this.#sim.io(label, effect, latency === undefined ? {} : { latency });
  }

  /** Two operations, one behind the other: the write, and what makes it durable. */
  #writeApart<T>(label: string, action: () => T): Future<T> {
    const written = new Future<T>();
    const writing = this.#begin(label, () => {
      const result = this.#disk.write(action);
      const mark = this.#disk.mark();
      const syncing = this.#begin(`sync of ${label}`, () => this.#disk.sync(mark));
      syncing.addDoneCallback(() => written.setResultUnlessCancelled(result));
    });
    writing.addDoneCallback((done) => {
      const error = done.error();
      if (error !== undefined && !written.cancelled()) written.setError(error);
    });
    return written;
  }
}

const READS: ReadonlySet<StoreOperation> = new Set<StoreOperation>([
  "keyValue.get",
  "keyValue.ttlMs",
  "keyValue.entries",
  "queue.list",
  "queue.length",
  "queue.has",
  "objects.info",
  "objects.open",
  "objects.read",
  "objects.close",
  "objects.list",
]);

/** Does the operation change what is kept? Pieces of an object that is not committed are kept by nobody. */
function isWrite(operation: StoreOperation): boolean {
  return !READS.has(operation) && !["objects.create", "objects.write", "objects.abort"].includes(operation);
}

/** Random keys are long, and differ at their ends. */
function shorten(key: string): string {
  if (key.length < 30) return key;
  const short = key.replace(/0{4,}/g, "..");
  return short.length <= 60 ? short : `${short.slice(0, 40)}..${short.slice(-18)}`;
}
