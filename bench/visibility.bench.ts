/**
 * What does it cost to be seen: the list of what runs, which is always kept, and the recorder, when it is on?
 *
 * The steps are those of a hundred coroutines that are woken a hundred times each, all in turns of the ready
 * queue: two events a step, and next to nothing besides. Each wait on a promise is woken by the world, for which
 * the recorder looks at the clock, so that row is the most that it can cost. Without the list is
 * gyre with the two functions taken out that link a coroutine and count it out again; nobody can have that.
 *
 * What would make it wrong: a machine whose clock is slow to look at makes the recorder slow, too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coroutine, Future } from "gyre";
import { perfettoPieces, readRecording, record, snapshot } from "gyre/trace";
import { askCost, isShort, median, tell } from "./harness.ts";
import { ROUNDS, steps, turnOnRecorder, WORKERS } from "./steps.ts";

const WAITS = 100;

const waits = coroutine(function* waits() {
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += (yield Promise.resolve().then(() => 1)) as number;
  return sum;
});

const calls = coroutine(function* calls() {
  let sum = 0;
  for (let i = 0; i < WAITS; i++) sum += yield* shortLived();
  return sum;
});

const shortLived = coroutine(function* shortLived() {
  yield* settledSoon();
  return 1;
});

function settledSoon(): Future<void> {
  const future = new Future<void>();
  queueMicrotask(() => future.setResult());
  return future;
}

interface List {
  _link(): void;
  _leave(failed: boolean): void;
}

const settled = coroutine(function* settled() {});
const nothing = (): void => {};

/** Where a coroutine is put on its list and taken off. */
function listOf(): List {
  let found: object = settled();
  while (!Object.hasOwn(found, "_link")) found = Object.getPrototypeOf(found) as object;
  return found as List;
}

const { _link: link, _leave: leave } = listOf();

/** Have coroutines found again. @returns what ends that */
function turnOnList(): () => void {
  const list = listOf();
  Object.assign(list, { _link: link, _leave: leave });
  return () => {
    Object.assign(list, { _link: nothing, _leave: nothing });
  };
}

/** What each live coroutine has so that it can be found: its fields for that, in an object of their own. */
class Bookkeeping {
  id = 1;
  loop: unknown = undefined;
  owner: unknown = undefined;
  children: unknown = undefined;
  previous: unknown = undefined;
  next: unknown = undefined;
  flags = 0;
}

/** What all wait for that shall go on living. */
const forever = new Future<void>();
const parked = coroutine(function* parked() {
  yield* forever;
});

await askCost({
  title: `list only: ${WORKERS * ROUNDS} steps of ${WORKERS} coroutines`,
  run: () => steps(),
  turnOn: turnOnList,
  mostPercent: 2,
});

await askCost({
  title: `list only: start, suspend and end, x${WAITS}`,
  run: () => calls(),
  turnOn: turnOnList,
});

await askCost({
  title: `recorder on: ${WORKERS * ROUNDS} steps of ${WORKERS} coroutines`,
  run: () => steps(),
  turnOn: () => turnOnRecorder(),
  mostPercent: 5,
});

await askCost({
  title: "recorder on, exact times: the same steps",
  run: () => steps(),
  turnOn: () => turnOnRecorder({ exact: true }),
});

await askCost({
  title: `recorder on: wait on a promise, x${WAITS}`,
  run: () => waits(),
  turnOn: () => turnOnRecorder(),
});

await askCost({
  title: `recorder on: start, suspend and end, x${WAITS}`,
  run: () => calls(),
  turnOn: () => turnOnRecorder(),
});

await measureExport();
measureBookkeeping();
measureSnapshot();
// Else the end of the process would be reported as one at which they all wait still.
forever.setResult();

/** From the ring to a file, to Perfetto's format, and from the file. */
async function measureExport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "gyre-bench-"));
  const path = join(folder, "run.gyre");
  const times = {
    ring: [] as number[],
    file: [] as number[],
    perfetto: [] as number[],
    read: [] as number[],
  };
  try {
    const own = record();
    for (let i = 0; i < 40; i++) await steps();
    own.stop();
    const events = own.recording().events.length;
    const perMillion = (startedMs: number): number => ((performance.now() - startedMs) / events) * 1e6;
    for (let i = 0; i < (isShort ? 3 : 15); i++) {
      const beganMs = performance.now();
      own.recording();
      times.ring.push(perMillion(beganMs));
      const savedMs = performance.now();
      own.save(path);
      times.file.push(perMillion(savedMs));
      const readMs = performance.now();
      const recording = readRecording(path);
      times.read.push(perMillion(readMs));
      const formattedMs = performance.now();
      let chars = 0;
      for (const piece of perfettoPieces(recording)) chars += piece.length;
      if (chars === 0) throw new Error("Cannot measure the export: nothing was written");
      times.perfetto.push(perMillion(formattedMs));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const most = [{ atMost: 1000 }];
  const row = (what: string, all: readonly number[]): void =>
    tell({
      title: `${what}, a million events`,
      unit: "ms",
      figures: { gyre: Math.min(...all), median: median(all) },
      goals: most,
      absent: [],
    });
  row("export: from memory to a file", times.file);
  row("export: from memory to a recording", times.ring);
  row("export: from a recording to Perfetto", times.perfetto);
  row("read a recording from its file", times.read);
}

function measureBookkeeping(): void {
  const count = isShort ? 20_000 : 1_000_000;
  const own = record({ maxBytes: 64 * 1024 });
  const bytes = heapOf(() => Array.from({ length: count }, () => new Bookkeeping())) / count;
  const recordedBytes = heapOf(() => Array.from({ length: count }, () => parked())) / count;
  own.stop();
  const aloneBytes = heapOf(() => Array.from({ length: count }, () => parked())) / count;
  tell({
    title: `bookkeeping of a live coroutine, of ${count.toLocaleString("en")}, recorder on`,
    unit: "B",
    figures: { gyre: bytes + Math.max(0, recordedBytes - aloneBytes) },
    goals: [{ atMost: 250 }],
    absent: [],
  });
}

function heapOf(make: () => unknown[]): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const made = make();
  globalThis.gc?.();
  const bytes = process.memoryUsage().heapUsed - before;
  // It lives until here.
  if (made.length === 0) throw new Error("Cannot measure the heap: nothing was made");
  return bytes;
}

/** Of those that `measureBookkeeping` has left, which wait still. */
function measureSnapshot(): void {
  const { total } = snapshot({ limit: 0, lines: false });
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const beganMs = performance.now();
    snapshot({ limit: 1000, lines: false });
    times.push(performance.now() - beganMs);
  }
  const title = `snapshot of ${total.toLocaleString("en")} coroutines, 1,000 of them listed`;
  tell({ title, unit: "ms", figures: { gyre: median(times) }, goals: [], absent: [] });
}
