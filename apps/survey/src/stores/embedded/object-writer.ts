/** Writes the file of an object that is not one yet. */
import type { FileHandle } from "node:fs/promises";
import { type Future, until } from "gyre";
import { checkChunk } from "../checks.ts";
import { StoreError } from "../errors.ts";
import type { ObjectInfo, ObjectWriter } from "../object-store.ts";
import { syncFolder, toStoreError } from "./folder.ts";

/** What a writer needs of its store. */
export interface WriterParts {
  /** The new, empty file. */
  readonly handle: FileHandle;
  /** The folder that it is in. */
  readonly folder: string;
  /** Make the file an object; all of it is durable by then. */
  readonly publish: (sizeBytes: number) => Promise<ObjectInfo>;
  /** Remove the file. */
  readonly discard: () => Promise<void>;
  /** Called once, when the writer is done with. */
  readonly onEnd: () => void;
}

export class EmbeddedObjectWriter implements ObjectWriter {
  readonly #parts: WriterParts;
  /** The end of the file once all chunks are written; each chunk knows its place, so they need not queue. */
  #sizeBytes = 0;
  readonly #writing = new Set<Promise<void>>();
  #failure: StoreError | undefined = undefined;
  #ending: Promise<unknown> | undefined = undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  write(chunk: Uint8Array): Future<void> {
    const written = this.#write(chunk);
    this.#writing.add(written);
    return until(written.finally(() => this.#writing.delete(written)));
  }

  commit(): Future<ObjectInfo> {
    return until(this.#commit());
  }

  abort(): Future<void> {
    return until(this.#abort());
  }

  async #write(chunk: Uint8Array): Promise<void> {
    this.#checkOpen("write to an object");
    if (this.#failure !== undefined) throw this.#failure;
    checkChunk("write to an object", chunk);
    const start = this.#sizeBytes;
    this.#sizeBytes += chunk.length;
    try {
      for (let done = 0; done < chunk.length; ) {
        const left = chunk.length - done;
        done += (await this.#parts.handle.write(chunk, done, left, start + done)).bytesWritten;
      }
    } catch (error) {
      this.#failure ??= toStoreError("write to an object", error);
      throw this.#failure;
    }
  }

  async #commit(): Promise<ObjectInfo> {
    this.#checkOpen("commit an object");
    const publishing = this.#publish();
    this.#ending = publishing;
    try {
      return await publishing;
    } catch (error) {
      // Should this fail too, the next start makes it good; the caller has to know the first error.
      await this.#discard().catch(() => undefined);
      throw error;
    } finally {
      this.#parts.onEnd();
    }
  }

  async #publish(): Promise<ObjectInfo> {
    const { handle, folder, publish } = this.#parts;
    await Promise.allSettled(this.#writing);
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await handle.datasync();
      await handle.close();
      await syncFolder(folder);
    } catch (error) {
      throw toStoreError("commit an object", error);
    }
    return publish(this.#sizeBytes);
  }

  /** Ended already: wait for that end, whichever it is. */
  async #abort(): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = this.#discard().finally(this.#parts.onEnd);
      await this.#ending;
    } else await Promise.allSettled([this.#ending]);
  }

  async #discard(): Promise<void> {
    await Promise.allSettled(this.#writing);
    await this.#parts.handle.close();
    await this.#parts.discard();
  }

  #checkOpen(action: string): void {
    if (this.#ending !== undefined) {
      throw new StoreError(
        "WRITER_CLOSED",
        `Cannot ${action}: it is committed or aborted, an open one is wanted`,
      );
    }
  }
}
