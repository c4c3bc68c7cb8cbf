/**
 * A recording as a trace that ui.perfetto.dev and chrome://tracing open.
 *
 * One thread has the steps of all coroutines, as slices that nest as they did on
 * the stack; steps without a pause between them are below one slice, a turn. Each
 * coroutine has a track of its own, with its states. An arrow leads from who woke
 * to the step that followed.
 *
 * Source: the Trace Event Format. Slices are complete events (`X`), coroutines are
 * nestable asynchronous ones (`b`, `e`, `n`), which belong together by category,
 * id and process; arrows bind by `bind_id`, of which a slice can have one.
 */
import { formatLocation } from "../gen/index.ts";
import type { NoteEvent, Recording, TraceEvent, WaitEvent, WakeEvent } from "./recording.ts";
import { type Slices, slicesOf } from "./slices.ts";

/** The one thread that coroutines run on. */
const THREAD = 1;
const CATEGORY = "coroutine";
/** States that have a text of their own. */
const BEFORE = "was there before";
const RUNS = "runs";
const READY = "is ready";
/** Texts that are put together at once: few enough to be gone before the collector has copied them twice. */
const MOST_PARTS = 4000;

/** One event of the format; times are in microseconds. */
export interface PerfettoEvent {
  readonly ph: "X" | "b" | "e" | "n" | "i" | "M";
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: number;
  /** Of an instant: of the process or the thread. */
  readonly s?: "p" | "t";
  readonly bind_id?: number;
  readonly flow_in?: true;
  readonly flow_out?: true;
  readonly args?: { readonly [name: string]: unknown };
}

/**
 * The text of a trace file: JSON. What had not ended is closed at the last event.
 *
 * @throws {RangeError} when it is longer than a text can be, from about 1.8 million events on; `perfettoPieces` is not
 */
export function formatPerfetto(recording: Recording): string {
  return [...perfettoPieces(recording)].join("");
}

/**
 * The same in pieces of some hundred thousand characters, made as they are asked for.
 *
 * Written by hand, event by event, as objects would cost several times as much.
 */
export function* perfettoPieces(recording: Recording): Generator<string, void, undefined> {
  const writer = new Writer(recording);
  const { events, endUs } = recording;
  for (let at = 0; at < events.length; at++) {
    writer.write(events[at] as TraceEvent, at);
    if (writer.isFull) yield writer.take();
  }
  writer.finish(endUs);
  yield writer.take();
}

/** The events of a trace file, by time; those of one time as they follow each other. */
export function perfettoEvents(recording: Recording): PerfettoEvent[] {
  return (JSON.parse(formatPerfetto(recording)) as { traceEvents: PerfettoEvent[] }).traceEvents;
}

/** A coroutine that has begun. */
interface Life {
  readonly name: string;
  /** What its state is called. */
  state: string;
  /** What follows a name in all of its asynchronous events, up to the time. */
  readonly rest: string;
}

/** Texts here are what stands between the quotes in JSON, unless they say otherwise. */
class Writer {
  readonly #slices: Slices;
  readonly #pid: number;
  readonly #names = new Map<number, string>();
  /** Of what is waited for, by its words: few, and again and again. */
  readonly #words = new Map<string, string>();
  readonly #lives = new Map<number, Life>();
  /** What follows the name in all slices, up to the time. */
  readonly #sliceRest: string;
  /** Of the next piece. */
  #parts: string[] = [];
  #nowUs = 0;
  /** The same as text. */
  #now = "0";

  constructor(recording: Recording) {
    const { program, works, dropped, cutOff } = recording;
    const { name: ofProgram, pid, node, startedAt } = program;
    this.#slices = slicesOf(recording);
    this.#pid = pid;
    this.#sliceRest = `","pid":${pid},"tid":${THREAD},"ts":`;
    for (const { id, name, labels } of works)
      this.#names.set(id, inQuotes([`${name} #${id}`, ...labels].join(" ")));
    const head = {
      displayTimeUnit: "ms",
      otherData: { program: ofProgram, node, startedAt, dropped, cutOff },
    };
    const meta = { ph: "M", pid, tid: THREAD };
    const first = JSON.stringify({ ...meta, name: "process_name", args: { name: ofProgram } });
    const second = JSON.stringify({ ...meta, name: "thread_name", args: { name: "loop" } });
    this.#parts.push(`${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${first},\n${second}`);
  }

  /** @param at - its place in the recording */
  write(event: TraceEvent, at: number): void {
    this.#setTime(this.#slices.times[at] as number);
    switch (event.kind) {
      case "start":
      case "step":
        this.#enter(event.id, at);
        break;
      case "wait":
        this.#suspend(event);
        break;
      case "wake":
        this.#wake(event, at);
        break;
      case "end":
        this.#endLife(this.#life(event.id), event.how);
        this.#lives.delete(event.id);
        break;
      default:
        this.#note(event);
    }
  }

  finish(endUs: number): void {
    this.#setTime(Math.max(this.#nowUs, endUs));
    for (const life of this.#lives.values()) this.#endLife(life, "was still going on");
    this.#parts.push("\n]}\n");
  }

  #setTime(atUs: number): void {
    if (atUs === this.#nowUs) return;
    this.#nowUs = atUs;
    this.#now = String(atUs);
  }

  /** Is it time to take a piece? */
  get isFull(): boolean {
    return this.#parts.length > MOST_PARTS;
  }

  /** What is written since the last time. */
  take(): string {
    const piece = this.#parts.join("");
    this.#parts = [];
    return piece;
  }

  /** A step begins. */
  #enter(id: number, at: number): void {
    const { turns, durations, arrows } = this.#slices;
    const turn = turns[at] as number;
    if (turn >= 0) this.#slice("turn", turn, "");
    this.#setState(id, RUNS, "");
    const arrow = arrows[at] as number;
    this.#slice(
      this.#name(id),
      durations[at] as number,
      arrow === 0 ? "" : `,"bind_id":${arrow},"flow_in":true`,
    );
  }

  #suspend({ id, on, line }: WaitEvent): void {
    const args = line === undefined ? "" : `,"args":{"line":"${inQuotes(formatLocation(line))}"}`;
    this.#setState(id, typeof on === "number" ? `waits for ${this.#name(on)}` : this.#waitFor(on), args);
  }

  #waitFor(words: string): string {
    let state = this.#words.get(words);
    if (state === undefined) {
      state = inQuotes(`waits for ${words}`);
      this.#words.set(words, state);
    }
    return state;
  }

  #wake({ id, by }: WakeEvent, at: number): void {
    const name = by === undefined ? "the world" : this.#name(by);
    this.#setState(id, READY, `,"args":{"by":"${name}"}`);
    const arrow = this.#slices.arrows[at] as number;
    if (arrow === 0) return;
    this.#slice(`wakes ${this.#name(id)}`, 0, arrow < 0 ? "" : `,"bind_id":${arrow},"flow_out":true`);
  }

  #note({ id, text }: NoteEvent): void {
    const name = inQuotes(text);
    if (id === undefined)
      this.#parts.push(`,\n{"ph":"i","s":"p","name":"${name}${this.#sliceRest}${this.#now}}`);
    else {
      const { rest } = this.#life(id);
      this.#parts.push(`,\n{"ph":"n","name":"${name}${rest}${this.#now}}`);
    }
  }

  /** @param more - as JSON, with a comma in front; or nothing */
  #slice(name: string, durationUs: number, more: string): void {
    this.#parts.push(
      `,\n{"ph":"X","name":"${name}${this.#sliceRest}${this.#now},"dur":${durationUs}${more}}`,
    );
  }

  /** Where its start was lost, it begins at what is known first. */
  #life(id: number): Life {
    return this.#lives.get(id) ?? this.#beginLife(id, BEFORE, "");
  }

  #beginLife(id: number, state: string, args: string): Life {
    const name = this.#name(id);
    const rest = `","cat":"${CATEGORY}","id":${id},"pid":${this.#pid},"tid":${THREAD},"ts":`;
    const life = { name, state, rest };
    this.#lives.set(id, life);
    const now = this.#now;
    this.#parts.push(
      `,\n{"ph":"b","name":"${name}${rest}${now}},\n{"ph":"b","name":"${state}${rest}${now}${args}}`,
    );
    return life;
  }

  /** @param args - as JSON, with a comma in front; or nothing */
  #setState(id: number, state: string, args: string): void {
    const life = this.#lives.get(id);
    if (life === undefined) {
      this.#beginLife(id, state, args);
      return;
    }
    const { state: before, rest } = life;
    const now = this.#now;
    this.#parts.push(
      `,\n{"ph":"e","name":"${before}${rest}${now}},\n{"ph":"b","name":"${state}${rest}${now}${args}}`,
    );
    life.state = state;
  }

  #endLife({ name, state, rest }: Life, how: string): void {
    const now = this.#now;
    this.#parts.push(
      `,\n{"ph":"e","name":"${state}${rest}${now}},\n{"ph":"e","name":"${name}${rest}${now},"args":{"end":"${how}"}}`,
    );
  }

  #name(id: number): string {
    return this.#names.get(id) ?? `#${id}`;
  }
}

/** `text` as it stands between the quotes of a JSON string. */
function inQuotes(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
