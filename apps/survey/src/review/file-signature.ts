/**
 * Is a file what its name says? Told by the first bytes of it.
 */
import { type CoroutineGenerator, coroutine } from "gyre";
import type { FileVerdict } from "../model/index.ts";
import { acquire } from "../service/acquire.ts";
import type { Tools } from "../service/tools.ts";
import { ObjectNotFoundError, type ObjectStore } from "../stores/index.ts";

/** As much as the detection ever looks at. */
const headBytes = 4100;

/** Suffix -> media types that a file with it may have. */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  avif: ["image/avif"],
  bmp: ["image/bmp"],
  gif: ["image/gif"],
  heic: ["image/heic", "image/heif"],
  heif: ["image/heic", "image/heif"],
  jpeg: ["image/jpeg"],
  jpg: ["image/jpeg"],
  png: ["image/png", "image/apng"],
  tif: ["image/tiff"],
  tiff: ["image/tiff"],
  webp: ["image/webp"],
  "3gp": ["video/3gpp", "video/mp4"],
  avi: ["video/vnd.avi"],
  m4v: ["video/x-m4v", "video/mp4"],
  mkv: ["video/matroska", "video/x-matroska", "video/webm"],
  // Both are the same box format, and phones mix the brands.
  mov: ["video/quicktime", "video/mp4"],
  mp4: ["video/mp4", "video/quicktime", "video/x-m4v"],
  mpeg: ["video/mpeg", "video/MP1S", "video/MP2P"],
  mpg: ["video/mpeg", "video/MP1S", "video/MP2P"],
  ogv: ["video/ogg"],
  webm: ["video/webm", "video/matroska", "video/x-matroska"],
};

/** Look into the object under `key`, whose owner called it `filename`. Reads its head only. */
export const checkFile = coroutine(function* checkFile(
  { stores, mediaTypeOf }: Tools,
  { key, filename }: { key: string; filename: string },
): CoroutineGenerator<FileVerdict> {
  let head: Buffer;
  try {
    head = yield* readHead(stores.objects, key);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return { kind: "missing" };
    throw error;
  }
  const found = (yield* mediaTypeOf(head)) ?? "an unknown kind of file";
  const suffix = filename.slice(filename.lastIndexOf(".") + 1).toLowerCase();
  const isExpected = Object.hasOwn(expectedTypes, suffix) && expectedTypes[suffix]?.includes(found) === true;
  return { kind: isExpected ? "ok" : "mismatch", found };
});

function* readHead(objects: ObjectStore, key: string): CoroutineGenerator<Buffer> {
  const info = yield* objects.info(key);
  const opening = objects.open(key, { end: Math.min(info?.sizeBytes ?? 0, headBytes) });
  const reader = yield* acquire(opening, (late) => late.close());
  try {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const piece = yield* reader.read();
      if (piece === undefined) return Buffer.concat(pieces);
      pieces.push(piece);
    }
  } finally {
    yield* reader.close();
  }
}
