/** What the page asks for, answered from the program or from a recording. */
import { draw, parseRecording, type Recording, type Snapshot, type TextLine } from "../../trace/index.ts";
import type { ConsoleSource } from "../source.ts";
import { Excerpts } from "./excerpts.ts";
import { snapshotInPieces } from "./pieces.ts";
import { snapshotAt } from "./replay.ts";
import { type Held, infoOf, Shelf } from "./shelf.ts";
import { historyOf, requestsOf, timelineOf } from "./timeline.ts";
import type { Excerpt, History, RecordingInfo, Request, State, Timeline } from "./wire.ts";

/** Rows that are given when the page does not say. */
const USUAL_ROWS = 1000;
const MOST_ROWS = 200_000;
const MOST_LANES = 2000;
/** The newest are given. */
const MOST_REQUESTS = 500;
/** How wide a drawing is, in characters. */
const USUAL_COLUMNS = 120;
const MOST_COLUMNS = 400;
const NEW_LINE = 10;
/** Copying a recording of a live program takes long, and pictures of the same one ask for it several times. */
const KEEP_RECORDING_MS = 2000;

/** Said to the reader as it is. */
export class AnswerError extends Error {
  override name = "AnswerError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class PageAnswers {
  readonly #source: ConsoleSource;
  readonly #allowControl: boolean;
  readonly #shelf = new Shelf();
  readonly #excerpts = new Excerpts();
  /** What was recorded a moment ago; for a source that is over, once and for all. */
  #recent: { readonly held: Promise<Held>; untilMs: number } | undefined;

  constructor(source: ConsoleSource, allowControl: boolean) {
    this.#source = source;
    this.#allowControl = allowControl;
  }

  /** All that the page shows of one moment. */
  async state(query: URLSearchParams): Promise<State> {
    const limit = readNumber(query, "limit", USUAL_ROWS, MOST_ROWS);
    const shared = {
      allowControl: this.#allowControl,
      recordings: this.#shelf.list(),
      overview: undefined,
      blocked: undefined,
      failures: [],
    };
    const startMs = performance.now();
    if (query.has("rec") || this.#source.kind === "recording") {
      const { recording, info } = await this.#chosen(query);
      const snapshot = snapshotAt(recording, readNumber(query, "at", info.durationUs), limit);
      this.#excerpts.allow(snapshot.rows);
      const tookMs = performance.now() - startMs;
      return { ...shared, kind: "recording", tookMs, snapshot, recording: info };
    }
    const lines = readLines(query.get("lines"));
    const asked = await Promise.allSettled([
      this.#snapshot(limit, lines),
      this.#source.overview(),
      this.#source.blocked(),
    ]);
    const [taken, overview, blocked] = asked;
    const { snapshot, pausedMs } = fulfilled(taken) ?? { snapshot: undefined, pausedMs: 0 };
    this.#excerpts.allow(snapshot?.rows ?? []);
    return {
      ...shared,
      kind: "live",
      tookMs: performance.now() - startMs - pausedMs,
      snapshot,
      overview: fulfilled(overview),
      blocked: fulfilled(blocked),
      failures: asked.flatMap((one) => (one.status === "rejected" ? [messageOf(one.reason)] : [])),
      recording: undefined,
    };
  }

  async #snapshot(
    limit: number,
    lines: boolean | readonly number[],
  ): Promise<{ readonly snapshot: Snapshot; readonly pausedMs: number }> {
    if (lines === true) return await snapshotInPieces(this.#source, limit);
    return { snapshot: await this.#source.snapshot({ limit, lines }), pausedMs: 0 };
  }

  /** What runs on the main thread now. */
  async stack(): Promise<{ readonly frames: readonly string[] }> {
    return await this.#source.stack().catch(refuse);
  }

  async history(query: URLSearchParams): Promise<History> {
    const { recording } = await this.#chosen(query);
    return historyOf(recording, readNumber(query, "id"), readNumber(query, "at", Number.MAX_SAFE_INTEGER));
  }

  async excerpt(query: URLSearchParams): Promise<Excerpt> {
    const found = await this.#excerpts.read(query.get("file") ?? "", readNumber(query, "line"));
    if (found !== undefined) return found;
    throw new AnswerError(
      404,
      "Cannot show the source: no coroutine was seen to wait in a file of that name",
    );
  }

  async timeline(query: URLSearchParams): Promise<Timeline> {
    const { recording, info } = await this.#chosen(query);
    const lastUs = readNumber(query, "last", info.durationUs / 1000) * 1000;
    const fromUs = readNumber(query, "from", Math.max(0, info.durationUs - lastUs));
    const toUs = Math.max(fromUs + 1, readNumber(query, "to", info.durationUs));
    return timelineOf(recording, fromUs, toUs, readNumber(query, "limit", MOST_LANES, MOST_LANES));
  }

  async requests(query: URLSearchParams): Promise<readonly Request[]> {
    const { recording } = await this.#chosen(query);
    return requestsOf(recording).slice(-MOST_REQUESTS);
  }

  async drawing(query: URLSearchParams, format: "text" | "svg"): Promise<string> {
    const { recording } = await this.#chosen(query);
    try {
      const columns = readNumber(query, "columns", USUAL_COLUMNS, MOST_COLUMNS);
      const drawing = draw(recording, { request: readRequest(query), format, columns });
      // The page has its own style for it, and its policy allows no other.
      return format === "svg" ? drawing.replace(/<style>[^<]*<\/style>/, "") : drawing;
    } catch (error) {
      if (error instanceof RangeError) throw new AnswerError(404, error.message);
      throw error;
    }
  }

  /** Open the file that a reader has dropped onto the page. */
  async open(name: string, bytes: Uint8Array): Promise<RecordingInfo> {
    let recording: Recording;
    try {
      recording = parseRecording(linesOf(bytes), name);
    } catch (error) {
      throw new AnswerError(400, messageOf(error));
    }
    return this.#shelf.add(name, recording);
  }

  /** Keep what is recorded up to now, to move about in it. */
  async keep(): Promise<RecordingInfo> {
    const { recording, info } = await this.#take();
    return this.#shelf.add(info.name, recording);
  }

  async control(command: unknown): Promise<{ readonly done: string }> {
    const { action, id, on } = (command ?? {}) as Record<string, unknown>;
    if (action === "cancel" && typeof id === "number")
      return {
        done: await this.#source.control({ action, id, reason: "cancelled from the console" }).catch(refuse),
      };
    if (action === "record" && typeof on === "boolean")
      return { done: await this.#source.control({ action, on }).catch(refuse) };
    throw new AnswerError(400, `Cannot do ${String(action).slice(0, 40)}: it is no command of the console`);
  }

  /** The recording that a question is about. */
  async #chosen(query: URLSearchParams): Promise<Held> {
    const id = query.get("rec");
    if (id !== null) {
      const found = this.#shelf.get(id);
      if (found !== undefined) return found;
      throw new AnswerError(
        404,
        "Cannot show the recording: the server no longer has it, open its file again",
      );
    }
    const isLive = this.#source.kind === "live";
    const nowMs = performance.now();
    if (this.#recent === undefined || (isLive && nowMs > this.#recent.untilMs)) {
      const held = this.#take();
      this.#recent = { held, untilMs: Number.POSITIVE_INFINITY };
      const recent = this.#recent;
      held.then(
        () => {
          // As for snapshots: the program shall not spend more than a tenth of its time on being watched.
          recent.untilMs = nowMs + Math.max(KEEP_RECORDING_MS, 10 * (performance.now() - nowMs));
        },
        () => {
          if (this.#recent === recent) this.#recent = undefined;
        },
      );
    }
    return await this.#recent.held;
  }

  async #take(): Promise<Held> {
    const recording = await this.#source.recording().catch(refuse);
    const { name, pid } = recording.program;
    return { recording, info: infoOf("", `${name}, pid ${pid}`, recording) };
  }
}

/** The lines of a file that is in memory. */
function* linesOf(bytes: Uint8Array): Generator<TextLine, void, undefined> {
  const decoder = new TextDecoder();
  let from = 0;
  while (from < bytes.length) {
    const end = bytes.indexOf(NEW_LINE, from);
    const isWhole = end >= 0;
    yield { text: decoder.decode(bytes.subarray(from, isWhole ? end : bytes.length)), isWhole };
    if (!isWhole) return;
    from = end + 1;
  }
}

/** Which rows to ask for the lines of: all, none, or those with these ids. */
function readLines(text: string | null): boolean | readonly number[] {
  if (text === null) return true;
  return text === "no" ? false : text.split(",").map(Number).filter(Number.isInteger);
}

/** @throws {AnswerError} when it is no number from 0 to `most` */
function readNumber(
  query: URLSearchParams,
  name: string,
  usual?: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = query.get(name);
  if (text === null && usual !== undefined) return usual;
  const value = Number(text ?? "none");
  if (value >= 0 && value <= most) return value;
  throw new AnswerError(
    400,
    `Cannot read "${name}": it is ${String(text).slice(0, 40)}, a number from 0 to ${most} is wanted`,
  );
}

/** Which request is to be drawn: a coroutine by its number, or by its label. */
function readRequest(query: URLSearchParams): string {
  const text = query.get("request") ?? "";
  if (text === "")
    throw new AnswerError(400, "Cannot draw: no request is named, a number or a label is wanted");
  return /^\d+$/.test(text) ? `#${text}` : text;
}

function fulfilled<T>(result: PromiseSettledResult<T>): T | undefined {
  return result.status === "fulfilled" ? result.value : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a source rejects with is a sentence for the reader. */
function refuse(error: unknown): never {
  throw new AnswerError(409, messageOf(error));
}
