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
import { CANCELLED, type Future, RESOLVED, turnCount } from "../future/index.ts";
import { Coroutine } from "../gen/index.ts";
import { IOLoop, type Watched } from "../loop/index.ts";
import { writeRecording } from "./file.ts";
import { END, LABEL, NOTE, START, STEP, WAIT, WAIT_TEXT, WAKE } from "./kinds.ts";
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
   * Memory for events, in bytes; 24 each, and when it is full the oldest ones go. Texts may take as much again.
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
    return { events: this.#ring.size, dropped: this.#ring.dropped };
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
  #turn = -1;
  #nowUs = 0;

  constructor(ring: EventRing, texts: Texts, options: RecordOptions) {
    this.#ring = ring;
    this.#texts = texts;
    this.#loop = options.loop ?? IOLoop.current();
    this.#lines = options.lines === true ? new WaitingLines() : undefined;
    this.#exact = options.exact === true;
    this.#beganMs = this.#loop.time();
  }

  started(work: Watched, owner: Watched | undefined): void {
    const atUs = owner === undefined ? this.#look() : this.#now();
    this.#ring.write(START, work.id, owner === undefined ? 0 : owner.id, this.#texts.number(work.name), atUs);
  }

  suspended(work: Watched, source: Future<unknown>): void {
    const atUs = this.#now();
    if (source instanceof Coroutine) {
      this.#ring.write(WAIT, work.id, source.id, this.#lineOf(work), atUs);
      return;
    }
    // Before the line, which takes a while: what is left of a sleep is said in it.
    const text = this.#texts.number(inWords(source));
    this.#ring.write(WAIT_TEXT, work.id, this.#lineOf(work), text, atUs);
  }

  woken(work: Watched, by: Watched | undefined): void {
    // The world comes at any time: between two turns the last look at the clock may be long ago.
    if (by === undefined) this.#ring.write(WAKE, work.id, 0, 0, this.#look());
    else this.#ring.write(WAKE, work.id, by.id, 0, this.#now());
  }

  resumed(work: Watched): void {
    this.#ring.write(STEP, work.id, 0, 0, this.#now());
  }

  ended(work: Watched, state: number): void {
    // Again, so that they are not lost before the end is.
    for (const text of labelsOf(work)) this.labelled(work, text);
    const kind = END + (state === RESOLVED ? 0 : state === CANCELLED ? 2 : 1);
    this.#ring.write(kind, work.id, 0, this.#texts.number(work.name), this.#now());
  }

  noted(work: Watched | undefined, text: string): void {
    const atUs = work === undefined ? this.#look() : this.#now();
    this.#ring.write(NOTE, work === undefined ? 0 : work.id, 0, this.#texts.pass(String(text)), atUs);
  }

  labelled(work: Watched, text: string): void {
    this.#ring.write(LABEL, work.id, 0, this.#texts.pass(String(text)), this.#now());
  }

  /** The time of what happens in a step. */
  #now(): number {
    return this.#exact || this.#turn !== turnCount ? this.#look() : this.#nowUs;
  }

  #look(): number {
    this.#turn = turnCount;
    this.#nowUs = (this.#loop.time() - this.#beganMs) * 1000;
    return this.#nowUs;
  }

  #lineOf(work: Watched): number {
    if (this.#lines === undefined) return 0;
    const at = this.#lines.lineOf(work as Coroutine<unknown>);
    return at === undefined ? 0 : this.#texts.number(`${at.line}:${at.column}:${at.file}`);
  }
}

function programName(): string {
  const [, script] = process.argv;
  return script === undefined ? "node" : basename(script);
}
