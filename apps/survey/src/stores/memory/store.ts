/** What the memory stores have in common: they act through an I/O of somebody else's, and can be closed. */
import { Future } from "gyre";
import { StoreError } from "../errors.ts";
import type { StoreIO, StoreOperation } from "./store-io.ts";

export class MemoryStore {
  readonly #io: StoreIO;
  #closed = false;

  constructor(io: StoreIO) {
    this.#io = io;
  }

  /** Later calls fail with `STORE_CLOSED`; what is under way still ends. */
  close(): Future<void> {
    this.#closed = true;
    const future = new Future<void>();
    future.setResult(undefined);
    return future;
  }

  protected perform<T>(operation: StoreOperation, key: string, action: () => T): Future<T> {
    if (!this.#closed) return this.#io.perform(operation, key, action);
    const future = new Future<T>();
    future.setError(
      new StoreError(
        "STORE_CLOSED",
        `Cannot perform ${operation}: the store is closed, an open one is wanted`,
      ),
    );
    return future;
  }

  protected nowMs(): number {
    return this.#io.nowMs();
  }
}
