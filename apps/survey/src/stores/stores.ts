/** What the service keeps its data in: the three stores together. */
import type { Future } from "gyre";
import type { KeyValueStore } from "./key-value.ts";
import type { ObjectStore } from "./object-store.ts";
import type { TaskQueue } from "./task-queue.ts";

export interface Stores {
  readonly keyValue: KeyValueStore;
  readonly queue: TaskQueue;
  readonly objects: ObjectStore;
  /** Close all of them. */
  close(): Future<void>;
}
