/** The object store in memory, for tests and simulations. */
import type { Future } from "gyre";
import { checkChunk, checkContentType, checkObjectKey, checkPage, checkRange } from "../checks.ts";
import { ObjectExistsError, ObjectNotFoundError, StoreError } from "../errors.ts";
import type {
  CreateOptions,
  ListOptions,
  ObjectInfo,
  ObjectReader,
  ObjectStore,
  ObjectWriter,
  OpenOptions,
} from "../object-store.ts";
import { pageOf } from "./ordered.ts";
import { MemoryStore } from "./store.ts";
import type { StoreIO } from "./store-io.ts";

/** As much as one read of a file gives. */
const PIECE_BYTES = 64 * 1024;

/** What is kept under a key: written once. */
export interface StoredObject {
  readonly info: ObjectInfo;
  readonly bytes: Buffer;
}

export class MemoryObjectStore extends MemoryStore implements ObjectStore {
  readonly #objects: Map<string, StoredObject>;

  /** @param objects - what is there already, and stays when the store is closed */
  constructor(io: StoreIO, objects: Map<string, StoredObject> = new Map()) {
    super(io);
    this.#objects = objects;
  }

  create(key: string, options: CreateOptions): Future<ObjectWriter> {
    const action = "create an object";
    return this.perform("objects.create", key, () => {
      checkObjectKey(action, key);
      checkContentType(action, options.contentType);
      if (this.#objects.has(key)) throw new ObjectExistsError(action, key);
      return this.#writer(key, options.contentType);
    });
  }

  rename(from: string, to: string): Future<ObjectInfo> {
    const action = "rename an object";
    return this.perform("objects.rename", from, () => {
      checkObjectKey(action, from);
      checkObjectKey(action, to);
      const { info, bytes } = this.#existing(action, from);
      if (this.#objects.has(to)) throw new ObjectExistsError(action, to);
      this.#objects.delete(from);
      return this.#put({ info: { ...info, key: to }, bytes });
    });
  }

  info(key: string): Future<ObjectInfo | undefined> {
    return this.perform("objects.info", key, () => {
      checkObjectKey("look at an object", key);
      return this.#objects.get(key)?.info;
    });
  }

  open(key: string, options: OpenOptions = {}): Future<ObjectReader> {
    const action = "open an object";
    return this.perform("objects.open", key, () => {
      checkObjectKey(action, key);
      const { info, bytes } = this.#existing(action, key);
      const { start, end } = checkRange(action, options, info.sizeBytes);
      return this.#reader(info, bytes.subarray(start, end));
    });
  }

  delete(key: string): Future<boolean> {
    return this.perform("objects.delete", key, () => {
      checkObjectKey("delete an object", key);
      return this.#objects.delete(key);
    });
  }

  list(prefix: string, options: ListOptions = {}): Future<ObjectInfo[]> {
    return this.perform("objects.list", prefix, () => {
      const keys = pageOf(this.#objects.keys(), checkPage("list objects", prefix, options), () => true);
      return keys.map((key) => (this.#objects.get(key) as StoredObject).info);
    });
  }

  #existing(action: string, key: string): StoredObject {
    const stored = this.#objects.get(key);
    if (stored === undefined) throw new ObjectNotFoundError(action, key);
    return stored;
  }

  #put(stored: StoredObject): ObjectInfo {
    this.#objects.set(stored.info.key, stored);
    return stored.info;
  }

  #writer(key: string, contentType: string): ObjectWriter {
    const chunks: Buffer[] = [];
    let asked = 0;
    let ended = false;
    const checkOpen = (action: string): void => {
      if (!ended) return;
      throw new StoreError(
        "WRITER_CLOSED",
        `Cannot ${action}: it is committed or aborted, an open one is wanted`,
      );
    };
    return {
      write: (chunk) => {
        // The order of the calls counts, also where the writes end in another one.
        const at = asked++;
        return this.perform("objects.write", key, () => {
          checkOpen("write to an object");
          checkChunk("write to an object", chunk);
          chunks[at] = Buffer.from(chunk);
        });
      },
      commit: () =>
        this.perform("objects.commit", key, () => {
          checkOpen("commit an object");
          ended = true;
          if (this.#objects.has(key)) throw new ObjectExistsError("commit an object", key);
          const bytes = Buffer.concat(chunks.filter((chunk) => chunk !== undefined));
          return this.#put({
            info: { key, sizeBytes: bytes.length, contentType, createdAtMs: this.nowMs() },
            bytes,
          });
        }),
      abort: () =>
        this.perform("objects.abort", key, () => {
          ended = true;
          chunks.length = 0;
        }),
    };
  }

  #reader(info: ObjectInfo, bytes: Buffer): ObjectReader {
    let at = 0;
    return {
      info,
      read: () =>
        this.perform("objects.read", info.key, () => {
          if (at === bytes.length) return undefined;
          const piece = Buffer.from(bytes.subarray(at, at + PIECE_BYTES));
          at += piece.length;
          return piece;
        }),
      close: () => this.perform("objects.close", info.key, () => undefined),
    };
  }
}
