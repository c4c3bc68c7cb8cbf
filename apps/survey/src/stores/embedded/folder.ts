/** The data folder: made, tried out, and kept durable. Knows the file system, not what is stored. */
import { randomUUID } from "node:crypto";
import { mkdir, open, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StoreError, StoreFullError } from "../errors.ts";

/** What the try-out writes: enough for the first pages of a database and its lock file, twice over. */
const TRIAL_BYTES = 256 * 1024;

/** The system's words for "no room": the disk, the quota, the file-size limit of the process. */
const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** Was it for lack of room? */
function isNoRoom(error: unknown): boolean {
  return NO_ROOM.has(codeOf(error));
}

/** The error to hand out for one of the file system's. */
export function toStoreError(action: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  if (isNoRoom(error)) {
    return new StoreFullError(`Cannot ${action}: no room is left (${codeOf(error)}), free space is wanted`, {
      cause: error,
    });
  }
  const what = error instanceof Error ? error.message : String(error);
  return new StoreError("STORE_FAILED", `Cannot ${action}: the system says "${what}", success is wanted`, {
    cause: error,
  });
}

/**
 * Write and remove a file in `folder`; fails with what the file system says.
 *
 * The only way to know: permissions, quotas and limits of the process do not
 * show in what a folder tells about itself.
 *
 * @param startByte - where in the file, for limits on the size of a file; what is before takes no room
 */
export async function tryWriting(folder: string, startByte = 0): Promise<void> {
  const path = join(folder, `.trial-${randomUUID()}`);
  const file = await open(path, "wx");
  try {
    const bytes = new Uint8Array(TRIAL_BYTES);
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, startByte + done)).bytesWritten;
    }
    await file.datasync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

/**
 * Make `folder` and what is missing above it, level by level.
 *
 * Node's own way (`recursive`) never ends where a file system answers that a
 * folder is missing although the one above is there, as Linux does below /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  const above = dirname(folder);
  try {
    await stat(folder);
    return;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  if (above !== folder) await makeFolder(above);
  try {
    await mkdir(folder);
  } catch (error) {
    // Another process may have been faster.
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/**
 * Make `folder` where it is missing, and see that it can be written.
 *
 * Before the database is opened, because that maps a file into memory, and on
 * a full disk the process would be killed by SIGBUS.
 *
 * @throws {StoreFullError} when there is no room for even an empty database
 * @throws {StoreError} `STORE_UNUSABLE` when it cannot be made or written
 */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await tryWriting(folder);
  } catch (error) {
    const action = `open the data folder ${JSON.stringify(folder)}`;
    if (isNoRoom(error)) throw toStoreError(action, error);
    throw new StoreError(
      "STORE_UNUSABLE",
      `Cannot ${action}: the system says ${codeOf(error) || String(error)}, a folder that this process can write is wanted`,
      { cause: error },
    );
  }
}

/** Make the names of new files in `folder` durable; the files' own sync does not. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and keeps names durable without being asked.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
