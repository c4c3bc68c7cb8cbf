/** The interface of key-value stores. No operation spans two keys, so that a sharded server can implement it. */
import type { Future } from "gyre";

/** One pair, as `entries` gives it. */
export interface KeyValueEntry {
  readonly key: string;
  readonly value: string;
}

export interface SetOptions {
  /** Milliseconds until the key is gone by itself; > 0. Without it the key stays, also when it had a limit before. */
  readonly ttlMs?: number;
}

export interface SetIfEqualOptions extends SetOptions {
  /** The value that has to be there. */
  readonly expected: string;
}

export interface EntriesOptions {
  /** How many entries at most; 1 to 10,000, default 1000. */
  readonly limit?: number;
  /** Go on behind this key: the last one of the page before. */
  readonly after?: string;
}

/**
 * Strings under keys, shared by all processes that open the store.
 *
 * A write is durable and seen by every process when its Future settles. Each
 * operation is atomic. All errors arrive through the Future, also those for
 * wrong arguments.
 *
 * Keys: 1 to 1024 bytes of UTF-8, without NUL, no lone surrogates. Values: up to 16 MiB of UTF-8.
 */
export interface KeyValueStore {
  /** The value, or `undefined` when there is none or its time has passed. */
  get(key: string): Future<string | undefined>;

  /** Store `value`, whatever was there. */
  set(key: string, value: string, options?: SetOptions): Future<void>;

  /** Store `value` only where nothing is; tells whether it did. Of several callers at once exactly one gets `true`. */
  setIfAbsent(key: string, value: string, options?: SetOptions): Future<boolean>;

  /** Store `value` only where `expected` is; tells whether it did. The time limit is the one given here, or none. */
  setIfEqual(key: string, value: string, options: SetIfEqualOptions): Future<boolean>;

  /** Remove the key; tells whether it was there. */
  delete(key: string): Future<boolean>;

  /** Remove the key only where its value is `value`; tells whether it did. */
  deleteIfEqual(key: string, value: string): Future<boolean>;

  /**
   * Add one to a counter, which starts at 0, and give the new number. Its time limit stays as it is.
   *
   * @throws {StoreError} `VALUE_NOT_A_NUMBER` when the value is no whole number, or would pass 2^53 - 1
   */
  increment(key: string): Future<number>;

  /** What is left of the key's time in milliseconds; `undefined` when it has no limit or is not there. */
  ttlMs(key: string): Future<number | undefined>;

  /** The entries whose keys begin with `prefix` ("" is all), in the order of their keys by code points. */
  entries(prefix: string, options?: EntriesOptions): Future<KeyValueEntry[]>;

  /** Let go of everything; waits for what is under way. Later calls fail with `STORE_CLOSED`. */
  close(): Future<void>;
}
