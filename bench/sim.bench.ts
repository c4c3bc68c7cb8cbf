/**
 * How many schedules does a search run in a second, and how many does it need to find a bug?
 *
 * Beside fast-check's `scheduler`, which is the only other one for TypeScript that
 * picks what goes on next: the same program as promises, whose every step is a
 * scheduled one, run to its end by `waitIdle`, which also waits for what is scheduled
 * later. `waitAll` does not promise that; it is enough here, where each step
 * schedules the next one at once, and is shown beside it. Each schedule of gyre's is
 * recorded and counted among the different ones, as in any search.
 *
 * The bugs are those of `bench/sim/known-bugs.ts`, each searched with 100 seeds. What would
 * make it wrong: a program that is not the same on both sides; both have 15 steps of three tasks.
 */
import fc from "fast-check";
import { coroutine, sleep } from "gyre";
import { type ExploreReport, explore, type Sim } from "gyre/sim";
import { ask, isShort, median, tell } from "./harness.ts";
import { part } from "./player.ts";
import type { Goal } from "./row.ts";
import { knownBugs } from "./sim/known-bugs.ts";

const TASKS = 3;
const STEPS = 5;
const BATCH = 1000;
/** What a search for a known bug may take. */
const GOAL_MS = 100;

const nothing = (): void => {};

const steps = coroutine(function* steps(sim: Sim, count: number) {
  for (let at = 0; at < count; at++) yield sim.io("step", nothing);
});

function program(count: number): (sim: Sim) => void {
  return function searched(sim) {
    for (let task = 0; task < TASKS; task++) steps(sim, count);
  };
}

const search = program(STEPS);

async function byFastCheck(wait: (scheduler: fc.Scheduler) => Promise<void>): Promise<number> {
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    const task = async (): Promise<void> => {
      for (let at = 0; at < STEPS; at++) await scheduler.schedule(Promise.resolve(), "step");
    };
    const tasks = Array.from({ length: TASKS }, task);
    await wait(scheduler);
    await Promise.all(tasks);
  });
  return (await fc.check(property, { numRuns: BATCH, seed: 1 })).numRuns;
}

await ask({
  title: `${BATCH.toLocaleString("en")} schedules of ${TASKS} coroutines x ${STEPS} steps`,
  goals: [{ against: "fast-check", atLeast: 10 }],
  contenders: [
    {
      name: "gyre",
      run: () => explore(search, { strategy: "random", schedules: BATCH, determinism: "never" }).schedules,
    },
    { name: "fast-check", run: () => byFastCheck((scheduler) => scheduler.waitIdle()) },
    { name: "fast-check, waitAll", run: () => byFastCheck((scheduler) => scheduler.waitAll()) },
  ],
});

/** Rows about gyre alone, in this process. */
function tellOwn(
  title: string,
  unit: "ms" | "kB" | "schedules" | "characters",
  gyre: number,
  goal: Goal | undefined,
): void {
  tell({ title, unit, figures: { gyre }, goals: goal === undefined ? [] : [goal], absent: [] });
}

function check(isSo: boolean, text: string): void {
  if (!isSo) throw new Error(`Cannot measure the search: ${text}`);
}

/** Of a thousand schedules each. */
const batchTimesMs: number[] = [];

/** Between the other parts, as other work on the machine comes and goes in seconds. */
function runBatches(): void {
  const schedules = 2 * BATCH;
  for (let batch = 0; batch < (isShort ? 10 : 100); batch++) {
    const { elapsedMs } = explore(search, { strategy: "random", schedules, determinism: "never" });
    batchTimesMs.push(elapsedMs / (schedules / BATCH));
  }
}

/** The least time of many: other work on the machine adds to it, and nothing takes away from it. */
function theSpeed(): void {
  const title = `${BATCH.toLocaleString("en")} of them, least of ${batchTimesMs.length} times`;
  tellOwn(title, "ms", Math.min(...batchTimesMs), { atMost: (BATCH / 200_000) * 1000 });
}

function aDay(): void {
  const SECONDS = 86_400;
  const heart = coroutine(function* heart() {
    for (let beat = 0; beat < SECONDS; beat++) yield sleep(1000);
  });
  const day = (): ExploreReport => explore(heart, { strategy: "plain", determinism: "never", maxSteps: 1e6 });
  day();
  const times = Array.from({ length: isShort ? 1 : 5 }, () => day().elapsedMs);
  tellOwn("a day of heartbeats, one a second", "ms", median(times), { atMost: 250 });
}

function heapBytes(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("Cannot measure the heap: gc() is not there, --expose-gc is wanted");
  for (let pass = 0; pass < 3; pass++) gc();
  return process.memoryUsage().heapUsed;
}

function theHeap(): void {
  const count = isShort ? 50_000 : 1_000_000;
  const options = { strategy: "random", determinism: "never" } as const;
  explore(search, { ...options, schedules: 10_000 });
  const before = heapBytes();
  // What the search itself keeps is measured while it is there.
  let most = 0;
  explore(search, {
    ...options,
    schedules: count,
    onProgress: ({ share }) => {
      if (share > 0.9) most = Math.max(most, heapBytes() - before);
    },
  });
  most = Math.max(most, heapBytes() - before);
  tellOwn(`what the heap grows by in ${count.toLocaleString("en")} schedules`, "kB", most / 1000, {
    atMost: 5000,
  });
}

function theBugs(): void {
  const seeds = isShort ? 10 : 100;
  let longestMs = 0;
  let longestToken = "";
  let missed = 0;
  const rows: { readonly name: string; readonly goal: number; readonly p95: number }[] = [];
  console.log(
    `\nschedules until a bug is found, over ${seeds} seeds\n  bug                   p50     p95     max`,
  );
  for (const { name, goal, broken } of knownBugs) {
    const found: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const searched = (): ExploreReport => explore(broken, { seed, name });
      const { failure, elapsedMs } = searched();
      // Once more where it takes long: was it that, or the machine?
      const isLong = elapsedMs > GOAL_MS;
      longestMs = Math.max(longestMs, isLong ? Math.min(elapsedMs, searched().elapsedMs) : elapsedMs);
      if (failure === undefined) {
        missed++;
        continue;
      }
      found.push(failure.schedule);
      if (failure.token.length > longestToken.length) longestToken = failure.token;
    }
    found.sort((one, other) => one - other);
    const at = (share: number): number =>
      found[Math.min(found.length - 1, Math.floor(share * found.length))] ?? Number.NaN;
    console.log(
      `  ${name.padEnd(18)} ${[at(0.5), at(0.95), at(1)].map((value) => String(value).padStart(6)).join("  ")}`,
    );
    rows.push({ name, goal, p95: at(0.95) });
  }
  for (const { name, goal, p95 } of rows)
    tellOwn(`${name}: schedules of 95 of 100 searches`, "schedules", p95, { atMost: goal });
  tellOwn(`searches of ${8 * seeds} that found nothing`, "schedules", missed, { atMost: 0 });
  tellOwn("the longest search, with making it small", "ms", longestMs, { atMost: GOAL_MS });
  tellOwn("the longest token", "characters", longestToken.length, { atMost: 40 });
}

function allOfThem(): void {
  const [count, wanted] = isShort ? [4, 34_650] : [STEPS, 756_756];
  const { schedules, exhausted, elapsedMs } = explore(program(count), {
    strategy: "exhaustive",
    determinism: "never",
  });
  // The plain run comes before the plan, which has it, too.
  check(exhausted && schedules - 1 === wanted, `${schedules} schedules were run, ${wanted + 1} are wanted`);
  tellOwn(
    `all ${wanted.toLocaleString("en")} schedules of ${TASKS} x ${count} steps`,
    "ms",
    elapsedMs,
    undefined,
  );
}

if (part === undefined) {
  for (const measure of [aDay, theHeap, theBugs, allOfThem, theSpeed]) {
    runBatches();
    measure();
  }
}
