/**
 * Coroutines as spans of OpenTelemetry, live or from a recording.
 *
 * A coroutine is a span; its owner's is the parent; other coroutines that wait for it are links; an error sets
 * the status; what the program notes becomes events. The package `@opentelemetry/api` is loaded when this
 * is used; what becomes of spans is the affair of the SDK that the program has set up.
 */
import { CANCELLED, FAILED } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";
import { IOLoop, type Watched } from "../loop/index.ts";
import { labelsOf } from "./note.ts";
import type { End, Recording, TraceEvent } from "./recording.ts";
import { SpanBook, type SpanOptions } from "./spans.ts";
import { type Watcher, watch } from "./watchers.ts";

/**
 * Make a span of each coroutine that starts from now on.
 *
 * One without an owner belongs to the span that is active where it starts, so that requests keep theirs.
 *
 * @returns what ends it; spans that are open then are ended
 * @throws {Error} when `@opentelemetry/api` is not installed
 */
export async function traceSpans(options: SpanOptions = {}): Promise<() => void> {
  const writer = new LiveSpans(await SpanBook.open("trace spans", options, true));
  const unwatch = watch(writer);
  return () => {
    unwatch();
    writer.close();
  };
}

/**
 * Make the spans of what was recorded, with the times that were recorded.
 *
 * @returns how many there are
 * @throws {Error} when `@opentelemetry/api` is not installed
 */
export async function exportSpans(recording: Recording, options: SpanOptions = {}): Promise<number> {
  const book = await SpanBook.open("export spans", options, false);
  const beganMs = Date.parse(recording.program.startedAt);
  const works = new Map(recording.works.map((work) => [work.id, work]));
  const start = (id: number, atMs: number, isLost: boolean): void => {
    const work = works.get(id);
    // Parents first, also where their own starts are lost.
    if (work?.ownerId !== undefined && !book.knows(work.ownerId)) start(work.ownerId, atMs, true);
    book.start(id, work?.name ?? "unknown", work?.ownerId, atMs, isLost);
    if (work !== undefined && work.labels.length > 0) book.label(id, work.labels);
  };
  for (const event of recording.events) {
    const atMs = beganMs + event.atUs / 1000;
    if (event.id !== undefined && event.kind !== "start" && !book.knows(event.id))
      start(event.id, atMs, true);
    if (event.kind === "start") {
      if (!book.knows(event.id)) start(event.id, atMs, false);
    } else replay(book, event, atMs);
  }
  book.endAll(beganMs + recording.endUs / 1000);
  return book.count;
}

function replay(book: SpanBook, event: TraceEvent, atMs: number): void {
  if (event.kind === "wait" && typeof event.on === "number") book.link(event.on, event.id);
  if (event.kind === "note" && event.id !== undefined) book.note(event.id, event.text, atMs);
  if (event.kind === "end") book.end(event.id, event.how, atMs, undefined);
}

class LiveSpans implements Watcher {
  readonly #book: SpanBook;
  #hasFailed = false;

  constructor(book: SpanBook) {
    this.#book = book;
  }

  close(): void {
    this.#guard(() => this.#book.endAll(Date.now()));
  }

  started(work: Watched, owner: Watched | undefined): void {
    this.#guard(() => this.#book.start(work.id, work.name, owner?.id, nowMs(), false));
  }

  suspended(work: Watched, source: unknown): void {
    if (source instanceof Coroutine) this.#guard(() => this.#book.link(source.id, work.id));
  }

  woken(): void {}

  ended(work: Watched, state: number): void {
    const how: End = state === FAILED ? "error" : state === CANCELLED ? "cancel" : "result";
    const atMs = nowMs();
    this.#guard(() => {
      const labels = labelsOf(work);
      if (labels.length > 0) this.#book.label(work.id, labels);
    });
    if (how !== "error") this.#guard(() => this.#book.end(work.id, how, atMs, undefined));
    // It is about to be settled: a little later its error can be seen.
    else {
      queueMicrotask(() =>
        this.#guard(() => this.#book.end(work.id, how, atMs, (work as Coroutine<unknown>)._value)),
      );
    }
  }

  noted(work: Watched | undefined, text: string): void {
    if (work !== undefined) this.#guard(() => this.#book.note(work.id, text, nowMs()));
  }

  /** Exporters are the program's own: what they throw must not reach the coroutine that is on the stack. */
  #guard(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      IOLoop.current().log.error("Error while spans were made, further ones are not logged", error);
    }
  }
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
