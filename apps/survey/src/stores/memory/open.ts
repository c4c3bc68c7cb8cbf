/** Opens stores in memory: for tests and simulations, gone with the process. */
import type { Future } from "gyre";
import type { Stores } from "../stores.ts";
import { MemoryKeyValueStore } from "./key-value.ts";
import { MemoryObjectStore } from "./object-store.ts";
import { SimulatedIO, type SimulatedIOOptions } from "./simulated-io.ts";
import { MemoryTaskQueue } from "./task-queue.ts";

export interface MemoryStores extends Stores {
  /** Plans faults for all three stores. */
  readonly io: SimulatedIO;
}

/**
 * New, empty stores that act on the loop that is current when an operation begins.
 *
 * Suspends: nothing by itself; with a latency each operation takes that much loop time.
 */
export function openMemoryStores(options: SimulatedIOOptions = {}): MemoryStores {
  const io = new SimulatedIO(options);
  const keyValue = new MemoryKeyValueStore(io);
  const queue = new MemoryTaskQueue(io);
  const objects = new MemoryObjectStore(io);
  const close = (): Future<void> => {
    keyValue.close();
    queue.close();
    return objects.close();
  };
  return { io, keyValue, queue, objects, close };
}
