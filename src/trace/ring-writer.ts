/** Writes what coroutines do into the ring: the way of every event, as short as it can be. */
import { CANCELLED, type Future, PENDING, RESOLVED, type ReadyQueue, turnCount } from "../future/index.ts";
import { Coroutine, childrenOf, exclusiveWait } from "../gen/index.ts";
import type { IOLoop, Watched } from "../loop/index.ts";
import { nameOf } from "./deadlocks.ts";
import { END, HELD, LABEL, LINE, LOOP, NOTE, ORPHAN, START, STEP, WAIT, WAIT_TEXT, WAKE } from "./kinds.ts";
import type { WaitingLines } from "./lines.ts";
import { Names } from "./names.ts";
import { labelsOf } from "./note.ts";
import { EventRing, writeEvent, writeLongEvent } from "./ring.ts";
import { Texts } from "./texts.ts";
import { inWords } from "./waits.ts";
import type { Watcher } from "./watchers.ts";

/** How it writes. */
export interface RingWriterOptions {
  readonly maxBytes: number;
  readonly loop: IOLoop;
  /** With a look at the clock at each event. */
  readonly isExact: boolean;
}

/** A queue as it was when one looked last. */
interface SeenQueue {
  /** From 0, twice; and one more where what is ready may run in any order. */
  readonly number: number;
  turnsOver: number;
}

/** Writes neither where steps begin nor the waits that say only where one ends: that follows from the rest. */
export class RingWriter implements Watcher {
  readonly neverThrows: boolean = true;
  readonly ring: EventRing;
  readonly texts: Texts;
  readonly #names: Names;
  readonly #loop: IOLoop;
  readonly #isExact: boolean;
  readonly #beganMs: number;
  /** The last turn for which the time is known. */
  #turn = -1;
  /** The queue of what was written last, how it was seen, and the turns that there had been then. */
  #queue: ReadyQueue;
  #seen: SeenQueue;
  #turns = turnCount;
  /** Others, of which a simulation may make thousands. */
  readonly #queues = new WeakMap<ReadyQueue, SeenQueue>();
  #queueCount = 0;

  constructor({ maxBytes, loop, isExact }: RingWriterOptions) {
    // Thousands of steps may follow from one thing that the world did.
    this.ring = new EventRing(maxBytes, () => this.#look(this.#turn));
    this.texts = new Texts(maxBytes >> 1);
    this.#names = new Names(this.texts);
    this.#loop = loop;
    this.#isExact = isExact;
    this.#beganMs = loop.time();
    this.#queue = loop._ready;
    this.#seen = this.#seenOf(loop._ready);
  }

  /** Has all that was ready run since the last event? */
  get isTurnOver(): boolean {
    return this.#seen.turnsOver !== this.#queue.turnsOver;
  }

  /** In whole nanoseconds since it began. */
  get nowNs(): number {
    return Math.round((this.#loop.time() - this.#beganMs) * 1e6);
  }

  started(work: Watched, owner: Watched | undefined): void {
    if (owner === undefined) this.#lookAt(work, turnCount);
    else this._keepTime(work);
    writeLongEvent(START, work.id, owner === undefined ? 0 : owner.id, this.#names.number(work));
  }

  suspended(work: Watched, source: Future<unknown>): void {
    this._keepTime(work);
    if (source instanceof Coroutine) writeEvent(WAIT, work.id, source.id);
    else {
      writeEvent(WAIT_TEXT, work.id, this.texts.number(inWords(source)));
      const holder = exclusiveWait(source)?._holder();
      if (holder instanceof Coroutine)
        writeLongEvent(HELD, work.id, holder.id, this.texts.number(nameOf(source)));
    }
  }

  woken(work: Watched, by: Watched | undefined): void {
    if (by === undefined) this.#wokenByWorld(work);
    // The step that does it has followed from something that the world did, at which the clock was looked at.
    else writeEvent(WAKE, work.id, by.id);
  }

  ended(work: Watched, state: number): void {
    this._keepTime(work);
    if ((work as Coroutine<unknown>)._children !== undefined) writeOrphans(work as Coroutine<unknown>);
    const kind = END + (state === RESOLVED ? 0 : state === CANCELLED ? 2 : 1);
    writeEvent(kind, work.id, this.#names.number(work));
    // Again, so that they are not lost before the end is.
    for (const text of labelsOf(work)) this.labelled(work, text);
  }

  noted(work: Watched | undefined, text: string): void {
    if (work === undefined) this.#look(turnCount);
    else this._keepTime(work);
    writeEvent(NOTE, work === undefined ? 0 : work.id, this.texts.pass(text));
  }

  labelled(work: Watched, text: string): void {
    writeEvent(LABEL, work.id, this.texts.pass(text));
  }

  #wokenByWorld(work: Watched): void {
    // The world comes at any time, and the turn that it makes follows.
    this.#lookAt(work, turnCount + 1);
    writeEvent(WAKE, work.id, 0);
  }

  /** @internal Events of a turn have the time of its first one. */
  _keepTime(work: Watched): void {
    const queue = queueOf(work);
    if (this.#turn < turnCount || queue !== this.#queue || this.#seen.turnsOver < queue.turnsOver)
      this.#lookAt(work, turnCount);
  }

  /** As `#look`, for an event of `work`. */
  #lookAt(work: Watched, turn: number): void {
    const queue = queueOf(work);
    // Between two of its turns, of which the one before was cut: what is ready now has not had its step then.
    const left = this.#turns < turnCount && !queue.turning ? queue.size : 0;
    if (queue !== this.#queue || left > 0) {
      this.#queue = queue;
      this.#seen = this.#seenOf(queue);
      writeEvent(LOOP, this.#seen.number, left);
    }
    this.#turns = turnCount;
    this.#look(turn);
  }

  /** See what time it is; it counts up to the end of `turn`. */
  #look(turn: number): void {
    // An exact one never has the time already.
    if (!this.#isExact) this.#turn = turn;
    const isOver = this.isTurnOver;
    this.#seen.turnsOver = this.#queue.turnsOver;
    this.ring.setTime(this.nowNs, isOver);
  }

  #seenOf(queue: ReadyQueue): SeenQueue {
    let seen = this.#queues.get(queue);
    if (seen === undefined) {
      seen = { number: 2 * this.#queueCount++ + (queue.inOrder ? 0 : 1), turnsOver: queue.turnsOver };
      this.#queues.set(queue, seen);
    }
    return seen;
  }
}

/** Writes where each step begins, and each wait; on wish with its line. */
export class StepWriter extends RingWriter {
  /** Lines are asked for elsewhere. */
  override readonly neverThrows = false;
  readonly #lines: WaitingLines | undefined;

  constructor(options: RingWriterOptions, lines: WaitingLines | undefined) {
    super(options);
    this.#lines = lines;
  }

  resumed(work: Watched): void {
    this._keepTime(work);
    writeEvent(STEP, work.id, 0);
  }

  override woken(work: Watched, by: Watched | undefined): void {
    this._keepTime(work);
    super.woken(work, by);
  }

  override suspended(work: Watched, source: Future<unknown>): void {
    super.suspended(work, source);
    const at = this.#lines?.lineOf(work as Coroutine<unknown>);
    if (at !== undefined) writeEvent(LINE, work.id, this.texts.number(`${at.line}:${at.column}:${at.file}`));
  }
}

/** Where its steps are queued. */
function queueOf(work: Watched): ReadyQueue {
  return (work as Coroutine<unknown>)._loop._ready;
}

/** Those that are reported when this end is over. */
function writeOrphans(work: Coroutine<unknown>): void {
  for (const child of childrenOf(work))
    if (child._state === PENDING && !child._isAwaited()) writeEvent(ORPHAN, child.id, work.id);
}
