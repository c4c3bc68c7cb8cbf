/** The spans of coroutines that have not ended, and the package that makes them. */
import type { End } from "./recording.ts";

/** Seconds and nanoseconds since 1970, as the package has it. */
type Time = [number, number];

/** What is used of the package's `Span`. */
interface Span {
  spanContext(): object;
  setAttribute(key: string, value: string | number | boolean | string[]): unknown;
  addEvent(name: string, time: Time): unknown;
  addLink(link: { context: object }): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(exception: Error | string, time: Time): void;
  end(time: Time): void;
}

/** What is used of the package's `Tracer`; any of its tracers is one. */
export interface SpanTracer {
  startSpan(
    name: string,
    options: { startTime: [number, number]; attributes: { [name: string]: number | boolean } },
    context: never,
  ): unknown;
}

/** What is used of the package. */
interface Api {
  readonly context: { active(): unknown };
  readonly trace: { getTracer(name: string): SpanTracer; setSpan(context: never, span: never): unknown };
  readonly ROOT_CONTEXT: unknown;
}

export interface SpanOptions {
  /** Who makes the spans. Default: the tracer "gyre" of the provider that the program has set up. */
  readonly tracer?: SpanTracer;
}

/** Status codes of the package. */
const ERROR = 2;

export class SpanBook {
  readonly #api: Api;
  readonly #tracer: SpanTracer;
  readonly #isLive: boolean;
  readonly #open = new Map<number, Span>();
  readonly #links = new Map<number, Set<number>>();
  readonly #owners = new Map<number, number | undefined>();
  #count = 0;

  /**
   * @param isLive - does a span without a parent here belong to the one that is active?
   * @throws {Error} when the package is not installed
   */
  static async open(action: string, { tracer }: SpanOptions, isLive: boolean): Promise<SpanBook> {
    let api: Api;
    try {
      api = (await import("@opentelemetry/api")) as unknown as Api;
    } catch (error) {
      throw new Error(
        `Cannot ${action}: the package @opentelemetry/api is not installed, it is wanted (npm install @opentelemetry/api)`,
        { cause: error },
      );
    }
    return new SpanBook(api, tracer ?? api.trace.getTracer("gyre"), isLive);
  }

  constructor(api: Api, tracer: SpanTracer, isLive: boolean) {
    this.#api = api;
    this.#tracer = tracer;
    this.#isLive = isLive;
  }

  /** Spans that were started. */
  get count(): number {
    return this.#count;
  }

  /** Has it a span that has not ended? */
  knows(id: number): boolean {
    return this.#open.has(id);
  }

  /** @param isLost - its start was not seen: it is older than `atMs` */
  start(id: number, name: string, ownerId: number | undefined, atMs: number, isLost: boolean): void {
    const parent = ownerId === undefined ? undefined : this.#open.get(ownerId);
    const { ROOT_CONTEXT: root, context: contexts, trace } = this.#api;
    const outside = this.#isLive ? contexts.active() : root;
    const context = parent === undefined ? outside : trace.setSpan(root as never, parent as never);
    const attributes = { "gyre.id": id, ...(isLost ? { "gyre.start_lost": true } : {}) };
    const span = this.#tracer.startSpan(name, { startTime: toTime(atMs), attributes }, context as never);
    this.#open.set(id, span as Span);
    this.#owners.set(id, ownerId);
    this.#count++;
  }

  label(id: number, labels: readonly string[]): void {
    this.#open.get(id)?.setAttribute("gyre.labels", [...labels]);
  }

  note(id: number, text: string, atMs: number): void {
    this.#open.get(id)?.addEvent(text, toTime(atMs));
  }

  /** `waiterId` waits for `id`: a link, once, unless it is the parent anyway. */
  link(id: number, waiterId: number): void {
    const span = this.#open.get(id);
    const waiter = this.#open.get(waiterId);
    if (span === undefined || waiter === undefined || this.#owners.get(id) === waiterId) return;
    const links = this.#links.get(id) ?? new Set();
    if (links.has(waiterId)) return;
    links.add(waiterId);
    this.#links.set(id, links);
    span.addLink({ context: waiter.spanContext() });
  }

  /** @param error - what it failed with, where that is known */
  end(id: number, how: End | "running", atMs: number, error: unknown): void {
    const span = this.#open.get(id);
    if (span === undefined) return;
    this.#open.delete(id);
    this.#links.delete(id);
    this.#owners.delete(id);
    span.setAttribute("gyre.end", how);
    if (how === "error") {
      const message = error instanceof Error ? error.message : error === undefined ? "" : String(error);
      span.setStatus(message === "" ? { code: ERROR } : { code: ERROR, message });
      if (error !== undefined) span.recordException(error instanceof Error ? error : message, toTime(atMs));
    }
    span.end(toTime(atMs));
  }

  /** End what is open, owners last. */
  endAll(atMs: number): void {
    for (const id of [...this.#open.keys()].reverse()) this.end(id, "running", atMs, undefined);
  }
}

function toTime(ms: number): Time {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(Math.round((ms - seconds * 1000) * 1e6), 999_999_999)];
}
