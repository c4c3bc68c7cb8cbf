/** A whole form from a multipart body: fields in memory, files to where the handler wants them. */
import { describe } from "../base/index.ts";
import { type Coroutine, type CoroutineGenerator, call, coroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { addArgument } from "./arguments.ts";
import { MissingArgumentError } from "./http-error.ts";
import { MultipartReader, type Part } from "./multipart.ts";
import { MultipartError } from "./multipart-error.ts";

/** Where the bytes of one file go. What its methods return is waited for if it can be. */
export interface FileSink<R> {
  /** Take `chunk`. While this is not settled, the client is paused. */
  write(chunk: Uint8Array): unknown;

  /** All bytes were written. What comes of it is the file's `result`. */
  commit(): R | PromiseLike<R> | CoroutineGenerator<R>;

  /** Remove what is half-written: `write` or `commit` failed, the body is broken, the client has gone, or the handler was cancelled. */
  abort(error: unknown): unknown;

  /** Remove a file that was committed, because the form failed later. */
  undo?(result: R, error: unknown): unknown;
}

export interface FormOptions<R> {
  /** Gives the sink of a file; may wait, also as a generator function. Absent: files are read and dropped. */
  readonly onFile?: (file: Part) => FileSink<R> | PromiseLike<FileSink<R>> | CoroutineGenerator<FileSink<R>>;
  /**
   * What a file without a byte means: "refuse" it (EMPTY_FILE, the default), "skip" it, as is right
   * where choosing a file is optional, or "keep" it like any other.
   */
  readonly emptyFiles?: "refuse" | "skip" | "keep";
}

/** A file that was committed. */
export interface FormFile<R> {
  /** The name of its field. */
  readonly name: string;
  readonly filename: string;
  /** As the client says, unchecked. */
  readonly contentType: string;
  readonly sizeBytes: number;
  /** What the sink's `commit` gave; `undefined` without a sink. */
  readonly result: R;
}

/** A form that was read to its end. */
export class Form<R> {
  /** The values under each name, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly FormFile<R>[];

  constructor(fields: ReadonlyMap<string, readonly string[]>, files: readonly FormFile<R>[]) {
    this.fields = fields;
    this.files = files;
  }

  /**
   * The last value of the field, without white space around it.
   *
   * @throws {MissingArgumentError} when there is none and no fallback is given
   */
  get(name: string): string;
  get<D>(name: string, fallback: D): string | D;
  get(...given: [name: string, fallback?: unknown]): unknown {
    const last = this.fields.get(given[0])?.at(-1);
    if (last !== undefined) return last.trim();
    if (given.length > 1) return given[1];
    throw new MissingArgumentError(given[0]);
  }

  /** The last file of the field, if there is one. */
  file(name: string): FormFile<R> | undefined {
    return this.files.findLast((file) => file.name === name);
  }
}

/**
 * Read all parts, one after the other.
 *
 * Whole or nothing: when it fails or is cancelled, the file that is being
 * written is aborted, and those before it are undone, the last one first.
 *
 * @throws as `Part.read` and `MultipartReader.nextPart`; EMPTY_FILE; what a sink throws
 */
export const readForm = coroutine(function* readForm<R>(
  reader: MultipartReader,
  { onFile, emptyFiles = "refuse" }: FormOptions<R> = {},
): CoroutineGenerator<Form<R>> {
  const fields = new Map<string, string[]>();
  const written: { file: FormFile<R>; sink: FileSink<R> | undefined }[] = [];
  try {
    for (;;) {
      const part = yield* reader._nextPart();
      if (part === undefined)
        return new Form(
          fields,
          written.map((each) => each.file),
        );
      if (!part.isFile) {
        addArgument(fields, part.name, yield* part.text());
        continue;
      }
      const first = yield* part._next();
      if (first === undefined && emptyFiles === "skip") continue;
      if (first === undefined && emptyFiles === "refuse") {
        throw new MultipartError("GYRE_MULTIPART_EMPTY_FILE", `the file ${describe(part.name)} is empty`, {
          part: part.name,
        });
      }
      const sink = onFile === undefined ? undefined : ((yield* call(onFile, part)) as FileSink<R>);
      const result = yield* writeFile(part, first, sink);
      const { name, contentType, receivedBytes: sizeBytes } = part;
      const filename = part.filename as string;
      written.push({ file: { name, filename, contentType, sizeBytes, result: result as R }, sink });
    }
  } catch (error) {
    for (const { file, sink } of written.reverse()) {
      if (sink?.undo !== undefined) yield* cleanUp(() => sink.undo?.(file.result, error));
    }
    throw error;
  }
}) as <R>(reader: MultipartReader, options?: FormOptions<R>) => Coroutine<Form<R>>;

function* writeFile<R>(
  part: Part,
  first: Uint8Array | undefined,
  sink: FileSink<R> | undefined,
): CoroutineGenerator<R | undefined> {
  try {
    for (let chunk = first; chunk !== undefined; chunk = yield* part._next()) {
      const piece = chunk;
      if (sink !== undefined) yield* call(() => sink.write(piece));
    }
    return sink === undefined ? undefined : ((yield* call(() => sink.commit())) as R);
  } catch (error) {
    if (sink !== undefined) yield* cleanUp(() => sink.abort(error));
    throw error;
  }
}

/** The error that made it necessary is the one to be told; what goes wrong here besides is logged. */
function* cleanUp(work: () => unknown): CoroutineGenerator<void> {
  try {
    yield* call(work);
  } catch (error) {
    IOLoop.current().log.error("Error while the files of a broken form were removed", error);
  }
}

/**
 * The form in a body that is in memory already, files and all. Never waits.
 *
 * @throws {MultipartError} for a body that is broken or beyond a limit
 */
export function formInMemory(contentType: string, body: Uint8Array, maxFields: number): Form<Buffer> {
  let left: Uint8Array | undefined = body;
  const source = {
    *_next(): CoroutineGenerator<Uint8Array | undefined> {
      const all = left;
      left = undefined;
      return all;
    },
  };
  // The body itself has a limit, so its parts need none.
  const limits = {
    maxFields,
    maxFieldBytes: Number.POSITIVE_INFINITY,
    maxFiles: Number.POSITIVE_INFINITY,
    maxFileBytes: Number.POSITIVE_INFINITY,
  };
  const reader = new MultipartReader(contentType, source, limits);
  return readForm<Buffer>(reader, { onFile: () => new MemorySink(), emptyFiles: "keep" }).result();
}

class MemorySink implements FileSink<Buffer> {
  readonly #chunks: Uint8Array[] = [];

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  commit(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  abort(): void {
    this.#chunks.length = 0;
  }
}
