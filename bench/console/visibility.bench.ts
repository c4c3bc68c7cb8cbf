/**
 * What does it cost to be visible from outside, and how soon does one see?
 *
 * Steps are taken in turns with and without a watcher. All else is of processes of its own: CPU and memory
 * are what the console, or the loop's watchdog, adds to an idle process. `gyre ps` is timed
 * from its start to its end, on a process in an endless loop; beside it stands a
 * Node that does nothing, which is most of it. What would make it wrong: other
 * work on the machine, which the least of several rounds leaves out.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { coroutine, Future, IOLoop, moment } from "gyre";
import { connectProcess, startConsole } from "gyre/console";
import { askCost, isShort, median, tell } from "../harness.ts";
import { BLOCK_MS, epochMs } from "./blocks.ts";

/** Timers may be this late, as their clocks count in milliseconds; and the one who asks does so each millisecond. */
const GRAIN_MS = 5;
const ROUNDS = isShort ? 1 : 5;
const CYCLES = isShort ? 100 : 1000;

const strip = fileURLToPath(new URL("../../tools/strip.mjs", import.meta.url));
const program = fileURLToPath(new URL("./program.ts", import.meta.url));
const command = fileURLToPath(new URL("../../dist/lib/main.js", import.meta.url));

interface Said {
  readonly figure: number;
  readonly cpuMs: number;
  readonly rssKb: number;
}

function runProgram(...args: readonly string[]): Said {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", strip, program, ...args],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`Cannot measure the console: ended with ${status ?? signal}: ${stderr}`);
  return JSON.parse(stdout) as Said;
}

/** Tell the program `word`. @returns the line that it answers */
type LineFrom = (word: string) => Promise<string>;

/** Run `measure` on a process that goes on until it is over. */
async function withProgram(
  what: string,
  measure: (pid: number, lineFrom: LineFrom) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, ["--import", strip, program, what, "console"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface(child.stdout);
    const lineFrom: LineFrom = async (word) => {
      const line = once(lines, "line");
      child.stdin.write(`${word}\n`);
      return (await line)[0];
    };
    const [line] = await once(lines, "line");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await measure((JSON.parse(line) as { pid: number }).pid, lineFrom);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

function timeOf(args: readonly string[]): number {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot measure the command: ended with ${status}: ${stderr}`);
  return performance.now() - startMs;
}

const STEPS = 200;
const TURNS = 50;

const turns = coroutine(function* turns() {
  const ready = new Future<number>();
  ready.setResult(1);
  let sum = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    for (let step = 0; step < STEPS; step++) sum += yield* ready;
    yield moment;
  }
  return sum;
});

const arms = {
  async console() {
    const started = await startConsole();
    return () => started.stop();
  },
  watchdog() {
    const loop = IOLoop.current();
    loop.setBlockingThreshold(200);
    return () => loop.setBlockingThreshold(undefined);
  },
};

for (const watcher of ["console", "watchdog"] as const) {
  await askCost({
    title: `${watcher} armed: ${(STEPS * TURNS).toLocaleString("en")} steps in ${TURNS} turns of the loop`,
    run: () => turns(),
    turnOn: arms[watcher],
    // None; what is below this cannot be told apart.
    mostPercent: 2,
  });
}

const watchers = ["console", "watchdog", "nothing"] as const;
type Watcher = (typeof watchers)[number];
const idle: { readonly [watcher in Watcher]: Said[] } = { console: [], watchdog: [], nothing: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const watcher of watchers) idle[watcher].push(runProgram("idles", watcher));
}

for (const watcher of ["console", "watchdog"] as const) {
  const added = (of: (said: Said) => number): number =>
    Math.max(0, Math.min(...idle[watcher].map(of)) - Math.min(...idle.nothing.map(of)));
  tell({
    title: `${watcher} armed: CPU while nothing happens`,
    unit: "%",
    // Of a second, in milliseconds.
    figures: { gyre: added(({ cpuMs }) => cpuMs) / 10 },
    goals: [{ atMost: 0.5 }],
    absent: [],
  });
  tell({
    title: `${watcher} armed: memory`,
    unit: "kB",
    figures: { gyre: added(({ rssKb }) => rssKb) },
    goals: [{ atMost: 15_360 }],
    absent: [],
  });
}

await withProgram("hangs", async (pid) => {
  const commandMs: number[] = [];
  const nothingMs: number[] = [];
  for (let round = 0; round < 3 * ROUNDS; round++) {
    commandMs.push(timeOf([command, "ps", String(pid)]));
    nothingMs.push(timeOf(["--eval", "0"]));
  }
  tell({
    title: "gyre ps of a process that hangs",
    unit: "ms",
    figures: { gyre: Math.min(...commandMs), "node alone": Math.min(...nothingMs) },
    goals: [{ atMost: 100 }],
    absent: [],
  });
});

/** From the beginning of what blocks. @returns milliseconds */
const reportTimes: { readonly [watcher: string]: () => Promise<number[]> } = {
  async watchdog() {
    return Array.from({ length: 2 * ROUNDS }, () => runProgram("blocks", "watchdog").figure);
  },
  async console() {
    const timesMs: number[] = [];
    await withProgram("blocks", async (pid, lineFrom) => {
      const client = await connectProcess(pid);
      for (let round = 0; round < 4 * ROUNDS; round++) {
        const { atMs } = JSON.parse(await lineFrom("block")) as { atMs: number };
        for (;;) {
          const blocked = await client.ask<{ readonly frames: readonly string[] } | undefined>("blocked");
          if (blocked != null && blocked.frames.length > 0) break;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        timesMs.push(epochMs() - atMs);
        await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
      }
      client.close();
    });
    return timesMs;
  },
};
/** One of ten may come while the machine does something else. */
function nineOfTen(timesMs: readonly number[]): number {
  return timesMs.toSorted((a, b) => a - b)[Math.ceil(0.9 * timesMs.length) - 1] as number;
}

/** The threshold of both is 200 ms; how often each looks is their own. */
for (const [watcher, pollMs] of [
  ["watchdog", 150],
  ["console", 150],
] as const) {
  const timesMs = (await reportTimes[watcher]?.()) ?? [];
  tell({
    title: `${watcher} armed: report of what blocks, nine of ten times, from 200 ms on, by a poll each ${pollMs} ms`,
    unit: "ms",
    figures: { gyre: nineOfTen(timesMs), latest: Math.max(...timesMs), median: median(timesMs) },
    goals: [{ atMost: 200 + pollMs + GRAIN_MS }],
    absent: [],
  });
}

await withProgram("many", async (pid) => {
  const client = await connectProcess(pid);
  const timesMs: number[] = [];
  for (let round = 0; round < 10 * ROUNDS; round++) {
    const startMs = performance.now();
    await client.ask("snapshot", { limit: 1000, lines: false });
    timesMs.push(performance.now() - startMs);
  }
  client.close();
  tell({
    title: "1,000 rows from a process",
    unit: "ms",
    figures: { gyre: Math.min(...timesMs) },
    goals: [],
    absent: [],
  });
});

let cycleMs = Number.NaN;
try {
  cycleMs = runProgram("cycles", "console", String(CYCLES)).figure;
} catch (error) {
  console.error(error);
}
tell({
  title: `${CYCLES.toLocaleString("en")} starts and stops of a console: processes that crashed`,
  unit: "%",
  figures: { gyre: Number.isNaN(cycleMs) ? 100 : 0 },
  goals: [{ atMost: 0 }],
  absent: [],
});
tell({ title: "start and stop of a console", unit: "ms", figures: { gyre: cycleMs }, goals: [], absent: [] });
