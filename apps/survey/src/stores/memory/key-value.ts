/** The key-value store in memory, for tests and simulations. */
import type { Future } from "gyre";
import { checkKey, checkPage, checkSet, checkValue, nextNumber } from "../checks.ts";
import type {
  EntriesOptions,
  KeyValueEntry,
  KeyValueStore,
  SetIfEqualOptions,
  SetOptions,
} from "../key-value.ts";
import { pageOf } from "./ordered.ts";
import { MemoryStore } from "./store.ts";
import type { StoreIO } from "./store-io.ts";

/** What is kept under a key. */
export interface KeyValueItem {
  readonly value: string;
  /** `undefined`: it stays. */
  readonly expiresAtMs: number | undefined;
}

export class MemoryKeyValueStore extends MemoryStore implements KeyValueStore {
  readonly #items: Map<string, KeyValueItem>;

  /** @param items - what is there already, and stays when the store is closed */
  constructor(io: StoreIO, items: Map<string, KeyValueItem> = new Map()) {
    super(io);
    this.#items = items;
  }

  get(key: string): Future<string | undefined> {
    return this.perform("keyValue.get", key, () => {
      checkKey("get a key", key);
      return this.#live(key)?.value;
    });
  }

  set(key: string, value: string, options: SetOptions = {}): Future<void> {
    return this.perform("keyValue.set", key, () => {
      checkSet("set a key", key, value, options);
      this.#put(key, value, options);
    });
  }

  setIfAbsent(key: string, value: string, options: SetOptions = {}): Future<boolean> {
    return this.perform("keyValue.setIfAbsent", key, () => {
      checkSet("set a key if absent", key, value, options);
      if (this.#live(key) !== undefined) return false;
      this.#put(key, value, options);
      return true;
    });
  }

  setIfEqual(key: string, value: string, options: SetIfEqualOptions): Future<boolean> {
    return this.perform("keyValue.setIfEqual", key, () => {
      const action = "set a key if equal";
      checkSet(action, key, value, options);
      checkValue(action, options.expected);
      if (this.#live(key)?.value !== options.expected) return false;
      this.#put(key, value, options);
      return true;
    });
  }

  delete(key: string): Future<boolean> {
    return this.perform("keyValue.delete", key, () => {
      checkKey("delete a key", key);
      return this.#live(key) !== undefined && this.#items.delete(key);
    });
  }

  deleteIfEqual(key: string, value: string): Future<boolean> {
    return this.perform("keyValue.deleteIfEqual", key, () => {
      const action = "delete a key if equal";
      checkKey(action, key);
      checkValue(action, value);
      return this.#live(key)?.value === value && this.#items.delete(key);
    });
  }

  increment(key: string): Future<number> {
    return this.perform("keyValue.increment", key, () => {
      checkKey("increment a key", key);
      const item = this.#live(key);
      const next = nextNumber(key, item?.value);
      this.#items.set(key, { value: String(next), expiresAtMs: item?.expiresAtMs });
      return next;
    });
  }

  ttlMs(key: string): Future<number | undefined> {
    return this.perform("keyValue.ttlMs", key, () => {
      checkKey("look at a key's time", key);
      const expiresAtMs = this.#live(key)?.expiresAtMs;
      return expiresAtMs === undefined ? undefined : expiresAtMs - this.nowMs();
    });
  }

  entries(prefix: string, options: EntriesOptions = {}): Future<KeyValueEntry[]> {
    return this.perform("keyValue.entries", prefix, () => {
      const page = checkPage("list keys", prefix, options);
      const keys = pageOf(this.#items.keys(), page, (key) => this.#live(key) !== undefined);
      return keys.map((key) => ({ key, value: (this.#items.get(key) as KeyValueItem).value }));
    });
  }

  #put(key: string, value: string, { ttlMs }: SetOptions): void {
    this.#items.set(key, { value, expiresAtMs: ttlMs === undefined ? undefined : this.nowMs() + ttlMs });
  }

  /** What is there now; what has expired goes when it is looked at. */
  #live(key: string): KeyValueItem | undefined {
    const item = this.#items.get(key);
    if (item?.expiresAtMs === undefined || item.expiresAtMs > this.nowMs()) return item;
    this.#items.delete(key);
    return undefined;
  }
}
