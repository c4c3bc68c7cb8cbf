/** Opens the stores that live in a folder, and keeps them swept while they are open. */
import { join, resolve } from "node:path";
import { type Future, until } from "gyre";
import type { Stores } from "../stores.ts";
import { EmbeddedDatabase } from "./database.ts";
import { prepareFolder, syncFolder } from "./folder.ts";
import { EmbeddedKeyValueStore } from "./key-value.ts";
import { EmbeddedObjectStore } from "./object-store.ts";
import { EmbeddedTaskQueue } from "./task-queue.ts";

export interface OpenStoresOptions {
  /** Where everything goes; made where it is missing. Several processes of one machine may open the same folder. */
  readonly folder: string;
  /** The clock behind time limits and leases, in milliseconds; all processes must agree on it. Default `Date.now`. */
  readonly now?: () => number;
  /** Milliseconds between two sweeps of what has expired; default 30,000. */
  readonly sweepEveryMs?: number;
  /** Told when something in the background fails, which is tried again later. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Open the stores in `folder`, and remove what processes that died left half-made.
 *
 * @throws {StoreFullError} when there is no room for even an empty database
 * @throws {StoreError} `STORE_UNUSABLE` when the folder cannot be made, written or understood
 */
export function openStores(options: OpenStoresOptions): Future<Stores> {
  return until(openNow(options));
}

async function openNow(options: OpenStoresOptions): Promise<Stores> {
  const { now = Date.now, sweepEveryMs = 30_000, onError = warn } = options;
  const folder = resolve(options.folder);
  const objectsFolder = join(folder, "objects");
  for (const path of [folder, objectsFolder]) await prepareFolder(path);
  const database = new EmbeddedDatabase(folder);
  try {
    const keyValue = new EmbeddedKeyValueStore(database, now);
    const queue = new EmbeddedTaskQueue(database, now);
    const objects = new EmbeddedObjectStore(database, objectsFolder, now);
    await objects.removeLeftovers(onError);
    for (const path of [folder, join(folder, "database")]) await syncFolder(path);
    const sweep = async (): Promise<void> => {
      database.dropDeadReaders();
      await keyValue.sweep();
    };
    // Not the loop's timer: it must not keep a loop, or the process, from ending.
    const timer = setInterval(() => sweep().catch(onError), sweepEveryMs).unref();
    const closeAll = async (): Promise<void> => {
      clearInterval(timer);
      await Promise.all([keyValue.close(), queue.close(), objects.close()]);
    };
    return { keyValue, queue, objects, close: () => until(closeAll()) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
