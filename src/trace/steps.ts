/**
 * Where steps begin and end, for a recording in which that was not written: it follows from what was.
 *
 * A step has begun before the first thing that it does. It is over when another step of its loop does something, when the
 * world does, or when all that was ready has run, and the coroutine waits from then on, for something of which no more is
 * known. Who is woken first goes on first, so those that were woken before one that does something have had their
 * steps, too; but for a loop on which what is ready runs in any order.
 *
 * One shown as waiting that does something all the same was in its step still: code that ran on nobody's behalf had
 * looked like the world. What was concluded of it is taken back then.
 */
import { LoopSteps } from "./loop-steps.ts";
import type { TraceEvent } from "./recording.ts";

/** What was concluded of a coroutine: places among the events. */
interface Concluded {
  /** Of the step, when nothing is known but that there was one. */
  readonly step: number | undefined;
  readonly wait: number;
  /** How often all that was ready on its loop had run by then. */
  readonly turn: number;
}

export class Steps {
  /** What has been told and concluded, in order; nothing where a conclusion was taken back. */
  readonly events: (TraceEvent | undefined)[] = [];
  /** What it waits for of whose wait no more is known. */
  readonly #plainWait: string;
  readonly #loops = new Map<number, LoopSteps>();
  /** The loop of a coroutine that is of another one than the first. */
  readonly #loopOf = new Map<number, LoopSteps>();
  readonly #first: LoopSteps;
  /** That of what the world does now. */
  #loop: LoopSteps;
  /** By ids of those that wait. */
  readonly #concluded = new Map<number, Concluded>();
  #atUs = 0;

  constructor(plainWait: string) {
    this.#plainWait = plainWait;
    this.#first = this.#loopNumbered(0);
    this.#loop = this.#first;
  }

  /** What is told from now on happened at this time. */
  setTime(atUs: number): void {
    this.#atUs = atUs;
  }

  /** What the world does from now on is of this loop; `left` steps that were due there had not been run yet, if any. */
  enterLoop(number: number, left: number): void {
    this.#loop = this.#loopNumbered(number);
    if (left === 0) return;
    this.#closeAll(this.#loop);
    this.#runSilently(this.#loop, this.#loop.readyCount - left);
  }

  /** The step of `id` does something: the event that is told next. */
  does(id: number): void {
    const loop = this.#loopFor(id);
    if (loop.isReady(id)) {
      this.#closeAll(loop);
      if (loop.inOrder) this.#runSilentlyTo(loop, id);
      loop.takeReady(id);
      this.#push("step", id);
    } else if (loop.open.includes(id)) {
      this.#closeAbove(loop, id);
      return;
    } else {
      this.#closeAll(loop);
      // Else what is known of it began in the midst of its step, or a clean-up is started on its behalf.
      if (!this.#takeBack(loop, id)) return;
    }
    loop.open.push(id);
  }

  /** The world does something. */
  worldDoes(): void {
    this.#closeAll(this.#loop);
  }

  /** All that was ready has run. */
  turnIsOver(): void {
    const loop = this.#loop;
    this.#closeAll(loop);
    this.#runSilently(loop, loop.readyCount);
    loop.turn++;
  }

  /** It starts, within whatever step there is. */
  starts(id: number): void {
    if (this.#loop !== this.#first) this.#loopOf.set(id, this.#loop);
    this.#loop.open.push(id);
  }

  /** It waits, and that is told. */
  waits(id: number): void {
    this.does(id);
    const { open, told } = this.#loopFor(id);
    if (open.at(-1) === id) told.add(id);
  }

  /** It is about to be woken, so it waits. */
  isWoken(id: number, byWorld: boolean): void {
    if (byWorld && this.#loop !== this.#first) this.#loopOf.set(id, this.#loop);
    const loop = this.#loopFor(id);
    if (loop.open.includes(id)) {
      this.#closeAbove(loop, id);
      this.#close(loop);
    } else if (loop.isReady(id)) {
      if (loop.inOrder) this.#runSilentlyTo(loop, id);
      loop.takeReady(id);
      this.#pushSilent(loop, id);
    }
    this.#concluded.delete(id);
    loop.addReady(id);
  }

  /** It ends: in its step, or while it waits. */
  ends(id: number): void {
    const loop = this.#loopFor(id);
    const concluded = this.#concluded.get(id);
    const wasInStep = loop.isReady(id) || loop.open.includes(id) || concluded?.turn === loop.turn;
    if (wasInStep) this.does(id);
    if (loop.open.at(-1) !== id) loop.open.push(id);
    loop.told.add(id);
    this.#concluded.delete(id);
  }

  /** Nothing more is told; the step of `runningId` is on the stack. */
  finish(runningId: number | undefined): void {
    if (runningId === undefined) this.#closeAll(this.#loop);
    else this.does(runningId);
  }

  #loopNumbered(number: number): LoopSteps {
    let loop = this.#loops.get(number >> 1);
    if (loop === undefined) {
      loop = new LoopSteps((number & 1) === 0);
      this.#loops.set(number >> 1, loop);
    }
    return loop;
  }

  #loopFor(id: number): LoopSteps {
    return this.#loopOf.get(id) ?? this.#first;
  }

  /** The first `count` of those that were woken have had steps in which they did nothing. */
  #runSilently(loop: LoopSteps, count: number): void {
    for (let left = count; left > 0; left--) this.#pushSilent(loop, loop.takeFirst() as number);
  }

  /** And those that were woken before `id`. */
  #runSilentlyTo(loop: LoopSteps, id: number): void {
    while (loop.firstReady() !== id) this.#pushSilent(loop, loop.takeFirst() as number);
  }

  #pushSilent(loop: LoopSteps, id: number): void {
    this.#conclude(loop, id, this.#push("step", id));
  }

  #closeAll(loop: LoopSteps): void {
    while (loop.open.length > 0) this.#close(loop);
  }

  #closeAbove(loop: LoopSteps, id: number): void {
    while (loop.open.at(-1) !== id) this.#close(loop);
  }

  #close(loop: LoopSteps): void {
    const id = loop.open.pop() as number;
    if (!loop.told.delete(id)) this.#conclude(loop, id, undefined);
  }

  #conclude({ turn }: LoopSteps, id: number, step: number | undefined): void {
    this.#concluded.set(id, { step, wait: this.#push("wait", id), turn });
  }

  /** @returns whether something was concluded of it */
  #takeBack(loop: LoopSteps, id: number): boolean {
    const concluded = this.#concluded.get(id);
    // Once all that was ready has run, its step is over.
    if (concluded?.turn !== loop.turn) return false;
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
