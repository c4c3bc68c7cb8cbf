/** The interface between a memory store and whoever says when its operations happen. */
import type { Future } from "gyre";

/** Every operation of the memory stores, by store and name. */
export type StoreOperation =
  | `keyValue.${"get" | "set" | "setIfAbsent" | "setIfEqual" | "delete" | "deleteIfEqual" | "increment" | "ttlMs" | "entries"}`
  | `queue.${"push" | "list" | "length" | "has" | "remove" | "reserve" | "acknowledge" | "release"}`
  | `objects.${"create" | "write" | "commit" | "abort" | "rename" | "info" | "open" | "read" | "close" | "delete" | "list"}`;

export interface StoreIO {
  /** Do `action`, all at once, when the operation's time has come; `key` is the key, queue or prefix. */
  perform<T>(operation: StoreOperation, key: string, action: () => T): Future<T>;

  /** The clock that deadlines and leases go by. */
  nowMs(): number;
}
