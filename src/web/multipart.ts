/** A multipart body as parts that are read one after the other, no faster than the handler takes them. */
import { describe } from "../base/index.ts";
import { type Coroutine, type CoroutineGenerator, coroutine } from "../gen/index.ts";
import { type Disposition, parseDisposition } from "./disposition.ts";
import type { HeaderMap } from "./header-map.ts";
import { MultipartError } from "./multipart-error.ts";
import { MultipartScanner } from "./multipart-scanner.ts";

export interface FormLimits {
  /** Parts of any kind. Default 100. */
  readonly maxParts: number;
  /** Parts with a file. Default 10. */
  readonly maxFiles: number;
  /** Parts without one. Default 100. */
  readonly maxFields: number;
  /** Bytes of one file; more is a 413. Default 16 MiB. */
  readonly maxFileBytes: number;
  /** Bytes of one field; more is a 413. Default 64 KiB. */
  readonly maxFieldBytes: number;
  /** Bytes of the head of one part. Default 8 KiB. */
  readonly maxHeaderBytes: number;
}

const DEFAULTS: FormLimits = {
  maxParts: 100,
  maxFiles: 10,
  maxFields: 100,
  maxFileBytes: 16_777_216,
  maxFieldBytes: 65_536,
  maxHeaderBytes: 8192,
};
/** What may follow the last boundary. */
const MAX_EPILOGUE_BYTES = 65_536;

/** Where the bytes come from: a generator to be delegated to, which ends with `undefined`. */
export interface ByteSource {
  _next(): CoroutineGenerator<Uint8Array | undefined>;
}

/** One part: a field, or a file. It must be read before the next one is asked for; what is left is skipped. */
export class Part {
  /** The name of the field. */
  readonly name: string;
  /** The file's own name without folders, "" when none was chosen, `undefined` for a field. */
  readonly filename: string | undefined;
  /** As the client says, unchecked; "text/plain" if it does not. */
  readonly contentType: string;
  readonly headers: HeaderMap;
  readonly #reader: MultipartReader;
  readonly #maxBytes: number;
  #receivedBytes = 0;
  #ended = false;

  /** @internal */
  constructor(reader: MultipartReader, disposition: Disposition, headers: HeaderMap, maxBytes: number) {
    this.#reader = reader;
    this.name = disposition.name;
    this.filename = disposition.filename;
    this.contentType = headers.get("Content-Type") ?? "text/plain";
    this.headers = headers;
    this.#maxBytes = maxBytes;
  }

  get isFile(): boolean {
    return this.filename !== undefined;
  }

  /** Bytes read so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * The next piece, or `undefined` after the last. The client is paused until the next call.
   *
   * Suspends: while nothing has come.
   *
   * @throws {MultipartError} at the yield: TRUNCATED, MALFORMED, or LIMIT (413) past the size allowed
   * @throws {HTTPError} 408 at the yield, when the client is too slow
   * @throws {ConnectionClosedError} at the yield, when the client goes
   */
  read(): Coroutine<Uint8Array | undefined> {
    return readPart.call(this);
  }

  /** All that is left of it, as text. @throws as `read` */
  text(): Coroutine<string> {
    return readText.call(this);
  }

  /** @internal */
  *_next(): CoroutineGenerator<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    const chunk = yield* this.#reader._data(this);
    if (chunk === undefined) {
      this.#ended = true;
      return undefined;
    }
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#maxBytes) {
      throw this.#reader._fail(
        new MultipartError(
          "GYRE_MULTIPART_LIMIT",
          `the part ${describe(this.name)} is above ${this.#maxBytes} bytes`,
          {
            status: 413,
            part: this.name,
          },
        ),
      );
    }
    return chunk;
  }
}

/** Reads the parts of one body. */
export class MultipartReader {
  readonly #source: ByteSource;
  readonly #scanner: MultipartScanner;
  readonly #limits: FormLimits;
  #parts = 0;
  #files = 0;
  #current: Part | undefined = undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined = undefined;

  /**
   * @param contentType - the header of the body, with the boundary
   * @throws {MultipartError} TYPE or BOUNDARY
   * @throws {RangeError} for a limit that is no integer from 0
   */
  constructor(contentType: string, source: ByteSource, limits: Partial<FormLimits> = {}) {
    this.#source = source;
    this.#limits = checkLimits(limits);
    this.#scanner = new MultipartScanner(boundaryOf(contentType), this.#limits.maxHeaderBytes);
  }

  /**
   * The next part, or `undefined` after the last.
   *
   * Suspends: while nothing has come.
   *
   * @throws as `Part.read`; also LIMIT at too many parts
   */
  nextPart(): Coroutine<Part | undefined> {
    return nextPart.call(this);
  }

  /** @internal */
  *_nextPart(): CoroutineGenerator<Part | undefined> {
    if (this.#current !== undefined) {
      while ((yield* this.#current._next()) !== undefined);
      this.#current = undefined;
    }
    if (this.#ended) return undefined;
    const event = yield* this.#event();
    if (event === "end") {
      yield* this.#skipEpilogue();
      this.#ended = true;
      return undefined;
    }
    if (event.kind !== "part")
      throw this._fail(new Error("Cannot find the next part: the scanner is in one"));
    try {
      this.#current = this.#makePart(event.headers);
    } catch (error) {
      throw this._fail(error);
    }
    return this.#current;
  }

  /** @internal The next piece of `part`. */
  *_data(part: Part): CoroutineGenerator<Uint8Array | undefined> {
    if (part !== this.#current) return undefined;
    const event = yield* this.#event();
    if (event !== "end" && event.kind === "data") return event.chunk;
    this.#current = undefined;
    return undefined;
  }

  /** @internal From now on every read fails with `error`: what follows in the body cannot be told. */
  _fail(error: unknown): unknown {
    this.#failure ??= { error };
    return error;
  }

  *#event(): CoroutineGenerator<Exclude<ReturnType<MultipartScanner["next"]>, "more">> {
    if (this.#failure !== undefined) throw this.#failure.error;
    for (;;) {
      try {
        const event = this.#scanner.next();
        if (event !== "more") return event;
        const chunk = yield* this.#source._next();
        if (chunk === undefined) this.#scanner.end();
        else this.#scanner.push(chunk);
      } catch (error) {
        throw error instanceof MultipartError ? this._fail(error) : error;
      }
    }
  }

  #makePart(headers: HeaderMap): Part {
    const { maxParts, maxFiles, maxFields, maxFileBytes, maxFieldBytes } = this.#limits;
    const tooMany = (limit: number, what: string): MultipartError =>
      new MultipartError("GYRE_MULTIPART_LIMIT", `it has more than ${limit} ${what}`);
    if (++this.#parts > maxParts) throw tooMany(maxParts, "parts");
    const disposition = parseDisposition(headers.get("Content-Disposition"));
    const isFile = disposition.filename !== undefined;
    if (isFile && ++this.#files > maxFiles) throw tooMany(maxFiles, "files");
    if (!isFile && this.#parts - this.#files > maxFields) throw tooMany(maxFields, "fields");
    return new Part(this, disposition, headers, isFile ? maxFileBytes : maxFieldBytes);
  }

  *#skipEpilogue(): CoroutineGenerator<void> {
    let bytes = 0;
    for (;;) {
      const chunk = yield* this.#source._next();
      if (chunk === undefined) return;
      bytes += chunk.length;
      if (bytes > MAX_EPILOGUE_BYTES)
        throw this._fail(
          new MultipartError("GYRE_MULTIPART_MALFORMED", "it goes on behind its last boundary"),
        );
    }
  }
}

const nextPart = coroutine(function* nextPart(this: MultipartReader): CoroutineGenerator<Part | undefined> {
  return yield* this._nextPart();
});

const readPart = coroutine(function* readPart(this: Part): CoroutineGenerator<Uint8Array | undefined> {
  return yield* this._next();
});

const readText = coroutine(function* readText(this: Part): CoroutineGenerator<string> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = yield* this._next();
    if (chunk === undefined) return Buffer.concat(chunks).toString();
    chunks.push(chunk);
  }
});

/**
 * The boundary that a `Content-Type` declares.
 *
 * @throws {MultipartError} TYPE for another type, BOUNDARY when there is none that can be
 */
export function boundaryOf(contentType: string): string {
  if (!/^multipart\/form-data(?![^\s;])/i.test(contentType)) {
    throw new MultipartError(
      "GYRE_MULTIPART_TYPE",
      `its Content-Type is "${contentType.slice(0, 100)}", multipart/form-data is wanted`,
    );
  }
  const match = /;[ \t]*boundary=(?:"([^"]*)"|([^\s;"]*))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? "";
  if (!/^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) {
    throw new MultipartError(
      "GYRE_MULTIPART_BOUNDARY",
      "its Content-Type declares no boundary of 1 to 70 characters",
    );
  }
  return boundary;
}

function checkLimits(given: Partial<FormLimits>): FormLimits {
  const limits = { ...DEFAULTS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (
      !Object.hasOwn(DEFAULTS, name) ||
      !(value >= 0 && (Number.isSafeInteger(value) || value === Infinity))
    ) {
      throw new RangeError(
        `Cannot read the multipart body: the limit ${name} is ${describe(value)}, one of ${Object.keys(DEFAULTS).join(", ")} from 0 is wanted`,
      );
    }
  }
  return limits;
}
