/** The interface of object stores: bytes under keys, written once, read in pieces. */
import type { Future } from "gyre";

/** What is known of an object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** When it was committed, on the store's clock. */
  readonly createdAtMs: number;
}

export interface CreateOptions {
  /** A media type; 1 to 255 printable ASCII characters. */
  readonly contentType: string;
}

/** A part of an object, as `slice` counts: `end` is the first byte that is not wanted. */
export interface OpenOptions {
  readonly start?: number;
  readonly end?: number;
}

export interface ListOptions {
  /** How many objects at most; 1 to 10,000, default 1000. */
  readonly limit?: number;
  /** Go on behind this key: the last one of the page before. */
  readonly after?: string;
}

/** An object in the making. It must end with `commit` or `abort`. */
export interface ObjectWriter {
  /**
   * Append `chunk`. Wait for the Future before the next one, or the chunks pile up in memory.
   *
   * The bytes must stay as they are until the Future settles.
   *
   * @throws {StoreFullError} when there is no room; the object can then only be aborted
   */
  write(chunk: Uint8Array): Future<void>;

  /**
   * Make the object visible under its key, durably and at once. When it fails, nothing is left of the object.
   *
   * @throws {ObjectExistsError} when somebody else was there first
   */
  commit(): Future<ObjectInfo>;

  /** Throw everything away. Does nothing after `commit` or a first `abort`, so it may stand in a `finally`. */
  abort(): Future<void>;
}

/** An open object. What it reads stays the same, also when the object is renamed or deleted meanwhile. */
export interface ObjectReader {
  readonly info: ObjectInfo;

  /** The next piece, or `undefined` at the end. One read at a time. */
  read(): Future<Uint8Array | undefined>;

  /** Must be called once, also after the end; further calls do nothing. */
  close(): Future<void>;
}

/**
 * Bytes under keys, shared by all processes that open the store.
 *
 * Objects appear whole or not at all, and are never overwritten. What an
 * operation did is durable when its Future settles. All errors arrive through the Future.
 *
 * Keys: 1 to 1024 bytes of UTF-8, without NUL, not beginning with "/", and
 * none of their parts between "/" is ".", ".." or empty. Any other character may be used.
 */
export interface ObjectStore {
  /**
   * Begin an object. Nothing is seen under `key` before `commit`.
   *
   * @throws {ObjectExistsError} when the key is taken already
   */
  create(key: string, options: CreateOptions): Future<ObjectWriter>;

  /**
   * Move an object to another key, in one step.
   *
   * @throws {ObjectNotFoundError} when there is none under `from`
   * @throws {ObjectExistsError} when `to` is taken, also when it equals `from`
   */
  rename(from: string, to: string): Future<ObjectInfo>;

  /** What is known of the object; `undefined` when there is none. */
  info(key: string): Future<ObjectInfo | undefined>;

  /**
   * Read an object, or the part from byte `start` to before byte `end`.
   *
   * @throws {ObjectNotFoundError} when there is none
   * @throws {RangeError} unless 0 <= start <= end <= size
   */
  open(key: string, options?: OpenOptions): Future<ObjectReader>;

  /** Remove the object; tells whether it was there. */
  delete(key: string): Future<boolean>;

  /** The objects whose keys begin with `prefix` ("" is all), in the order of their keys by code points. */
  list(prefix: string, options?: ListOptions): Future<ObjectInfo[]>;

  /** Let go of everything; unfinished objects are aborted. Later calls fail with `STORE_CLOSED`. */
  close(): Future<void>;
}
