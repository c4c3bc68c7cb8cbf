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

/** Run `measure` on a process that goes on until it is over. */
async function withProgram(what: string, measure: (pid: number) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ["--import", strip, program, what, "console"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface(child.stdout), "line");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await measure((JSON.parse(line) as { pid: number }).pid);
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
    turns[watcher].push(runProgram("turns", watcher).figure);
  }
}

for (const watcher of ["console", "watchdog"] as const) {
  const added = (of: (said: Said) => number): number =>
    Math.max(0, median(idle[watcher].map(of)) - median(idle.nothing.map(of)));
  tell({
    title: `CPU of 1,000 steps, with a ${watcher}`,
    unit: "us",
    figures: { gyre: Math.min(...turns[watcher]), unwatched: Math.min(...turns.nothing) },
    goals: [{ against: "unwatched", atLeast: 0.98 }],
    absent: [],
  });
  tell({
    title: `CPU of a ${watcher}, a second`,
    unit: "ms",
    figures: { gyre: added(({ cpuMs }) => cpuMs) },
    goals: [{ atMost: 5 }],
    absent: [],
  });
  tell({
    title: `memory of a ${watcher}`,
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

// It throws when one of them ends the process.
tell({
  title: `start and stop of a console, one of ${CYCLES.toLocaleString("en")}`,
  unit: "ms",
  figures: { gyre: runProgram("cycles", "console", String(CYCLES)).figure },
  goals: [],
  absent: [],
});
