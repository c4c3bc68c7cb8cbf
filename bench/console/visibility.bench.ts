/**
 * What does it cost to be visible from outside, and how soon does one see?
 *
 * Each figure is of processes of its own: watched and not, in turns. CPU and memory
 * are what the console, or the loop's watchdog, adds to an idle process. `gyre ps` is timed
 * from its start to its end, on a process in an endless loop; beside it stands a
 * Node that does nothing, which is most of it. What would make it wrong: other
 * work on the machine, which the least of several rounds leaves out.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connectProcess } from "gyre/console";
import { isShort, median, tell } from "../harness.ts";
import { BLOCK_MS, epochMs } from "./blocks.ts";

/** Timers may be this late, as their clocks count in milliseconds; and the one who asks does so each millisecond. */
const GRAIN_MS = 5;
const ROUNDS = isShort ? 1 : 5;
/** Processes that take steps, in each round. */
const TURNS = isShort ? 1 : 4;
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

const watchers = ["console", "watchdog", "nothing"] as const;
type Watcher = (typeof watchers)[number];
const idle: { readonly [watcher in Watcher]: Said[] } = { console: [], watchdog: [], nothing: [] };
const turns: { readonly [watcher in Watcher]: number[] } = { console: [], watchdog: [], nothing: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const watcher of watchers) {
    idle[watcher].push(runProgram("idles", watcher));
    for (let time = 0; time < TURNS; time++) turns[watcher].push(runProgram("turns", watcher).figure);
  }
}

for (const watcher of ["console", "watchdog"] as const) {
  const added = (of: (said: Said) => number): number =>
    Math.max(0, Math.min(...idle[watcher].map(of)) - Math.min(...idle.nothing.map(of)));
  const [watched, unwatched] = [Math.min(...turns[watcher]), Math.min(...turns.nothing)];
  console.log(
    `\n1,000 steps: ${watched.toFixed(1)} us with a ${watcher}, ${unwatched.toFixed(1)} us without`,
  );
  tell({
    title: `${watcher} armed: steps take longer by`,
    unit: "%",
    figures: { gyre: (watched / unwatched - 1) * 100 },
    // None; what is below this, twenty processes of each cannot tell apart.
    goals: [{ atMost: 2 }],
    absent: [],
  });
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
