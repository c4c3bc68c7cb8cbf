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
import { OpenText } from "./open-text.ts";
import type { EndEvent, NoteEvent, Recording, TraceEvent, WaitEvent } from "./recording.ts";

/** The one thread that coroutines run on. */
const THREAD = 1;
const CATEGORY = "coroutine";
/** States that have a text of their own. */
const [BEFORE, RUNS, READY] = ["was there before", "runs", "is ready"];
/** Pieces of text that are kept apart at most, where nothing is open any more. */
const MOST_PIECES = 4096;

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
 * Written by hand, event by event, as objects would cost several times as much.
 */
export function formatPerfetto(recording: Recording): string {
  const writer = new Writer(recording);
  for (const event of recording.events) writer.take(event);
  return writer.finish();
}

/** The events of a trace file, by time; those of one time as they follow each other. */
export function perfettoEvents(recording: Recording): PerfettoEvent[] {
  return (JSON.parse(formatPerfetto(recording)) as { traceEvents: PerfettoEvent[] }).traceEvents;
}

/** A slice that has begun. Its text has a gap, for how long it takes. */
interface Open {
  /** Its coroutine. */
  readonly id: number;
  readonly gap: number;
  readonly atUs: number;
}

/** A coroutine that has begun. */
interface Life {
  readonly name: string;
  /** What its state is called. */
  state: string;
  /** What follows a name in all of its asynchronous events, up to the time. */
  readonly rest: string;
}

/** Steps without a pause between them. */
interface Turn {
  readonly gap: number;
  readonly atUs: number;
  steps: number;
  /** When its last step ended; `undefined` while that runs. */
  endUs: number | undefined;
}

/** Texts here are what stands between the quotes in JSON, unless they say otherwise. */
class Writer {
  readonly #text: OpenText;
  readonly #pid: number;
  readonly #names = new Map<number, string>();
  /** Of what is waited for, by its words: few, and again and again. */
  readonly #words = new Map<string, string>();
  readonly #stack: Open[] = [];
  readonly #lives = new Map<number, Life>();
  /** By coroutine that is to run: the gap in the slice of the wake, from which an arrow will lead. */
  readonly #wakes = new Map<number, number>();
  /** What follows the name in all slices, up to the time. */
  readonly #sliceRest: string;
  #lastBindId = 0;
  #nowUs = 0;
  /** The same as text. */
  #now = "0";
  #turn: Turn | undefined;

  constructor({ program, works, dropped, cutOff }: Recording) {
    const { name: ofProgram, pid, node, startedAt } = program;
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
    this.#text = new OpenText(`${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${first},\n${second}`);
  }

  take(event: TraceEvent): void {
    const { atUs } = event;
    // A clock that was set back must not turn a slice around; and readers of the format count in nanoseconds.
    if (atUs > this.#nowUs) {
      this.#nowUs = Math.max(this.#nowUs, roundToNanos(atUs));
      this.#now = String(this.#nowUs);
    }
    switch (event.kind) {
      case "start":
      case "step":
        this.#enter(event.id);
        break;
      case "wait":
        this.#suspend(event);
        break;
      case "wake":
        this.#wake(event.id, event.by);
        break;
      case "end":
        this.#end(event);
        break;
      default:
        this.#note(event);
    }
  }

  finish(): string {
    this.#leave(0);
    this.#endTurn();
    for (const life of this.#lives.values()) this.#endLife(life, "was still going on");
    return this.#text.finish("\n]}\n");
  }

  /** A step begins. */
  #enter(id: number): void {
    // It stands there already when the end of its last step was lost.
    this.#leaveUpTo(id);
    if (this.#stack.length === 0) this.#beginStep();
    this.#setState(id, RUNS as string, "");
    const wake = this.#wakes.get(id);
    const name = this.#name(id);
    const slice = `,\n{"ph":"X","name":"${name}${this.#sliceRest}${this.#now}`;
    if (wake === undefined) this.#text.add(`${slice},"dur":`);
    else {
      this.#wakes.delete(id);
      const bindId = ++this.#lastBindId;
      this.#text.fill(wake, `,"bind_id":${bindId},"flow_out":true`);
      this.#text.add(`${slice},"bind_id":${bindId},"flow_in":true,"dur":`);
    }
    this.#stack.push({ id, gap: this.#text.leaveGap(), atUs: this.#nowUs });
    this.#text.add("}");
  }

  #suspend({ id, on, line }: WaitEvent): void {
    const args = line === undefined ? "" : `,"args":{"line":"${inQuotes(formatLocation(line))}"}`;
    this.#setState(id, typeof on === "number" ? `waits for ${this.#name(on)}` : this.#waitFor(on), args);
    this.#leaveUpTo(id);
  }

  #waitFor(words: string): string {
    let state = this.#words.get(words);
    if (state === undefined) {
      state = inQuotes(`waits for ${words}`);
      this.#words.set(words, state);
    }
    return state;
  }

  #wake(id: number, by: number | undefined): void {
    const name = by === undefined ? "the world" : this.#name(by);
    this.#setState(id, READY as string, `,"args":{"by":"${name}"}`);
    // The arrow begins in the slice of who woke it, if that runs.
    if (this.#stack.at(-1)?.id !== by || by === undefined) return;
    this.#text.add(`,\n{"ph":"X","name":"wakes ${this.#name(id)}${this.#sliceRest}${this.#now},"dur":0`);
    this.#wakes.set(id, this.#text.leaveGap());
    this.#text.add("}");
  }

  #end({ id, how }: EndEvent): void {
    this.#leaveUpTo(id);
    this.#endLife(this.#life(id), how);
    this.#lives.delete(id);
    this.#wakes.delete(id);
  }

  #endLife({ name, state, rest }: Life, how: string): void {
    const now = this.#now;
    this.#text.add(
      `,\n{"ph":"e","name":"${state}${rest}${now}},\n{"ph":"e","name":"${name}${rest}${now},"args":{"end":"${how}"}}`,
    );
  }

  #note({ id, text }: NoteEvent): void {
    if (id === undefined) {
      this.#text.add(`,\n{"ph":"i","s":"p","name":"${inQuotes(text)}${this.#sliceRest}${this.#now}}`);
    } else {
      const { rest } = this.#life(id);
      this.#text.add(`,\n{"ph":"n","name":"${inQuotes(text)}${rest}${this.#now}}`);
    }
  }

  /** Where its start was lost, it begins at what is known first. */
  #life(id: number): Life {
    return this.#lives.get(id) ?? this.#beginLife(id, BEFORE as string, "");
  }

  #beginLife(id: number, state: string, args: string): Life {
    const name = this.#name(id);
    const rest = `","cat":"${CATEGORY}","id":${id},"pid":${this.#pid},"tid":${THREAD},"ts":`;
    const life = { name, state, rest };
    this.#lives.set(id, life);
    const now = this.#now;
    this.#text.add(
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
    this.#text.add(
      `,\n{"ph":"e","name":"${before}${rest}${now}},\n{"ph":"b","name":"${state}${rest}${now}${args}}`,
    );
    life.state = state;
  }

  /** Close the slices from the top down to that of `id`; none when it has none. */
  #leaveUpTo(id: number): void {
    const stack = this.#stack;
    for (let at = stack.length - 1; at >= 0; at--) {
      if ((stack[at] as Open).id !== id) continue;
      this.#leave(at);
      return;
    }
  }

  #leave(size: number): void {
    const stack = this.#stack;
    if (stack.length <= size) return;
    while (stack.length > size) {
      const { gap, atUs } = stack.pop() as Open;
      this.#text.fill(gap, this.#since(atUs));
    }
    if (size === 0 && this.#turn !== undefined) this.#turn.endUs = this.#nowUs;
  }

  /** A step that has none below it begins: in the turn of the one before, if there was no pause. */
  #beginStep(): void {
    const turn = this.#turn;
    if (turn?.endUs === this.#nowUs) {
      turn.steps++;
      return;
    }
    this.#endTurn();
    this.#turn = { gap: this.#text.leaveGap(), atUs: this.#nowUs, steps: 1, endUs: undefined };
  }

  /** One step needs no turn around it. */
  #endTurn(): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    this.#turn = undefined;
    if (turn.steps > 1) {
      const duration = roundToNanos((turn.endUs ?? this.#nowUs) - turn.atUs);
      this.#text.fill(turn.gap, `,\n{"ph":"X","name":"turn${this.#sliceRest}${turn.atUs},"dur":${duration}}`);
    }
    // The gaps of wakes are open until the step, which may be in any turn to come.
    if (this.#text.pieces > MOST_PIECES && this.#wakes.size === 0) this.#text.close();
  }

  #since(atUs: number): string {
    return this.#nowUs === atUs ? "0" : String(roundToNanos(this.#nowUs - atUs));
  }

  #name(id: number): string {
    return this.#names.get(id) ?? `#${id}`;
  }
}

/** `text` as it stands between the quotes of a JSON string. */
function inQuotes(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** `us` microseconds in whole nanoseconds. */
function roundToNanos(us: number): number {
  return Math.round(us * 1000) / 1000;
}
