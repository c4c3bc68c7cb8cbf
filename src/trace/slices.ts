/**
 * The slices of a recording: which step began when, how long it took, and what
 * woke it, by the events of the recording that begin them.
 *
 * All numbers in arrays, before any text is written: how long a slice takes is
 * known at its end only, and stands at its beginning.
 */
import type { Recording } from "./recording.ts";

/** What is known of each event, by its place in the recording. */
export interface Slices {
  /** When it happened: in microseconds, whole nanoseconds, never before the one above. */
  readonly times: Float64Array;
  /** Of a step's beginning: how long the step took. */
  readonly durations: Float64Array;
  /** Of the first step of a turn with several ones: how long the turn took. Else below 0. */
  readonly turns: Float64Array;
  /**
   * Of a wake by who ran then: the number of the arrow from it; below 0 when no step followed. Of a step's beginning:
   * that of the arrow to it. Else 0.
   */
  readonly arrows: Int32Array;
}

/** A wake that no step has followed. */
const NO_STEP = -1;

export function slicesOf({ events, endUs }: Recording): Slices {
  const finder = new Finder(events.length);
  for (const [at, event] of events.entries()) {
    finder.setTime(at, event.atUs);
    if (event.kind === "start" || event.kind === "step") finder.enter(at, event.id);
    else if (event.kind === "wait") finder.leaveUpTo(event.id);
    else if (event.kind === "wake") finder.wake(at, event.id, event.by);
    else if (event.kind === "end") finder.end(event.id);
  }
  finder.finish(endUs);
  return finder;
}

class Finder implements Slices {
  readonly times: Float64Array;
  readonly durations: Float64Array;
  readonly turns: Float64Array;
  readonly arrows: Int32Array;
  /** The coroutines whose steps are on the stack; and the events at which those began. */
  readonly #ids: number[] = [];
  readonly #begins: number[] = [];
  /** By coroutine that is to run: the event of its wake. */
  readonly #wakes = new Map<number, number>();
  #lastArrow = 0;
  #nowUs = 0;
  /** The event at which the turn began; below 0 before the first. */
  #turn = -1;
  #turnSteps = 0;
  /** When its last step ended; below 0 while that runs. */
  #turnEndUs = -1;

  constructor(count: number) {
    this.times = new Float64Array(count);
    this.durations = new Float64Array(count);
    this.turns = new Float64Array(count).fill(-1);
    this.arrows = new Int32Array(count);
  }

  setTime(at: number, atUs: number): void {
    this.#passTo(atUs);
    this.times[at] = this.#nowUs;
  }

  /** A step begins. */
  enter(at: number, id: number): void {
    // It stands there already when the end of its last step was lost.
    this.leaveUpTo(id);
    if (this.#ids.length === 0) this.#beginStep(at);
    const wake = this.#wakes.get(id);
    if (wake !== undefined) {
      this.#wakes.delete(id);
      this.#lastArrow++;
      this.arrows[wake] = this.#lastArrow;
      this.arrows[at] = this.#lastArrow;
    }
    this.#ids.push(id);
    this.#begins.push(at);
  }

  wake(at: number, id: number, by: number | undefined): void {
    // The arrow begins in the slice of who woke it, if that runs.
    if (by === undefined || this.#ids.at(-1) !== by) return;
    this.arrows[at] = NO_STEP;
    this.#wakes.set(id, at);
  }

  end(id: number): void {
    this.leaveUpTo(id);
    this.#wakes.delete(id);
  }

  /** Close the slices from the top down to that of `id`; none when it has none. */
  leaveUpTo(id: number): void {
    const at = this.#ids.lastIndexOf(id);
    if (at >= 0) this.#leave(at);
  }

  finish(endUs: number): void {
    this.#passTo(endUs);
    this.#leave(0);
    this.#endTurn();
  }

  #passTo(atUs: number): void {
    // A clock that was set back must not turn a slice around; and readers of the format count in nanoseconds.
    if (atUs > this.#nowUs) this.#nowUs = roundToNanos(atUs);
  }

  #leave(size: number): void {
    if (this.#ids.length <= size) return;
    while (this.#ids.length > size) {
      this.#ids.pop();
      const begin = this.#begins.pop() as number;
      this.durations[begin] = this.#since(begin);
    }
    if (size === 0) this.#turnEndUs = this.#nowUs;
  }

  /** A step that has none below it begins: in the turn of the one before, if there was no pause. */
  #beginStep(at: number): void {
    if (this.#turnEndUs === this.#nowUs) {
      this.#turnSteps++;
      return;
    }
    this.#endTurn();
    this.#turn = at;
    this.#turnSteps = 1;
  }

  /** One step needs no turn around it. */
  #endTurn(): void {
    if (this.#turnSteps < 2) return;
    const beganUs = this.times[this.#turn] as number;
    this.turns[this.#turn] = roundToNanos(this.#turnEndUs - beganUs);
  }

  #since(at: number): number {
    return roundToNanos(this.#nowUs - (this.times[at] as number));
  }
}

/** `us` microseconds in whole nanoseconds. */
function roundToNanos(us: number): number {
  return Math.round(us * 1000) / 1000;
}
