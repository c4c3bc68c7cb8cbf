/**
 * A recording as lines of text, one JSON value each.
 *
 * The first line is an object that says what this is. Then come arrays: works as
 * `["work", id, name, ownerId or null, ...labels]`, texts that are used again as
 * `["text", number, text]`, and events, which begin with a number. The last line,
 * an object with `end`, says when that was, and tells a whole recording from one that was cut off, whose
 * lines up to there are good.
 */
import type { Location } from "../gen/index.ts";
import type { End, Held, Program, Recording, TraceEvent, Work } from "./recording.ts";
import { RecordingError } from "./recording-error.ts";

/** The newest version that this one reads. */
const VERSION = 1;

/** The first items of events, by kind; and what follows: time and id, then as listed. */
const KINDS = {
  start: 0,
  /** The coroutine that it waits for; the number of a line's text, if known. */
  wait: 1,
  /** The number of a text; that of a line's text, or null; that of what is held, and who has it. The end may be missing. */
  waitText: 2,
  /** Who woke it; nothing for the world. */
  wake: 3,
  step: 4,
  /** Which of the ends; those that were reported as orphans, if there are any. */
  end: 5,
  /** The text itself; the id may be null. */
  note: 6,
} as const;
const ENDS: readonly End[] = ["result", "error", "cancel"];

/** The lines of `recording`, each with its end of line; made as they are asked for. */
export function* formatRecording(recording: Recording): Generator<string, void, undefined> {
  const { program, works, events, dropped, endUs } = recording;
  const texts = new TextLines();
  yield `${JSON.stringify({ gyre: "recording", version: VERSION, program })}\n`;
  for (const { id, name, ownerId, labels } of works)
    yield `${JSON.stringify(["work", id, name, ownerId ?? null, ...labels])}\n`;
  for (const event of events) {
    const line = formatEvent(event, texts);
    yield texts.take() + line;
  }
  if (!recording.cutOff)
    yield `${JSON.stringify({ end: { events: events.length, dropped, atUs: endUs } })}\n`;
}

/** Texts that were written already, and the lines of those that are not yet. */
class TextLines {
  readonly #numbers = new Map<string, number>();
  #lines = "";

  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#lines += `${JSON.stringify(["text", number, text])}\n`;
    return number;
  }

  take(): string {
    const lines = this.#lines;
    if (lines !== "") this.#lines = "";
    return lines;
  }
}

function formatEvent(event: TraceEvent, texts: TextLines): string {
  const { kind, atUs, id } = event;
  switch (kind) {
    case "wait": {
      const { on, line, held } = event;
      const number = line === undefined ? null : texts.number(`${line.line}:${line.column}:${line.file}`);
      const place = number === null && held === undefined ? "" : `,${number}`;
      const at = held === undefined ? place : `${place},${texts.number(held.name)},${held.by}`;
      return typeof on === "number"
        ? `[${KINDS.wait},${atUs},${id},${on}${at}]\n`
        : `[${KINDS.waitText},${atUs},${id},${texts.number(on)}${at}]\n`;
    }
    case "wake":
      return event.by === undefined
        ? `[${KINDS.wake},${atUs},${id}]\n`
        : `[${KINDS.wake},${atUs},${id},${event.by}]\n`;
    case "end":
      return event.orphans === undefined
        ? `[${KINDS.end},${atUs},${id},${ENDS.indexOf(event.how)}]\n`
        : `[${KINDS.end},${atUs},${id},${ENDS.indexOf(event.how)},${JSON.stringify(event.orphans)}]\n`;
    case "note":
      return `[${KINDS.note},${atUs},${id ?? null},${JSON.stringify(event.text)}]\n`;
    default:
      return `[${KINDS[kind]},${atUs},${id}]\n`;
  }
}

/** One line of a text; `isWhole` says whether its end of line was there. */
export interface TextLine {
  readonly text: string;
  readonly isWhole: boolean;
}

/**
 * Read a recording from its lines.
 *
 * @param name - what it is called in errors
 * @throws {RecordingError} when it is none, is of a newer gyre, or is broken in the midst; one that was cut off is read
 */
export function parseRecording(lines: Iterable<TextLine>, name: string): Recording {
  const reader = new Reader(name);
  for (const line of lines) reader.read(line);
  return reader.finish();
}

class Reader {
  readonly #name: string;
  readonly #works = new Map<number, Work>();
  readonly #events: TraceEvent[] = [];
  readonly #texts = new Map<number, string>();
  readonly #places = new Map<number, Location>();
  #program: Program | undefined;
  #dropped = 0;
  #endUs = 0;
  #ended = false;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  read({ text, isWhole }: TextLine): void {
    this.#count++;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      if (this.#program === undefined) throw this.#notOurs();
      // The end of a file that was cut off.
      if (!isWhole) return;
      throw this.#broken("it is no JSON");
    }
    if (this.#program === undefined) this.#readHeader(value);
    else if (this.#ended) throw this.#broken("it stands behind the end");
    else if (Array.isArray(value)) this.#readArray(value);
    else this.#readEnd(value);
  }

  finish(): Recording {
    if (this.#count === 0)
      throw new RecordingError(
        `Cannot read the recording ${this.#name}: it is empty, a first line is wanted`,
      );
    if (this.#program === undefined) throw this.#notOurs();
    const works = [...this.#works.values()].sort((a, b) => a.id - b.id);
    const cutOff = !this.#ended;
    return {
      version: 1,
      program: this.#program,
      dropped: this.#dropped,
      endUs: Math.max(this.#endUs, this.#events.at(-1)?.atUs ?? 0),
      cutOff,
      works,
      events: this.#events,
    };
  }

  #readHeader(value: unknown): void {
    const { gyre, version, program } = (value ?? {}) as Partial<Record<string, unknown>>;
    if (gyre !== "recording" || typeof version !== "number") throw this.#notOurs();
    if (version > VERSION) {
      throw new RecordingError(
        `Cannot read the recording ${this.#name}: it was made by a newer gyre, version ${version}, this one reads up to ${VERSION}`,
      );
    }
    if (version !== VERSION) throw this.#broken(`its version is ${version}, ${VERSION} is wanted`);
    if (!isProgram(program)) throw this.#broken("it does not say which program was recorded");
    const { name, pid, node, startedAt } = program;
    this.#program = { name, pid, node, startedAt };
  }

  #readEnd(value: unknown): void {
    const { end } = (value ?? {}) as { readonly end?: unknown };
    // One of an older gyre does not say when it was.
    const { events, dropped, atUs = 0 } = (end ?? {}) as Record<string, unknown>;
    if (!isCount(events) || !isCount(dropped) || typeof atUs !== "number")
      throw this.#broken("it is no event, and no end");
    if (events !== this.#events.length)
      throw this.#broken(`${events} events are announced, there are ${this.#events.length}`);
    this.#dropped = dropped;
    this.#endUs = atUs;
    this.#ended = true;
  }

  #readArray(items: readonly unknown[]): void {
    const [kind, first, second, third, ...rest] = items;
    if (kind === "text") {
      if (!isCount(first) || typeof second !== "string") throw this.#broken("it is no text");
      this.#texts.set(first, second);
    } else if (kind === "work") this.#readWork(items);
    else this.#events.push(this.#toEvent(kind, first, second, third, rest));
  }

  #readWork([, id, name, ownerId, ...labels]: readonly unknown[]): void {
    const isOwner = ownerId === null || isId(ownerId);
    if (!isId(id) || typeof name !== "string" || !isOwner || !labels.every(isText))
      throw this.#broken("it is no coroutine");
    this.#works.set(id, { id, name, ownerId: (ownerId as number | null) ?? undefined, labels });
  }

  #toEvent(
    kind: unknown,
    atUs: unknown,
    id: unknown,
    third: unknown,
    [fourth, fifth, sixth]: readonly unknown[],
  ): TraceEvent {
    if (typeof atUs !== "number") throw this.#broken("its time is no number");
    if (kind === KINDS.note && (id === null || isId(id)) && typeof third === "string")
      return { kind: "note", atUs, id: id === null ? undefined : this.#work(id), text: third };
    if (!isId(id)) throw this.#broken("it is of no coroutine");
    const own = { atUs, id: this.#work(id) };
    if (kind === KINDS.start) return { kind: "start", ...own };
    if (kind === KINDS.step) return { kind: "step", ...own };
    if (kind === KINDS.wake && (third === undefined || isId(third)))
      return { kind: "wake", ...own, by: third === undefined ? undefined : this.#work(third) };
    if (kind === KINDS.end && isCount(third) && third < ENDS.length) {
      const end = { kind: "end", ...own, how: ENDS[third] as End } as const;
      return fourth === undefined ? end : { ...end, orphans: this.#orphans(fourth) };
    }
    const on =
      kind === KINDS.wait && isId(third)
        ? this.#work(third)
        : kind === KINDS.waitText
          ? this.#texts.get(third as number)
          : undefined;
    if (on === undefined) throw this.#broken("it is no event that this version knows");
    const wait = { kind: "wait", ...own, on } as const;
    if (fourth === undefined) return wait;
    const placed = fourth === null ? wait : { ...wait, line: this.#place(fourth as number) };
    return fifth === undefined ? placed : { ...placed, held: this.#held(fifth, sixth) };
  }

  #orphans(ids: unknown): number[] {
    if (!Array.isArray(ids) || !ids.every(isId)) throw this.#broken("its orphans are no list of coroutines");
    return ids.map((id) => this.#work(id));
  }

  #held(number: unknown, by: unknown): Held {
    const name = this.#texts.get(number as number);
    if (name === undefined || !isId(by)) throw this.#broken("it is not said who has what it waits for");
    return { name, by: this.#work(by) };
  }

  /** `id`, which some line should have named: whoever reads a recording finds each coroutine in it. */
  #work(id: number): number {
    if (!this.#works.has(id)) this.#works.set(id, { id, name: "unknown", ownerId: undefined, labels: [] });
    return id;
  }

  #place(number: number): Location {
    let place = this.#places.get(number);
    if (place === undefined) {
      const [, line, column, file] = /^(\d+):(\d+):(.*)$/s.exec(this.#texts.get(number) ?? "") ?? [];
      if (file === undefined) throw this.#broken("its line of source is not there");
      place = { file, line: Number(line), column: Number(column) };
      this.#places.set(number, place);
    }
    return place;
  }

  #broken(what: string): RecordingError {
    return new RecordingError(
      `Cannot read the recording ${this.#name}: line ${this.#count} is broken, ${what}`,
      this.#count,
    );
  }

  #notOurs(): RecordingError {
    return new RecordingError(
      `Cannot read the recording ${this.#name}: it is none, a file that gyre's recorder saved is wanted`,
    );
  }
}

function isId(value: unknown): value is number {
  return isCount(value) && value > 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isProgram(value: unknown): value is Program {
  const { name, pid, node, startedAt } = (value ?? {}) as Partial<Program>;
  return isText(name) && isCount(pid) && isText(node) && isText(startedAt);
}
