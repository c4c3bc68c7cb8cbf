/**
 * Where steps begin and end, for a recording in which that was not written: it follows from what was.
 *
 * A step has begun before the first thing that it does. It is over when another step does something, when the world
 * does, or when all that was ready has run, and the coroutine waits from then on, for something of which no more is known.
 * Who is woken first goes on first, so those that were woken before one that does something have had their steps, too.
 *
 * One shown as waiting that does something all the same was in its step still: code that ran on nobody's behalf had
 * looked like the world. What was concluded of it is taken back then.
 */
import type { TraceEvent } from "./recording.ts";

/** What was concluded of a coroutine: places among the events. */
interface Concluded {
  /** Of the step, when nothing is known but that there was one. */
  readonly step: number | undefined;
  readonly wait: number;
  /** How often all that was ready had run by then. */
  readonly turn: number;
}

export class Steps {
  /** What has been told and concluded, in order; nothing where a conclusion was taken back. */
  readonly events: (TraceEvent | undefined)[] = [];
  /** What it waits for of whose wait no more is known. */
  readonly #plainWait: string;
  /** Who is in a step, as far as is known; each has begun in a step of the one before. */
  readonly #open: number[] = [];
  /** Those of them whose wait or end is told: it may do something still, such as wake who waits for it. */
  readonly #told = new Set<number>();
  /** Whose steps are due, in the order in which they were woken. */
  readonly #ready = new Set<number>();
  /** By ids of those that wait. */
  readonly #concluded = new Map<number, Concluded>();
  #turn = 0;
  #atUs = 0;

  constructor(plainWait: string) {
    this.#plainWait = plainWait;
  }

  /** What is told from now on happened at this time. */
  setTime(atUs: number): void {
    this.#atUs = atUs;
  }

  /** The step of `id` does something: the event that is told next. */
  does(id: number): void {
    if (this.#ready.has(id)) {
      this.#closeAll();
      this.#runSilently(id);
      this.#ready.delete(id);
      this.#push("step", id);
    } else if (this.#open.includes(id)) {
      this.#closeAbove(id);
      return;
    } else {
      this.#closeAll();
      // Else what is known of it began in the midst of its step, or a clean-up is started on its behalf.
      if (!this.#takeBack(id)) return;
    }
    this.#open.push(id);
  }

  /** The world does something. */
  worldDoes(): void {
    this.#closeAll();
  }

  /** All that was ready has run. */
  turnIsOver(): void {
    this.#closeAll();
    this.#runSilently(undefined);
    this.#turn++;
  }

  /** It starts, within whatever step there is. */
  starts(id: number): void {
    this.#open.push(id);
  }

  /** It waits, and that is told. */
  waits(id: number): void {
    this.does(id);
    if (this.#open.at(-1) === id) this.#told.add(id);
  }

  /** It is about to be woken, so it waits. */
  isWoken(id: number): void {
    if (this.#open.includes(id)) {
      this.#closeAbove(id);
      this.#close();
    } else if (this.#ready.has(id)) {
      this.#runSilently(id);
      this.#pushSilent(id);
    }
    this.#concluded.delete(id);
    this.#ready.add(id);
  }

  /** It ends: in its step, or while it waits. */
  ends(id: number): void {
    const concluded = this.#concluded.get(id);
    const wasInStep = this.#ready.has(id) || this.#open.includes(id) || concluded?.turn === this.#turn;
    if (wasInStep) this.does(id);
    if (this.#open.at(-1) !== id) this.#open.push(id);
    this.#told.add(id);
    this.#concluded.delete(id);
  }

  /** Nothing more is told; the step of `runningId` is on the stack. */
  finish(runningId: number | undefined): void {
    if (runningId === undefined) this.#closeAll();
    else this.does(runningId);
  }

  /** Those that were woken before `id`, or all of them, have had steps in which they did nothing. */
  #runSilently(id: number | undefined): void {
    for (const each of this.#ready) {
      if (each === id) return;
      this.#pushSilent(each);
    }
  }

  #pushSilent(id: number): void {
    this.#ready.delete(id);
    const step = this.#push("step", id);
    this.#conclude(id, step);
  }

  #closeAll(): void {
    while (this.#open.length > 0) this.#close();
  }

  #closeAbove(id: number): void {
    while (this.#open.at(-1) !== id) this.#close();
  }

  #close(): void {
    const id = this.#open.pop() as number;
    if (!this.#told.delete(id)) this.#conclude(id, undefined);
  }

  #conclude(id: number, step: number | undefined): void {
    this.#concluded.set(id, { step, wait: this.#push("wait", id), turn: this.#turn });
  }

  /** @returns whether something was concluded of it */
  #takeBack(id: number): boolean {
    const concluded = this.#concluded.get(id);
    // Once all that was ready has run, its step is over.
    if (concluded?.turn !== this.#turn) return false;
    this.#concluded.delete(id);
    this.events[concluded.wait] = undefined;
    if (concluded.step !== undefined) {
      this.events[concluded.step] = undefined;
      this.#push("step", id);
    }
    return true;
  }

  /** @returns its place */
  #push(kind: "step" | "wait", id: number): number {
    const atUs = this.#atUs;
    return (
      this.events.push(kind === "step" ? { kind, atUs, id } : { kind, atUs, id, on: this.#plainWait }) - 1
    );
  }
}
