/**
 * The embedded database that holds keys, queues and the index of objects: LMDB
 * in one file, mapped into every process that opens the folder.
 *
 * Reads are synchronous looks into mapped memory. Writes are batched: all that
 * are asked for within a turn share one transaction, which a thread of the
 * library commits and syncs.
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Future, until } from "gyre";
import { type Database, open, type RootDatabase } from "lmdb";
import { StoreError } from "../errors.ts";
import { toStoreError, tryWriting } from "./folder.ts";

/** One named table: bytes under bytes, ordered by bytes. */
export type Table = Database<Buffer, Buffer>;

const ENCODING = { encoding: "binary", keyEncoding: "binary" } as const;

/** Stands near the beginning of a database's file: 0xBEEFC0DE, the least byte first. */
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe]);

/** EIO, as LMDB gives it when the system wrote less than it was asked to. */
const SHORT_WRITE = 5;

/** The system's words for codes that the library gives as numbers; those for "no room" are told apart later. */
const CODE_NAMES = new Map([
  [27, "EFBIG"],
  [28, "ENOSPC"],
  [122, "EDQUOT"],
]);

function databasePath(folder: string): string {
  return join(folder, "database");
}

function dataFile(folder: string): string {
  return join(databasePath(folder), "data.mdb");
}

/** The library ends the process, with a segmentation fault, for a file that is not its own. */
function checkFormat(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(64);
    const length = readSync(file, head);
    if (length > 0 && !head.includes(MAGIC)) throw new Error(`${path} is not a database`);
  } finally {
    closeSync(file);
  }
}

/** The database of a folder, open as long as one of its handles is. */
export class EmbeddedDatabase {
  readonly #folder: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  #handles = 0;

  /**
   * Open or make the database in `folder`, which must exist and have room.
   *
   * @throws {StoreError} `STORE_UNUSABLE` when the files are no database, or not for this process
   */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      checkFormat(dataFile(folder));
      this.#root = open<Buffer, Buffer>({
        path: databasePath(folder),
        ...ENCODING,
        // A write's promise then means synced, not merely committed; measured, it costs no more.
        overlappingSync: false,
        // With it, a failed commit also rejects a promise inside the library that nobody can reach,
        // and Node ends the process for that.
        eventTurnBatching: false,
      });
    } catch (error) {
      throw new StoreError(
        "STORE_UNUSABLE",
        `Cannot open the database in ${JSON.stringify(folder)}: it says "${(error as Error).message}", ` +
          "files of this store that this process can write are wanted",
        { cause: error },
      );
    }
  }

  /**
   * The table `name`, made where it is missing.
   *
   * @throws {StoreFullError} when there is no room to make it
   */
  table(name: string): Table {
    try {
      return this.#root.openDB<Buffer, Buffer>(name, ENCODING);
    } catch (error) {
      throw toStoreError(`open the table "${name}" in ${JSON.stringify(this.#folder)}`, named(error));
    }
  }

  /** One user's access. */
  handle(): DatabaseHandle {
    this.#handles++;
    return new DatabaseHandle(this.#folder, this.#root, async () => {
      if (--this.#handles === 0) await this.#root.close();
    });
  }

  /** Let go of what killed processes hold: the snapshot they looked at would keep its pages for ever. */
  dropDeadReaders(): void {
    if (this.#handles > 0) this.#root.readerCheck();
  }

  /** Close at once, for an opening that failed half-way: there must be no handle in use. */
  async close(): Promise<void> {
    this.#handles = 0;
    await this.#root.close();
  }
}

/** Access to the database that can be closed by itself. */
export class DatabaseHandle {
  readonly #folder: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #onClosed: () => Promise<void>;
  readonly #writing = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined = undefined;

  constructor(folder: string, root: RootDatabase<Buffer, Buffer>, onClosed: () => Promise<void>) {
    this.#folder = folder;
    this.#root = root;
    this.#onClosed = onClosed;
  }

  /**
   * Look at the tables as they are now, after every commit of any process.
   *
   * @param action - what is being done, for error messages
   * @returns a settled Future
   */
  read<T>(action: string, look: () => T): Future<T> {
    const future = new Future<T>();
    try {
      future.setResult(this.readNow(action, look));
    } catch (error) {
      future.setError(error);
    }
    return future;
  }

  /** `read`, for the stores' own asynchronous functions. */
  readNow<T>(action: string, look: () => T): T {
    this.#checkOpen(action);
    // The library keeps one snapshot for a while; another process may have told us of something newer.
    this.#root.resetReadTxn();
    return look();
  }

  /**
   * Change the tables: `change` runs alone among all processes and sees what it wrote.
   *
   * It must check before it writes: when it throws, what it wrote stays. The
   * Future settles when the commit is synced.
   */
  write<T>(action: string, change: () => T): Future<T> {
    return until(this.writeNow(action, change));
  }

  /** `write`, for the stores' own asynchronous functions. */
  async writeNow<T>(action: string, change: () => T): Promise<T> {
    this.#checkOpen(action);
    const written = this.#root.transaction(change);
    this.#writing.add(written);
    try {
      return await written;
    } catch (error) {
      const commitError = (error as { commitError?: Promise<never> } | null)?.commitError;
      if (commitError === undefined) throw error;
      throw await this.#explain(action, commitError);
    } finally {
      this.#writing.delete(written);
    }
  }

  /** Wait for the writes under way, then close; the last handle closes the database. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // A write that is still queued when the library closes would end the process.
    await Promise.allSettled(this.#writing);
    await this.#onClosed();
  }

  /**
   * Why a commit failed. The library gives the reason by a second promise, which
   * must be taken in any case, or Node ends the process for it.
   */
  async #explain(action: string, commitError: Promise<never>): Promise<StoreError> {
    const reason = named(await commitError.catch((cause: unknown) => cause));
    if ((reason as { code?: unknown } | null)?.code === SHORT_WRITE) {
      // The disk may be broken or full: only another write, as far out as the last one, can tell.
      try {
        await tryWriting(this.#folder, (await stat(dataFile(this.#folder))).size);
      } catch (cause) {
        return toStoreError(action, cause);
      }
    }
    return toStoreError(action, reason);
  }

  #checkOpen(action: string): void {
    if (this.#closing === undefined) return;
    throw new StoreError("STORE_CLOSED", `Cannot ${action}: the store is closed, an open one is wanted`);
  }
}

/** The library's error, its code spelled as the system's where it is about room. */
function named(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  const name = CODE_NAMES.get(code as number);
  return name === undefined ? error : Object.assign(new Error(message, { cause: error }), { code: name });
}
