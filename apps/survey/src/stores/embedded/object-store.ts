/**
 * The object store: bytes in files, everything else in the embedded database.
 *
 * A file gets a random name, once, and keeps it. What an object is called, and
 * whether it is one at all, stands in the database only, so that keys may hold
 * any character, a rename is one small write, and nothing can leave the folder.
 *
 * Before a file is made, and before one is removed, its name is put on the list
 * of pending files, together with the process. Becoming an object and leaving
 * that list is one commit. Whoever opens the folder removes the pending files
 * of processes that have died: nothing half-made is seen, and nothing is left behind.
 */
import { randomUUID } from "node:crypto";
import { open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Future, until } from "gyre";
import { checkContentType, checkObjectKey, checkPage, checkRange } from "../checks.ts";
import { ObjectExistsError, ObjectNotFoundError } from "../errors.ts";
import type {
  CreateOptions,
  ListOptions,
  ObjectInfo,
  ObjectReader,
  ObjectStore,
  ObjectWriter,
  OpenOptions,
} from "../object-store.ts";
import type { DatabaseHandle, EmbeddedDatabase, Table } from "./database.ts";
import { toStoreError } from "./folder.ts";
import { pageRange } from "./keys.ts";
import { EmbeddedObjectReader } from "./object-reader.ts";
import { EmbeddedObjectWriter } from "./object-writer.ts";
import { isRunning, thisProcess } from "./process-life.ts";

/** What the database holds under an object's key. */
interface ObjectRecord {
  /** The file's name in the folder of objects. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly createdAtMs: number;
}

export class EmbeddedObjectStore implements ObjectStore {
  readonly #database: DatabaseHandle;
  readonly #objects: Table;
  readonly #pending: Table;
  readonly #folder: string;
  readonly #now: () => number;
  readonly #writers = new Set<EmbeddedObjectWriter>();

  /** @param folder - where the files go; it must exist */
  constructor(database: EmbeddedDatabase, folder: string, now: () => number) {
    this.#database = database.handle();
    this.#objects = database.table("objects");
    this.#pending = database.table("pending");
    this.#folder = folder;
    this.#now = now;
  }

  create(key: string, options: CreateOptions): Future<ObjectWriter> {
    return until(this.#create(key, options));
  }

  rename(from: string, to: string): Future<ObjectInfo> {
    const action = "rename an object";
    return this.#database.write(action, () => {
      checkObjectKey(action, from);
      checkObjectKey(action, to);
      const record = this.#record(from);
      if (record === undefined) throw new ObjectNotFoundError(action, from);
      if (this.#record(to) !== undefined) throw new ObjectExistsError(action, to);
      this.#objects.remove(Buffer.from(from));
      this.#putRecord(to, record);
      return toInfo(to, record);
    });
  }

  info(key: string): Future<ObjectInfo | undefined> {
    const action = "look at an object";
    return this.#database.read(action, () => {
      checkObjectKey(action, key);
      const record = this.#record(key);
      return record === undefined ? undefined : toInfo(key, record);
    });
  }

  open(key: string, options: OpenOptions = {}): Future<ObjectReader> {
    return until(this.#open(key, options));
  }

  delete(key: string): Future<boolean> {
    return until(this.#delete(key));
  }

  list(prefix: string, options: ListOptions = {}): Future<ObjectInfo[]> {
    return this.#database.read("list objects", () => {
      const page = checkPage("list objects", prefix, options);
      const range = this.#objects.getRange({ ...pageRange(page), limit: page.limit });
      return Array.from(range, ({ key, value }) => toInfo(key.toString(), decode(value)));
    });
  }

  close(): Future<void> {
    return until(this.#close());
  }

  /**
   * Remove what processes that died have left half-made or half-removed.
   *
   * @param onError - told of a file that cannot be removed; it stays for the next start
   */
  async removeLeftovers(onError: (error: unknown) => void): Promise<void> {
    const action = "remove an unfinished object";
    const pending = this.#database.readNow(action, () =>
      Array.from(this.#pending.getRange(), ({ key, value }) => ({ file: String(key), owner: String(value) })),
    );
    for (const { file, owner } of pending) {
      if (!isRunning(owner)) await this.#removeFile(action, file).catch(onError);
    }
  }

  async #create(key: string, options: CreateOptions): Promise<ObjectWriter> {
    const action = "create an object";
    checkObjectKey(action, key);
    checkContentType(action, options.contentType);
    // The commit asks again; here it saves an upload that cannot succeed.
    if (this.#database.readNow(action, () => this.#record(key)) !== undefined)
      throw new ObjectExistsError(action, key);
    const file = randomUUID();
    await this.#database.writeNow(action, () => this.#putPending(file));
    const path = join(this.#folder, file);
    try {
      const writer = new EmbeddedObjectWriter({
        handle: await open(path, "wx"),
        folder: this.#folder,
        publish: (sizeBytes) => this.#publish(key, { file, sizeBytes, contentType: options.contentType }),
        discard: () => this.#removeFile("abort an object", file),
        onEnd: () => this.#writers.delete(writer),
      });
      this.#writers.add(writer);
      return writer;
    } catch (error) {
      await this.#removeFile(action, file);
      throw toStoreError(action, error);
    }
  }

  /** The commit proper: the file's name leaves the list and enters the index in one step. */
  #publish(key: string, made: Omit<ObjectRecord, "createdAtMs">): Promise<ObjectInfo> {
    const action = "commit an object";
    return this.#database.writeNow(action, () => {
      if (this.#record(key) !== undefined) throw new ObjectExistsError(action, key);
      const record = { ...made, createdAtMs: this.#now() };
      this.#putRecord(key, record);
      this.#pending.remove(Buffer.from(made.file));
      return toInfo(key, record);
    });
  }

  async #open(key: string, options: OpenOptions): Promise<ObjectReader> {
    const action = "open an object";
    checkObjectKey(action, key);
    for (;;) {
      const record = this.#database.readNow(action, () => this.#record(key));
      if (record === undefined) throw new ObjectNotFoundError(action, key);
      const range = checkRange(action, options, record.sizeBytes);
      try {
        const handle = await open(join(this.#folder, record.file), "r");
        return new EmbeddedObjectReader(handle, toInfo(key, record), range);
      } catch (error) {
        // Somebody may have deleted the object since the look; then the next look finds another one, or none.
        const again = this.#database.readNow(action, () => this.#record(key));
        if (again?.file === record.file) throw toStoreError(action, error);
      }
    }
  }

  async #delete(key: string): Promise<boolean> {
    const action = "delete an object";
    const record = await this.#database.writeNow(action, () => {
      checkObjectKey(action, key);
      const found = this.#record(key);
      if (found === undefined) return undefined;
      this.#objects.remove(Buffer.from(key));
      this.#putPending(found.file);
      return found;
    });
    if (record === undefined) return false;
    await this.#removeFile(action, record.file);
    return true;
  }

  async #close(): Promise<void> {
    await Promise.all(Array.from(this.#writers, (writer) => writer.abort()));
    await this.#database.close();
  }

  /** Remove a pending file, then its name from the list: in this order a crash in between is made good later. */
  async #removeFile(action: string, file: string): Promise<void> {
    try {
      await unlink(join(this.#folder, file));
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw toStoreError(action, error);
    }
    await this.#database.writeNow(action, () => this.#pending.remove(Buffer.from(file)));
  }

  #record(key: string): ObjectRecord | undefined {
    const bytes = this.#objects.get(Buffer.from(key));
    return bytes === undefined ? undefined : decode(bytes);
  }

  #putRecord(key: string, record: ObjectRecord): void {
    this.#objects.put(Buffer.from(key), Buffer.from(JSON.stringify(record)));
  }

  #putPending(file: string): void {
    this.#pending.put(Buffer.from(file), Buffer.from(thisProcess));
  }
}

function decode(bytes: Buffer): ObjectRecord {
  return JSON.parse(bytes.toString()) as ObjectRecord;
}

function toInfo(key: string, { sizeBytes, contentType, createdAtMs }: ObjectRecord): ObjectInfo {
  return { key, sizeBytes, contentType, createdAtMs };
}
