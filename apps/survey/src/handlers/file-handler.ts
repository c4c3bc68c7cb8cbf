/**
 * `GET /files/KEY`: a stored file.
 *
 * What is no image, video or PDF is saved and never shown; nothing that somebody
 * uploaded may run as a page of this service.
 */
import type { CoroutineGenerator } from "gyre";
import { type ByteRange, parseRange } from "gyre/web";
import { acquire } from "../service/acquire.ts";
import { isShown } from "../service/content-type.ts";
import { RefusedError } from "../service/refused-error.ts";
import type { ObjectInfo } from "../stores/index.ts";
import { SurveyHandler } from "./survey-handler.ts";

/** Browsers show images, videos and PDFs in a document of their own making, with styles of its own. */
const shownPolicy =
  "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";
const savedPolicy = "default-src 'none'; sandbox";
/** Files never change, and their names are not given twice. */
const cacheControl = "private, max-age=86400";

export class FileHandler extends SurveyHandler {
  *get(key: string): CoroutineGenerator<void> {
    const { objects } = this.service.tools.stores;
    const info = isKey(key) ? yield* objects.info(key) : undefined;
    if (info === undefined) {
      throw new RefusedError("NOT_FOUND", "Cannot find the file: there is none with this name");
    }
    this.describe(info);
    const range = this.readRange(info);
    if (range === "unsatisfiable") {
      this.setStatus(416);
      this.setHeader("Content-Range", `bytes */${info.sizeBytes}`);
      this.clearHeader("Content-Disposition");
      return;
    }
    const { start, end } = range ?? { start: 0, end: info.sizeBytes };
    if (range !== undefined) {
      this.setStatus(206);
      this.setHeader("Content-Range", `bytes ${start}-${end - 1}/${info.sizeBytes}`);
    }
    this.setHeader("Content-Length", end - start);
    if (this.request.method !== "HEAD") yield* this.send(info.key, { start, end });
  }

  private describe({ key, contentType }: ObjectInfo): void {
    const shown = isShown(contentType);
    this.setHeader("Content-Type", contentType);
    this.setHeader("Accept-Ranges", "bytes");
    this.setHeader("Cache-Control", cacheControl);
    this.setHeader("Content-Security-Policy", shown ? shownPolicy : savedPolicy);
    const name = encodeURIComponent(key.slice(key.lastIndexOf("/") + 1)).replace(/['()*]/g, percentEncode);
    this.setHeader("Content-Disposition", `${shown ? "inline" : "attachment"}; filename*=UTF-8''${name}`);
  }

  private readRange({ sizeBytes }: ObjectInfo): ReturnType<typeof parseRange> {
    // If-Range names a version; without versions the whole file is the right answer.
    if (this.request.headers.has("If-Range")) return undefined;
    return parseRange(this.request.headers.get("Range"), sizeBytes);
  }

  private *send(key: string, range: ByteRange): CoroutineGenerator<void> {
    const opening = this.service.tools.stores.objects.open(key, range);
    const reader = yield* acquire(opening, (late) => late.close());
    try {
      for (;;) {
        const piece = yield* reader.read();
        if (piece === undefined) return;
        this.write(piece);
        yield* this.flush();
      }
    } finally {
      yield* reader.close();
    }
  }
}

/** Could the store have it? A path that leads elsewhere is not there, and no error of the store. */
function isKey(key: string): boolean {
  return (
    Buffer.byteLength(key) <= 1024 &&
    !key.includes("\0") &&
    key.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
