/** What runs at this moment: the live coroutines of a process, each with what and where it waits. */
import { basename } from "node:path";
import {
  Coroutine,
  formatLocation,
  isOrphaned,
  type Location,
  type Owned,
  stateOf,
  waitingLine,
} from "../gen/index.ts";
import { Ages } from "./ages.ts";
import { DeadlockFinder } from "./deadlocks.ts";
import { allLoops, liveWorks } from "./live-works.ts";
import { labelsOf } from "./note.ts";
import { currentRecorder } from "./recorder.ts";
import type { LoopState, Row, Snapshot, SnapshotOptions } from "./snapshot.ts";
import { WaitLines } from "./wait-lines.ts";
import { waitsOf } from "./waits.ts";

export type { LoopState, RecorderState, Row, Snapshot, SnapshotOptions, WaitLine } from "./snapshot.ts";

const DEFAULT_ROWS = 1000;
/** Members of a list of waits that a row names. */
const MOST_WAITS = 20;

const ages = new Ages();

/** Note the time, so that ages are known; to be called now and then. */
export function sampleAges(): void {
  ages.sample(performance.now());
}

/**
 * What runs and what it waits for, in all loops that turn.
 *
 * Changes nothing, and may be called in the midst of anything. Takes about 100 us for each line that it asks
 * for, unless it was asked before at the same wait, and 1 us for each coroutine besides.
 *
 * @throws {RangeError} when `limit` is negative or not whole
 */
export function snapshot({ limit = DEFAULT_ROWS, lines = true }: SnapshotOptions = {}): Snapshot {
  if (!Number.isInteger(limit) || limit < 0)
    throw new RangeError(`Cannot take a snapshot: the limit is ${limit}, a whole number >= 0 is wanted`);
  const nowMs = performance.now();
  const rows: Row[] = [];
  const finder = new DeadlockFinder();
  const waitLines = new WaitLines();
  const wantsLine = typeof lines === "boolean" ? () => lines : (id: number) => lines.includes(id);
  let total = 0;
  for (const work of liveWorks()) {
    total++;
    finder.add(work);
    waitLines.add(work);
    if (rows.length < limit) rows.push(rowOf(work, wantsLine(work.id), nowMs));
  }
  sampleAges();
  const recorder = currentRecorder();
  return {
    at: new Date().toISOString(),
    pid: process.pid,
    program: basename(process.argv[1] ?? "node"),
    node: process.version,
    uptimeMs: Math.round(process.uptime() * 1000),
    loop: loopState(),
    total,
    rows,
    deadlocks: finder.texts(),
    waitLines: waitLines.toLines(),
    recorder: { on: recorder !== undefined, ...(recorder?.statistics() ?? { events: 0, dropped: 0 }) },
  };
}

function loopState(): LoopState {
  const state = { running: false, ready: 0, callbacks: 0, timers: 0, descriptors: 0 };
  for (const loop of allLoops()) {
    const { ready, callbacks, timers, handlers } = loop.statistics();
    state.running ||= loop.running;
    state.ready += ready;
    state.callbacks += callbacks;
    state.timers += timers;
    state.descriptors += handlers;
  }
  return state;
}

function rowOf(work: Owned<unknown>, wantsLine: boolean, nowMs: number): Row {
  const state = stateOf(work);
  const [source] = state === "waiting" ? work._awaits() : [];
  // Of one that runs, V8 tells the line of its function only.
  const at = wantsLine && state !== "running" ? lineOf(work) : undefined;
  return {
    id: work.id,
    name: work.name,
    ownerId: work.owner?.id,
    state,
    on: source === undefined ? [] : waitsOf(source, MOST_WAITS),
    at: at === undefined ? undefined : formatLocation(at),
    ...(at === undefined ? {} : { file: at.file, line: at.line }),
    ageMs: ages.ageOf(work.id, nowMs),
    labels: labelsOf(work),
    ...(isOrphaned(work) ? { isOrphan: true } : {}),
  };
}

/** For each coroutine, the line of its wait for one Future. */
const knownLines = new WeakMap<
  Owned<unknown>,
  { readonly source: object; readonly at: Location | undefined }
>();

function lineOf(work: Owned<unknown>): Location | undefined {
  const { _generator: generator } = work;
  if (generator === undefined) return undefined;
  const [source] = work._awaits();
  // Who waits for the same as before has not moved; but what waits for promises is used again at each wait, and
  // a cancel can end a wait without an end of what was waited for.
  const moves = !(work instanceof Coroutine) || source === work._promiseWait || work._cancel !== undefined;
  if (source === undefined || moves) return waitingLine(generator);
  const known = knownLines.get(work);
  if (known?.source === source) return known.at;
  const at = waitingLine(generator);
  knownLines.set(work, { source, at });
  return at;
}
