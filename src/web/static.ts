/**
 * Files of one folder.
 *
 * What a path may be is decided twice: by its text, before the system is asked
 * anything, so that an answer tells nothing about what lies outside; and by
 * where it really leads, so that a symbolic link leads nowhere else.
 *
 * Source: Tornado `web.StaticFileHandler`.
 */
import { extname, join, relative, resolve, sep } from "node:path";
import { contentType } from "mime-types";
import { describe } from "../base/index.ts";
import type { CoroutineGenerator } from "../gen/index.ts";
import { OpenFile, realPath } from "./file.ts";
import { RequestHandler } from "./handler.ts";
import { HTTPError } from "./http-error.ts";
import { type ByteRange, parseRange } from "./range.ts";

export interface StaticOptions {
  /** The folder. */
  readonly root: string;
  /** The file that stands for a folder, such as "index.html". Absent: a folder is a 403. */
  readonly defaultFilename?: string;
  /** Serve what symbolic links lead to outside of the folder. Default false. */
  readonly followSymlinks?: boolean;
  /** How long a client may use a file without asking again, in seconds; it asks each time if absent. */
  readonly maxAgeSeconds?: number;
}

/** How much of a file is in memory at a time for one client, in bytes. */
const PIECE_BYTES = 65_536;

/**
 * Serves the files of a folder: `["/static/*path", StaticFileHandler, { root }]`.
 *
 * The path argument names the file. What begins with a dot is never served.
 */
export class StaticFileHandler extends RequestHandler {
  #options: StaticOptions = { root: "" };

  /** @throws {TypeError} when there is no root */
  override initialize(options: StaticOptions): void {
    if (typeof options.root !== "string" || options.root === "") {
      throw new TypeError(`Cannot serve files: the root is ${describe(options.root)}, a folder is wanted`);
    }
    this.#options = options;
  }

  /** Serve `path`, below the root. Also for HEAD. */
  *get(path = ""): CoroutineGenerator<void> {
    const file = yield* this.#open(path);
    if (file === undefined) return;
    try {
      yield* this.#serve(file);
    } finally {
      yield* file.close();
    }
  }

  /** The file for `path`, or `undefined` after a redirect. */
  *#open(path: string): CoroutineGenerator<OpenFile | undefined> {
    const { root, defaultFilename } = this.#options;
    const parts = safeParts(path);
    const realRoot = yield* find(realPath(resolve(root)));
    const asFolder = path === "" || path.endsWith("/");
    const file = yield* this.#openBelow(realRoot, join(realRoot, ...parts));
    if (!file.stats.isDirectory()) {
      if (!asFolder && file.stats.isFile()) return this.#named(file, parts.at(-1) as string);
      yield* file.close();
      throw new HTTPError(asFolder ? 404 : 403);
    }
    yield* file.close();
    if (defaultFilename === undefined) throw new HTTPError(403);
    if (!asFolder) {
      // Relative links of the page count from its folder. One slash at the front: two would name a host.
      const { path: asked, query } = this.request;
      this.redirect(`/${asked.replace(/^[/\\]+/, "")}/${query === "" ? "" : `?${query}`}`, {
        permanent: true,
      });
      return undefined;
    }
    const inFolder = yield* this.#openBelow(realRoot, join(realRoot, ...parts, defaultFilename));
    if (inFolder.stats.isFile()) return this.#named(inFolder, defaultFilename);
    yield* inFolder.close();
    throw new HTTPError(403);
  }

  #named(file: OpenFile, name: string): OpenFile {
    this.setHeader("Content-Type", contentType(extname(name)) || "application/octet-stream");
    return file;
  }

  *#openBelow(realRoot: string, path: string): CoroutineGenerator<OpenFile> {
    const real = yield* find(realPath(path));
    const below = relative(realRoot, real);
    const outside = below === ".." || below.startsWith(`..${sep}`) || resolve(realRoot, below) !== real;
    const hidden = below.split(sep).some((part) => part.startsWith("."));
    if (this.#options.followSymlinks !== true && (outside || hidden)) throw new HTTPError(403);
    const opening = OpenFile.open(real);
    try {
      return yield* find(opening);
    } catch (error) {
      // A cancel may come between the end of the open and our turn.
      if (opening.done() && opening.error() === undefined) yield* opening.result().close();
      throw error;
    }
  }

  *#serve(file: OpenFile): CoroutineGenerator<void> {
    const { size, mtime } = file.stats;
    const { maxAgeSeconds } = this.#options;
    const etag = `"${mtime.getTime().toString(36)}-${size.toString(36)}"`;
    this.setHeader("ETag", etag);
    this.setHeader("Last-Modified", mtime.toUTCString());
    this.setHeader("Accept-Ranges", "bytes");
    this.setHeader(
      "Cache-Control",
      maxAgeSeconds === undefined ? "no-cache" : `public, max-age=${maxAgeSeconds}`,
    );
    if (this.#isFresh(etag, mtime)) {
      this.setStatus(304);
      return;
    }
    const range = this.#range(etag, mtime, size);
    if (range === "unsatisfiable") {
      throw new HTTPError(416, undefined, { headers: { "Content-Range": `bytes */${size}` } });
    }
    if (range !== undefined) {
      this.setStatus(206);
      this.setHeader("Content-Range", `bytes ${range.start}-${range.end - 1}/${size}`);
    }
    yield* this.#send(file, range ?? { start: 0, end: size });
  }

  *#send(file: OpenFile, { start, end }: ByteRange): CoroutineGenerator<void> {
    this.setHeader("Content-Length", end - start);
    if (this.request.method === "HEAD") return;
    for (let at = start; at < end; ) {
      const piece = yield* file.read(at, Math.min(PIECE_BYTES, end - at));
      if (piece.length === 0) throw new Error("Cannot send the file: it became shorter meanwhile");
      at += piece.length;
      this.write(piece);
      if (at < end) yield* this.flush();
    }
  }

  /** Has the client this very file? */
  #isFresh(etag: string, mtime: Date): boolean {
    const { headers } = this.request;
    const known = headers.get("If-None-Match");
    if (known !== undefined) {
      return known.split(",").some((each) => {
        const tag = each.trim().replace(/^W\//, "");
        return tag === etag || tag === "*";
      });
    }
    const sinceMs = Date.parse(headers.get("If-Modified-Since") ?? "");
    return Math.floor(mtime.getTime() / 1000) * 1000 <= sinceMs;
  }

  /** A part is only good to a client that has the rest of the same file. */
  #range(etag: string, mtime: Date, size: number): ReturnType<typeof parseRange> {
    const { headers } = this.request;
    const condition = headers.get("If-Range");
    if (condition !== undefined && condition !== etag && condition !== mtime.toUTCString()) return undefined;
    return parseRange(headers.get("Range"), size);
  }
}

/**
 * The names in `path`.
 *
 * @throws {HTTPError} 403, when it could lead out of the root, or to what is hidden, on any system
 */
function safeParts(path: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (/[\x00-\x1f\x7f\\:]/.test(path)) throw new HTTPError(403);
  const parts = path.split("/");
  if (parts.at(-1) === "") parts.pop();
  if (parts.some((part) => part === "" || part.startsWith("."))) throw new HTTPError(403);
  return parts;
}

/** What is not there is a 404, and what may not be read a 403. */
function* find<T>(work: Iterable<unknown, T, unknown>): CoroutineGenerator<T> {
  try {
    return yield* work;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP") {
      throw new HTTPError(404, undefined, { cause: error });
    }
    if (code === "EACCES" || code === "EPERM") throw new HTTPError(403, undefined, { cause: error });
    throw error;
  }
}
