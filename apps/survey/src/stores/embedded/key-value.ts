/**
 * The key-value store in the embedded database.
 *
 * A record is the deadline (8 bytes; 0 is none) and the value. A second table
 * holds the deadlines in order of time, so that sweeping never looks at what has not expired.
 */
import { type Future, until } from "gyre";
import { checkKey, checkPage, checkSet, checkValue, nextNumber } from "../checks.ts";
import type {
  EntriesOptions,
  KeyValueEntry,
  KeyValueStore,
  SetIfEqualOptions,
  SetOptions,
} from "../key-value.ts";
import type { DatabaseHandle, EmbeddedDatabase, Table } from "./database.ts";
import { bytesNumber, numberBytes, pageRange } from "./keys.ts";

/** Expired keys that one sweep removes at most: it holds up every other writer meanwhile. */
const SWEEP_LIMIT = 256;
const DEADLINE_BYTES = 8;
/** What stands in the table of deadlines, where the key says it all; the database wants some value. */
const PRESENT = Buffer.from([1]);

interface Item {
  readonly value: string;
  /** `undefined`: it stays. */
  readonly expiresAtMs: number | undefined;
}

export class EmbeddedKeyValueStore implements KeyValueStore {
  readonly #database: DatabaseHandle;
  readonly #items: Table;
  readonly #deadlines: Table;
  readonly #now: () => number;

  constructor(database: EmbeddedDatabase, now: () => number) {
    this.#database = database.handle();
    this.#items = database.table("items");
    this.#deadlines = database.table("deadlines");
    this.#now = now;
  }

  get(key: string): Future<string | undefined> {
    return this.#database.read("get a key", () => {
      checkKey("get a key", key);
      return this.#live(Buffer.from(key))?.value;
    });
  }

  set(key: string, value: string, options: SetOptions = {}): Future<void> {
    return this.#database.write("set a key", () => {
      checkSet("set a key", key, value, options);
      this.#put(Buffer.from(key), value, this.#deadline(options.ttlMs));
    });
  }

  setIfAbsent(key: string, value: string, options: SetOptions = {}): Future<boolean> {
    return this.#database.write("set a key if absent", () => {
      checkSet("set a key if absent", key, value, options);
      const name = Buffer.from(key);
      if (this.#live(name) !== undefined) return false;
      this.#put(name, value, this.#deadline(options.ttlMs));
      return true;
    });
  }

  setIfEqual(key: string, value: string, options: SetIfEqualOptions): Future<boolean> {
    const action = "set a key if equal";
    return this.#database.write(action, () => {
      checkSet(action, key, value, options);
      checkValue(action, options.expected);
      const name = Buffer.from(key);
      if (this.#live(name)?.value !== options.expected) return false;
      this.#put(name, value, this.#deadline(options.ttlMs));
      return true;
    });
  }

  delete(key: string): Future<boolean> {
    return this.#database.write("delete a key", () => {
      checkKey("delete a key", key);
      const name = Buffer.from(key);
      const live = this.#live(name) !== undefined;
      this.#remove(name);
      return live;
    });
  }

  deleteIfEqual(key: string, value: string): Future<boolean> {
    const action = "delete a key if equal";
    return this.#database.write(action, () => {
      checkKey(action, key);
      checkValue(action, value);
      const name = Buffer.from(key);
      if (this.#live(name)?.value !== value) return false;
      this.#remove(name);
      return true;
    });
  }

  increment(key: string): Future<number> {
    return this.#database.write("increment a key", () => {
      checkKey("increment a key", key);
      const name = Buffer.from(key);
      const item = this.#live(name);
      const next = nextNumber(key, item?.value);
      this.#put(name, String(next), item?.expiresAtMs);
      return next;
    });
  }

  ttlMs(key: string): Future<number | undefined> {
    return this.#database.read("look at a key's time", () => {
      checkKey("look at a key's time", key);
      const expiresAtMs = this.#live(Buffer.from(key))?.expiresAtMs;
      return expiresAtMs === undefined ? undefined : expiresAtMs - this.#now();
    });
  }

  entries(prefix: string, options: EntriesOptions = {}): Future<KeyValueEntry[]> {
    return this.#database.read("list keys", () => {
      const page = checkPage("list keys", prefix, options);
      const entries: KeyValueEntry[] = [];
      const nowMs = this.#now();
      for (const { key, value } of this.#items.getRange(pageRange(page))) {
        const item = decode(value);
        if (isExpired(item, nowMs)) continue;
        entries.push({ key: key.toString(), value: item.value });
        if (entries.length === page.limit) break;
      }
      return entries;
    });
  }

  /**
   * Remove keys whose time has passed, a bounded number at once.
   *
   * @returns how many it removed; the limit of one sweep means that there may be more
   */
  sweep(): Future<number> {
    const action = "sweep expired keys";
    const found = this.#database.read(action, () => this.#expired().length);
    if (found.error() !== undefined || found.result() === 0) return found;
    return this.#database.write(action, () => {
      const expired = this.#expired();
      for (const name of expired) this.#remove(name);
      return expired.length;
    });
  }

  close(): Future<void> {
    return until(this.#database.close());
  }

  #expired(): Buffer[] {
    const range = this.#deadlines.getKeys({
      end: numberBytes(Math.floor(this.#now()) + 1),
      limit: SWEEP_LIMIT,
    });
    return Array.from(range, (key) => Buffer.from(key.subarray(DEADLINE_BYTES)));
  }

  #deadline(ttlMs: number | undefined): number | undefined {
    return ttlMs === undefined ? undefined : Math.ceil(this.#now() + ttlMs);
  }

  #live(name: Buffer): Item | undefined {
    const bytes = this.#items.get(name);
    if (bytes === undefined) return undefined;
    const item = decode(bytes);
    return isExpired(item, this.#now()) ? undefined : item;
  }

  #put(name: Buffer, value: string, expiresAtMs: number | undefined): void {
    this.#forgetDeadline(name);
    if (expiresAtMs !== undefined)
      this.#deadlines.put(Buffer.concat([numberBytes(expiresAtMs), name]), PRESENT);
    this.#items.put(name, Buffer.concat([numberBytes(expiresAtMs ?? 0), Buffer.from(value)]));
  }

  #remove(name: Buffer): void {
    this.#forgetDeadline(name);
    this.#items.remove(name);
  }

  #forgetDeadline(name: Buffer): void {
    const bytes = this.#items.get(name);
    if (bytes === undefined || bytesNumber(bytes, 0) === 0) return;
    this.#deadlines.remove(Buffer.concat([bytes.subarray(0, DEADLINE_BYTES), name]));
  }
}

function decode(bytes: Buffer): Item {
  const expiresAtMs = bytesNumber(bytes, 0);
  return {
    value: bytes.toString("utf8", DEADLINE_BYTES),
    expiresAtMs: expiresAtMs === 0 ? undefined : expiresAtMs,
  };
}

function isExpired(item: Item, nowMs: number): boolean {
  return item.expiresAtMs !== undefined && item.expiresAtMs <= nowMs;
}
