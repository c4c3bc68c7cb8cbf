/** Opens stores in memory: for tests and simulations, gone with the process. */
import type { Future } from "gyre";
import type { Stores } from "../stores.ts";
import { type KeyValueItem, MemoryKeyValueStore } from "./key-value.ts";
import { MemoryObjectStore, type StoredObject } from "./object-store.ts";
import { SimulatedIO, type SimulatedIOOptions } from "./simulated-io.ts";
import type { StoreIO } from "./store-io.ts";
import { MemoryTaskQueue, type QueueItems } from "./task-queue.ts";

export interface MemoryStores extends Stores {
  /** Plans faults for all three stores. */
  readonly io: SimulatedIO;
}

/** What stores in memory keep. No value is changed in place: who keeps an old one has it as it was. */
export interface MemoryTables {
  readonly items: Map<string, KeyValueItem>;
  readonly queues: Map<string, QueueItems>;
  readonly objects: Map<string, StoredObject>;
}

/**
 * New, empty stores that act on the loop that is current when an operation begins.
 *
 * Suspends: nothing by itself; with a latency each operation takes that much loop time.
 */
export function openMemoryStores(options: SimulatedIOOptions = {}): MemoryStores {
  const io = new SimulatedIO(options);
  return { io, ...openTables(io, { items: new Map(), queues: new Map(), objects: new Map() }) };
}

/** Stores over `tables`, whose operations happen when `io` says. Closing them leaves the tables as they are. */
export function openTables(io: StoreIO, { items, queues, objects: stored }: MemoryTables): Stores {
  const keyValue = new MemoryKeyValueStore(io, items);
  const queue = new MemoryTaskQueue(io, queues);
  const objects = new MemoryObjectStore(io, stored);
  const close = (): Future<void> => {
    keyValue.close();
    queue.close();
    return objects.close();
  };
  return { keyValue, queue, objects, close };
}
