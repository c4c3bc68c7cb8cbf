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
import type { EndEvent, NoteEvent, Recording, TraceEvent, WaitEvent } from "./recording.ts";

/** The one thread that coroutines run on. */
const THREAD = 1;
const CATEGORY = "coroutine";
/** Events that are written at once. */
const PIECE = 1000;

/** One event of the format; times are in microseconds. */
export interface PerfettoEvent {
  readonly ph: "X" | "b" | "e" | "n" | "i" | "M";
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  dur?: number;
  readonly id?: number;
  /** Of an instant: of the process or the thread. */
  readonly s?: "p" | "t";
  bind_id?: number;
  readonly flow_in?: true;
  flow_out?: true;
  readonly args?: { readonly [name: string]: unknown };
}

/** The text of a trace file: JSON. What had not ended is closed at the last event. */
export function formatPerfetto(recording: Recording): string {
  const { program, dropped, cutOff } = recording;
  const head = {
    displayTimeUnit: "ms",
    otherData: { program: program.name, node: program.node, startedAt: program.startedAt, dropped, cutOff },
  };
  const events = perfettoEvents(recording);
  // Many at once, which is quicker than one by one.
  const pieces: string[] = [];
  for (let at = 0; at < events.length; at += PIECE)
    pieces.push(JSON.stringify(events.slice(at, at + PIECE)).slice(1, -1));
  return `${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${pieces.join(",\n")}\n]}\n`;
}

/** The events of a trace file, by time; those of one time as they follow each other. */
export function perfettoEvents(recording: Recording): PerfettoEvent[] {
  const writer = new Writer(recording);
  for (const event of recording.events) writer.take(event);
  return writer.finish();
}

/** A slice that has begun. */
interface Open {
  /** Its coroutine. */
  readonly id: number;
  readonly slice: PerfettoEvent;
}

/** A coroutine that has begun. */
interface Life {
  readonly name: string;
  /** What its state is called. */
  state: string;
}

/** Steps without a pause between them. */
interface Turn {
  readonly slice: PerfettoEvent;
  /** Where the slice is in what is written. */
  readonly at: number;
  steps: number;
  /** When its last step ended; `undefined` while that runs. */
  endUs: number | undefined;
}

class Writer {
  readonly #pid: number;
  readonly #names = new Map<number, string>();
  /** By time, as slices are put there when they begin. */
  readonly #out: PerfettoEvent[] = [];
  readonly #stack: Open[] = [];
  readonly #lives = new Map<number, Life>();
  /** By coroutine that is to run: the slice of the wake, from which an arrow will lead. */
  readonly #wakes = new Map<number, PerfettoEvent>();
  #lastBindId = 0;
  #nowUs = 0;
  #turn: Turn | undefined;

  constructor({ program, works }: Recording) {
    this.#pid = program.pid;
    for (const { id, name, labels } of works) this.#names.set(id, [`${name} #${id}`, ...labels].join(" "));
    const meta = { ph: "M", pid: program.pid, tid: THREAD } as const;
    this.#out.push(
      { ...meta, name: "process_name", args: { name: program.name } },
      { ...meta, name: "thread_name", args: { name: "loop" } },
    );
  }

  take(event: TraceEvent): void {
    // A clock that was set back must not turn a slice around; and readers of the format count in nanoseconds.
    this.#nowUs = Math.max(this.#nowUs, roundToNanos(event.atUs));
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

  finish(): PerfettoEvent[] {
    this.#leave(0);
    this.#endTurn();
    for (const [id, { name, state }] of this.#lives) {
      this.#async("e", state, id);
      this.#async("e", name, id, { end: "was still going on" });
    }
    return this.#out;
  }

  /** A step begins. */
  #enter(id: number): void {
    // It stands there already when the end of its last step was lost.
    this.#leaveUpTo(id);
    if (this.#stack.length === 0) this.#beginStep();
    this.#setState(id, "runs");
    const wake = this.#wakes.get(id);
    this.#wakes.delete(id);
    if (wake !== undefined) {
      wake.bind_id = ++this.#lastBindId;
      wake.flow_out = true;
    }
    this.#stack.push({ id, slice: this.#slice(this.#name(id), wake?.bind_id) });
  }

  #suspend({ id, on, line }: WaitEvent): void {
    const what = typeof on === "number" ? this.#name(on) : on;
    this.#setState(id, `waits for ${what}`, line === undefined ? undefined : { line: formatLocation(line) });
    this.#leaveUpTo(id);
  }

  #wake(id: number, by: number | undefined): void {
    this.#setState(id, "is ready", { by: by === undefined ? "the world" : this.#name(by) });
    // The arrow begins in the slice of who woke it, if that runs.
    if (this.#stack.at(-1)?.id !== by || by === undefined) return;
    const slice = this.#slice(`wakes ${this.#name(id)}`);
    slice.dur = 0;
    this.#wakes.set(id, slice);
  }

  #end({ id, how }: EndEvent): void {
    this.#leaveUpTo(id);
    const life = this.#life(id);
    this.#async("e", life.state, id);
    this.#async("e", life.name, id, { end: how });
    this.#lives.delete(id);
    this.#wakes.delete(id);
  }

  #note({ id, text }: NoteEvent): void {
    if (id === undefined) {
      this.#out.push({ ph: "i", name: text, pid: this.#pid, tid: THREAD, ts: this.#nowUs, s: "p" });
    } else {
      this.#life(id);
      this.#async("n", text, id);
    }
  }

  /** Where its start was lost, it begins at what is known first. */
  #life(id: number): Life {
    let life = this.#lives.get(id);
    if (life === undefined) {
      life = { name: this.#name(id), state: "was there before" };
      this.#lives.set(id, life);
      this.#async("b", life.name, id);
      this.#async("b", life.state, id);
    }
    return life;
  }

  #setState(id: number, state: string, args?: PerfettoEvent["args"]): void {
    const known = this.#lives.get(id);
    if (known !== undefined) this.#async("e", known.state, id);
    else {
      this.#lives.set(id, { name: this.#name(id), state });
      this.#async("b", this.#name(id), id);
    }
    this.#life(id).state = state;
    this.#async("b", state, id, args);
  }

  /** Close the slices from the top down to that of `id`; none when it has none. */
  #leaveUpTo(id: number): void {
    const at = this.#stack.findLastIndex((open) => open.id === id);
    if (at >= 0) this.#leave(at);
  }

  #leave(size: number): void {
    if (this.#stack.length <= size) return;
    for (const { slice } of this.#stack.splice(size)) slice.dur = this.#since(slice);
    if (this.#stack.length > 0 || this.#turn === undefined) return;
    this.#turn.slice.dur = this.#since(this.#turn.slice);
    this.#turn.endUs = this.#nowUs;
  }

  /** A step that has none below it begins: in the turn of the one before, if there was no pause. */
  #beginStep(): void {
    const turn = this.#turn;
    if (turn?.endUs === this.#nowUs) {
      turn.steps++;
      return;
    }
    this.#endTurn();
    const slice = this.#slice("turn");
    this.#turn = { slice, at: this.#out.length - 1, steps: 1, endUs: undefined };
  }

  /** One step needs no turn around it. */
  #endTurn(): void {
    if (this.#turn?.steps === 1) this.#out.splice(this.#turn.at, 1);
    this.#turn = undefined;
  }

  /** To be given its duration when it is over. */
  #slice(name: string, bindId?: number): PerfettoEvent {
    const pid = this.#pid;
    const ts = this.#nowUs;
    const added: PerfettoEvent =
      bindId === undefined
        ? { ph: "X", name, pid, tid: THREAD, ts, dur: 0 }
        : { ph: "X", name, pid, tid: THREAD, ts, dur: 0, bind_id: bindId, flow_in: true };
    this.#out.push(added);
    return added;
  }

  #since({ ts }: PerfettoEvent): number {
    return roundToNanos(this.#nowUs - (ts as number));
  }

  #async(ph: "b" | "e" | "n", name: string, id: number, args?: PerfettoEvent["args"]): void {
    const pid = this.#pid;
    const ts = this.#nowUs;
    this.#out.push(
      args === undefined
        ? { ph, name, pid, tid: THREAD, ts, cat: CATEGORY, id }
        : { ph, name, pid, tid: THREAD, ts, cat: CATEGORY, id, args },
    );
  }

  #name(id: number): string {
    return this.#names.get(id) ?? `#${id}`;
  }
}

/** `us` microseconds in whole nanoseconds. */
function roundToNanos(us: number): number {
  return Math.round(us * 1000) / 1000;
}
