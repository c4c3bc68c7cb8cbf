/** Reads a committed object's file, piece by piece. */
import type { FileHandle } from "node:fs/promises";
import { type Future, until } from "gyre";
import type { ObjectInfo, ObjectReader } from "../object-store.ts";
import { toStoreError } from "./folder.ts";

/** What one read takes at most: the size at which reading a file is no longer faster with more. */
const PIECE_BYTES = 64 * 1024;

export class EmbeddedObjectReader implements ObjectReader {
  readonly info: ObjectInfo;
  readonly #handle: FileHandle;
  #at: number;
  readonly #end: number;
  #closing: Promise<void> | undefined = undefined;

  constructor(handle: FileHandle, info: ObjectInfo, range: { start: number; end: number }) {
    this.info = info;
    this.#handle = handle;
    this.#at = range.start;
    this.#end = range.end;
  }

  read(): Future<Uint8Array | undefined> {
    return until(this.#read());
  }

  close(): Future<void> {
    this.#closing ??= this.#handle.close();
    return until(this.#closing);
  }

  async #read(): Promise<Uint8Array | undefined> {
    const length = Math.min(PIECE_BYTES, this.#end - this.#at);
    if (length === 0) return undefined;
    const piece = Buffer.allocUnsafe(length);
    try {
      const { bytesRead } = await this.#handle.read(piece, 0, length, this.#at);
      if (bytesRead === 0) throw new Error(`its file ends at byte ${this.#at}`);
      this.#at += bytesRead;
      return piece.subarray(0, bytesRead);
    } catch (error) {
      throw toStoreError(`read the object ${JSON.stringify(this.info.key)}`, error);
    }
  }
}
