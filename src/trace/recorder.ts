/**
 * The recorder: writes what coroutines do into a ring of events, and makes a
 * recording of what is there when it is asked.
 *
 * Each event costs a few stores. Texts are kept by number, and the clock is read
 * when the world wakes or starts something, as one look at it costs as much as a
 * whole step: the turn that follows has that one time, unless `exact` is wanted. So
 * a step costs two events, its wake and its wait: where it begins follows from what
 * it does first. What a coroutine is called and who owns it is written at its start,
 * and its name again at its end: who started before the oldest event is known too.
 */
import { basename } from "node:path";
import { CANCELLED, Future, PENDING, RESOLVED, turnCount } from "../future/index.ts";
import { Coroutine, childrenOf, currentCoroutine, exclusiveWait } from "../gen/index.ts";
import { IOLoop, type Watched } from "../loop/index.ts";
import { nameOf } from "./deadlocks.ts";
import { writeRecording } from "./file.ts";
import { END, HELD, LABEL, LINE, NOTE, ORPHAN, START, STEP, WAIT, WAIT_TEXT, WAKE } from "./kinds.ts";
import { WaitingLines } from "./lines.ts";
import { Names } from "./names.ts";
import { labelsOf } from "./note.ts";
import { readRing } from "./read-ring.ts";
import type { Program, Recording } from "./recording.ts";
import { EventRing } from "./ring.ts";
import { Texts } from "./texts.ts";
import { inWords } from "./waits.ts";
import { type Watcher, watch } from "./watchers.ts";

const DEFAULT_BYTES = 8 * 1024 * 1024;
const LEAST_BYTES = 4096;

export interface RecordOptions {
  /**
   * Memory for events, in bytes; 8 each, 16 those of a start, and when it is full the oldest ones go. Texts may take
   * as much again. Default 8 MB, at least 4 kB.
   */
  readonly maxBytes?: number;
  /**
   * Read the clock at each event, and at the beginning of each step, so that times within one turn are right too: 60
   * to 80 ns each. Default false: all of a turn has the time at which the world woke what it began with. So a time
   * is too early by what the program has computed since then without a pause, and by no more.
   */
  readonly exact?: boolean;
  /** Record the line of each wait, too: about 100 us each. Default false. */
  readonly lines?: boolean;
  /** Whose clock is used, so that one over virtual time gives virtual times. Default: the current one. */
  readonly loop?: IOLoop;
}

/** Who records now; one at most, so that it can be asked for. */
let current: Recorder | undefined;

/** The recorder that is on, if one is. */
export function currentRecorder(): Recorder | undefined {
  return current;
}

/**
 * Record what all coroutines of this process do from now on, until `stop()`.
 *
 * @throws {RangeError} when `maxBytes` is no whole number of at least 4,096
 * @throws {Error} when one records already
 */
export function record(options: RecordOptions = {}): Recorder {
  const { maxBytes = DEFAULT_BYTES } = options;
  if (!Number.isInteger(maxBytes) || maxBytes < LEAST_BYTES) {
    throw new RangeError(
      `Cannot record: maxBytes is ${maxBytes}, a whole number of at least ${LEAST_BYTES} is wanted`,
    );
  }
  if (current !== undefined) {
    throw new Error("Cannot record: a recorder is on already, one at a time is wanted (stop() the other)");
  }
  current = new Recorder(options, maxBytes);
  return current;
}

/** Made by `record()`. */
export class Recorder {
  readonly #ring: EventRing;
  readonly #texts: Texts;
  readonly #program: Program;
  readonly #isExact: boolean;
  #unwatch: (() => void) | undefined;
  /** Whose step it was stopped in. */
  #stoppedInId: number | undefined;

  constructor(options: RecordOptions, maxBytes: number) {
    this.#ring = new EventRing(maxBytes);
    this.#texts = new Texts(maxBytes >> 1);
    this.#program = {
      name: programName(),
      pid: process.pid,
      node: process.version,
      startedAt: new Date().toISOString(),
    };
    this.#isExact = options.exact === true;
    this.#unwatch = watch(new RingWriter(this.#ring, this.#texts, options));
  }

  /** Is it on? */
  get on(): boolean {
    return this.#unwatch !== undefined;
  }

  /** How many events it has, and how many were lost because the ring was full. */
  statistics(): { events: number; dropped: number } {
    const { size, dropped } = this.#ring.count();
    return { events: size, dropped };
  }

  /** Record no more. What was recorded stays. Twice is harmless. */
  stop(): void {
    if (this.#unwatch === undefined) return;
    this.#unwatch();
    this.#unwatch = undefined;
    this.#stoppedInId = currentCoroutine()?.id;
    if (current === this) current = undefined;
  }

  /** What has been recorded up to now; also while it is on. */
  recording(): Recording {
    const runningId = this.on ? currentCoroutine()?.id : this.#stoppedInId;
    return readRing(this.#ring, this.#texts, this.#program, { isExact: this.#isExact, runningId });
  }

  /**
   * Write what has been recorded into the file `path`, which is replaced.
   *
   * Blocks until it is written (about 1 s for a million events), so that it can be the last thing a process does.
   *
   * @throws what the system says when the file cannot be written
   */
  save(path: string): void {
    writeRecording(path, this.recording());
  }
}

/** The way of every event: as short as it can be. */
class RingWriter implements Watcher {
  /** Lines are asked for elsewhere. */
  readonly neverThrows?: true;
  /** Of the times of a step's beginning only those are not known without it that are exact. */
  readonly resumed?: (work: Watched) => void;
  readonly #ring: EventRing;
  readonly #texts: Texts;
  readonly #names: Names;
  readonly #loop: IOLoop;
  readonly #lines: WaitingLines | undefined;
  readonly #exact: boolean;
  readonly #beganMs: number;
  /** The class whose waits need no look at anything else; none where lines are wanted. */
  readonly #plainKind: unknown;
  /** The number of what a Future is called that is nothing more. */
  readonly #plain: number;
  /** The last turn for which the time is known. */
  #turn = -1;

  constructor(ring: EventRing, texts: Texts, options: RecordOptions) {
    this.#ring = ring;
    this.#texts = texts;
    this.#names = new Names(texts);
    this.#loop = options.loop ?? IOLoop.current();
    this.#lines = options.lines === true ? new WaitingLines() : undefined;
    this.#exact = options.exact === true;
    this.#beganMs = this.#loop.time();
    this.#plainKind = this.#lines === undefined ? Future : undefined;
    this.#plain = texts.number(new Future()._describe());
    if (this.#lines === undefined) this.neverThrows = true;
    if (!this.#exact) return;
    this.resumed = (work) => {
      this.#look(turnCount);
      ring.write(STEP, work.id, 0);
    };
  }

  started(work: Watched, owner: Watched | undefined): void {
    if (owner === undefined || this.#turn < turnCount) this.#look(turnCount);
    this.#ring.writeMore(START, work.id, owner === undefined ? 0 : owner.id, this.#names.number(work));
  }

  suspended(work: Watched, source: Future<unknown>): void {
    if (this.#turn < turnCount) this.#look(turnCount);
    // The most frequent kind, without a call.
    if (source.constructor === this.#plainKind) this.#ring.write(WAIT_TEXT, work.id, this.#plain);
    else this.#writeWait(work, source);
  }

  woken(work: Watched, by: Watched | undefined): void {
    if (by === undefined) {
      // The world comes at any time, and the turn that it makes follows.
      this.#look(turnCount + 1);
      this.#ring.write(WAKE, work.id, 0);
    } else {
      if (this.#turn < turnCount) this.#look(turnCount);
      this.#ring.write(WAKE, work.id, by.id);
    }
  }

  ended(work: Watched, state: number): void {
    if (this.#turn < turnCount) this.#look(turnCount);
    // Again, so that they are not lost before the end is.
    for (const text of labelsOf(work)) this.labelled(work, text);
    if ((work as Coroutine<unknown>)._children !== undefined) this.#writeOrphans(work as Coroutine<unknown>);
    const kind = END + (state === RESOLVED ? 0 : state === CANCELLED ? 2 : 1);
    this.#ring.write(kind, work.id, this.#names.number(work));
  }

  noted(work: Watched | undefined, text: string): void {
    if (work === undefined || this.#turn < turnCount) this.#look(turnCount);
    this.#ring.write(NOTE, work === undefined ? 0 : work.id, this.#texts.pass(text));
  }

  labelled(work: Watched, text: string): void {
    if (this.#turn < turnCount) this.#look(turnCount);
    this.#ring.write(LABEL, work.id, this.#texts.pass(text));
  }

  #writeWait(work: Watched, source: Future<unknown>): void {
    if (source instanceof Coroutine) this.#ring.write(WAIT, work.id, source.id);
    else {
      this.#ring.write(WAIT_TEXT, work.id, this.#texts.number(inWords(source)));
      const holder = exclusiveWait(source)?._holder();
      if (holder instanceof Coroutine)
        this.#ring.writeMore(HELD, work.id, holder.id, this.#texts.number(nameOf(source)));
    }
    if (this.#lines !== undefined) this.#writeLine(work);
  }

  /** Those that are reported when this end is over. */
  #writeOrphans(work: Coroutine<unknown>): void {
    for (const child of childrenOf(work))
      if (child._state === PENDING && !child._isAwaited()) this.#ring.write(ORPHAN, child.id, work.id);
  }

  /** See what time it is; it counts up to the end of `turn`. */
  #look(turn: number): void {
    // An exact one never has the time already.
    if (!this.#exact) this.#turn = turn;
    this.#ring.setTime(Math.round((this.#loop.time() - this.#beganMs) * 1e6));
  }

  /** Behind its wait. */
  #writeLine(work: Watched): void {
    const at = this.#lines?.lineOf(work as Coroutine<unknown>);
    if (at === undefined) return;
    this.#ring.write(LINE, work.id, this.#texts.number(`${at.line}:${at.column}:${at.file}`));
  }
}

function programName(): string {
  const [, script] = process.argv;
  return script === undefined ? "node" : basename(script);
}
