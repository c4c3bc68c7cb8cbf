/**
 * The recorder: writes what coroutines do into a ring of events, and makes a
 * recording of what is there when it is asked.
 *
 * Each event costs a few stores. Texts are kept by number, and the clock is read
 * when a turn begins or the world wakes something, as one look at it costs as
 * much as a whole step: what happens in one turn has one time, unless `exact` is
 * wanted. What a coroutine is called and who owns it is written at its start, and
 * its name again at its end: who started before the oldest event is known too.
 */
import { basename } from "node:path";
import { CANCELLED, Future, RESOLVED, turnCount } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";
import { IOLoop, type Watched } from "../loop/index.ts";
import { writeRecording } from "./file.ts";
import { END, LABEL, LINE, NOTE, START, STEP, WAIT, WAIT_TEXT, WAKE } from "./kinds.ts";
import { WaitingLines } from "./lines.ts";
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
   * Memory for events, in bytes; 16 each, and when it is full the oldest ones go. Texts may take as much again.
   * Default 8 MB, at least 4 kB.
   */
  readonly maxBytes?: number;
  /**
   * Read the clock at each event, so that times within one turn are right too: 60 to 80 ns each.
   * Default false: what happens in one turn has one time.
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
  readonly #writer: RingWriter;
  #unwatch: (() => void) | undefined;

  constructor(options: RecordOptions, maxBytes: number) {
    this.#ring = new EventRing(maxBytes);
    this.#texts = new Texts(maxBytes >> 1);
    this.#program = {
      name: programName(),
      pid: process.pid,
      node: process.version,
      startedAt: new Date().toISOString(),
    };
    this.#writer = new RingWriter(this.#ring, this.#texts, options);
    this.#unwatch = watch(this.#writer);
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
    this.#unwatch?.();
    this.#unwatch = undefined;
    if (current === this) current = undefined;
  }

  /** What has been recorded up to now; also while it is on. */
  recording(): Recording {
    return readRing(this.#ring, this.#texts, this.#program);
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
  readonly #ring: EventRing;
  readonly #texts: Texts;
  readonly #loop: IOLoop;
  readonly #lines: WaitingLines | undefined;
  readonly #exact: boolean;
  readonly #beganMs: number;
  /** The number of what a Future is called that is nothing more. */
  readonly #plain: number;
  #turn = -1;

  constructor(ring: EventRing, texts: Texts, options: RecordOptions) {
    this.#ring = ring;
    this.#texts = texts;
    this.#loop = options.loop ?? IOLoop.current();
    this.#lines = options.lines === true ? new WaitingLines() : undefined;
    this.#exact = options.exact === true;
    this.#beganMs = this.#loop.time();
    this.#plain = texts.number(new Future()._describe());
  }

  started(work: Watched, owner: Watched | undefined): void {
    if (owner === undefined) this.#look();
    else this.#keepTime();
    this.#ring.write(START, work.id, owner === undefined ? 0 : owner.id, this.#texts.number(work.name));
  }

  suspended(work: Watched, source: Future<unknown>): void {
    this.#keepTime();
    if (source.constructor === Future) {
      // The most frequent kind, without a call.
      this.#ring.write(WAIT_TEXT, work.id, 0, this.#plain);
      if (this.#lines !== undefined) this.#writeLine(work);
    } else this.#writeWait(work, source);
  }

  woken(work: Watched, by: Watched | undefined): void {
    // The world comes at any time: between two turns the last look at the clock may be long ago.
    if (by === undefined) this.#look();
    else this.#keepTime();
    this.#ring.write(WAKE, work.id, by === undefined ? 0 : by.id, 0);
  }

  resumed(work: Watched): void {
    this.#keepTime();
    this.#ring.write(STEP, work.id, 0, 0);
  }

  ended(work: Watched, state: number): void {
    this.#keepTime();
    // Again, so that they are not lost before the end is.
    for (const text of labelsOf(work)) this.labelled(work, text);
    const kind = END + (state === RESOLVED ? 0 : state === CANCELLED ? 2 : 1);
    this.#ring.write(kind, work.id, 0, this.#texts.number(work.name));
  }

  noted(work: Watched | undefined, text: string): void {
    if (work === undefined) this.#look();
    else this.#keepTime();
    this.#ring.write(NOTE, work === undefined ? 0 : work.id, 0, this.#texts.pass(String(text)));
  }

  labelled(work: Watched, text: string): void {
    this.#keepTime();
    this.#ring.write(LABEL, work.id, 0, this.#texts.pass(String(text)));
  }

  #writeWait(work: Watched, source: Future<unknown>): void {
    if (source instanceof Coroutine) this.#ring.write(WAIT, work.id, source.id, 0);
    else this.#ring.write(WAIT_TEXT, work.id, 0, this.#texts.number(inWords(source)));
    if (this.#lines !== undefined) this.#writeLine(work);
  }

  /** See to it that the time is that of this turn. */
  #keepTime(): void {
    if (this.#turn !== turnCount) this.#look();
  }

  #look(): void {
    // An exact one never has the time already.
    if (!this.#exact) this.#turn = turnCount;
    this.#ring.setTime((this.#loop.time() - this.#beganMs) * 1000);
  }

  /** Behind its wait. */
  #writeLine(work: Watched): void {
    const at = this.#lines?.lineOf(work as Coroutine<unknown>);
    if (at === undefined) return;
    this.#ring.write(LINE, work.id, 0, this.#texts.number(`${at.line}:${at.column}:${at.file}`));
  }
}

function programName(): string {
  const [, script] = process.argv;
  return script === undefined ? "node" : basename(script);
}
