/**
 * The recorder: writes what coroutines do into a ring of events, and makes a
 * recording of what is there when it is asked.
 *
 * Each event costs a few stores. Texts are kept by number, and the clock is read
 * when the world wakes or starts something, as one look at it costs as much as a
 * whole step: the turn that follows has that one time, unless `exact` is wanted. A
 * step costs two events, its wake and its wait, or its wake alone where the wait says
 * nothing more than that the step is over: where it begins and ends follows
 * (`steps.ts`). What a coroutine is called and who owns it is written at its start, and
 * its name again at its end: who started before the oldest event is known too.
 */
import { basename } from "node:path";
import { currentCoroutine } from "../gen/index.ts";
import { IOLoop } from "../loop/index.ts";
import { writeRecording } from "./file.ts";
import { WaitingLines } from "./lines.ts";
import { type RingState, readRing } from "./read-ring.ts";
import type { Program, Recording } from "./recording.ts";
import { BLOCK_BYTES } from "./ring.ts";
import { RingWriter, StepWriter } from "./ring-writer.ts";
import { watch } from "./watchers.ts";

const DEFAULT_BYTES = 8 * 1024 * 1024;
const LEAST_BYTES = 2 * BLOCK_BYTES;

export interface RecordOptions {
  /**
   * Memory for events, in bytes; 8 each, 16 those of a start, and when it is full the oldest ones go, 8 kB at a time.
   * Texts may take as much again. Default 8 MB, at least 16 kB.
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
 * @throws {RangeError} when `maxBytes` is no whole number of at least 16,384
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
  readonly #writer: RingWriter;
  readonly #program: Program;
  #unwatch: (() => void) | undefined;
  /** Once it is stopped. */
  #end: RingState | undefined;

  constructor({ loop = IOLoop.current(), exact = false, lines = false }: RecordOptions, maxBytes: number) {
    const options = { maxBytes, loop, isExact: exact };
    // Where steps begin and end follows from the order in which things become ready, but where that is any.
    const isEachStep = exact || lines || !loop._ready.inOrder;
    this.#writer = isEachStep
      ? new StepWriter(options, lines ? new WaitingLines() : undefined)
      : new RingWriter(options);
    this.#program = {
      name: programName(),
      pid: process.pid,
      node: process.version,
      startedAt: new Date().toISOString(),
    };
    this.#unwatch = watch(this.#writer);
  }

  /** Is it on? */
  get on(): boolean {
    return this.#unwatch !== undefined;
  }

  /** How many events it has, and how many were lost because the ring was full. */
  statistics(): { events: number; dropped: number } {
    const { size, dropped } = this.#writer.ring.count();
    return { events: size, dropped };
  }

  /** Record no more. What was recorded stays. Twice is harmless. */
  stop(): void {
    if (this.#unwatch === undefined) return;
    this.#unwatch();
    this.#unwatch = undefined;
    this.#end = this.#state();
    this.#writer.ring.close();
    if (current === this) current = undefined;
  }

  /** What has been recorded up to now; also while it is on. */
  recording(): Recording {
    return readRing(this.#writer.ring, this.#writer.texts, this.#program, this.#end ?? this.#state());
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

  #state(): RingState {
    return {
      hasSteps: this.#writer instanceof StepWriter,
      runningId: currentCoroutine()?.id,
      isTurnOver: this.#writer.isTurnOver,
      atNs: this.#writer.nowNs,
    };
  }
}

function programName(): string {
  const [, script] = process.argv;
  return script === undefined ? "node" : basename(script);
}
