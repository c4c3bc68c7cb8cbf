/**
 * What `visibility.bench.ts` measures: it does what its argument names, watched by a console, by the
 * loop's watchdog, or by nothing, and says so in JSON.
 *
 * `turns`: the CPU time of a thousand steps. `idles`: its CPU time over two seconds of nothing, and its memory.
 * `blocks`: blocks for a while, on a watchdog's report once, else at each line that it is sent. `hangs`: never ends. `many`: a thousand coroutines that wait. `cycles`: starts and stops its console, N times.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { coroutine, Future, IOLoop, sleep } from "gyre";
import { startConsole } from "gyre/console";
import { BLOCK_MS, blockFor, epochMs } from "./blocks.ts";

const [, , what, watcher, count = "1000"] = process.argv;
const STEPS = 1_000_000;

if (watcher === "console" && what !== "cycles") await startConsole();
if (watcher === "watchdog") IOLoop.current().setBlockingThreshold(200);

const wait = coroutine(function* wait() {
  yield* new Future<void>();
});

const works: { readonly [what: string]: () => Promise<unknown> } = {
  async turns() {
    const step = coroutine(function* step() {
      const ready = new Future<number>();
      ready.setResult(1);
      let sum = 0;
      for (let i = 0; i < STEPS; i++) {
        sum += yield* ready;
        // A real suspension now and then, so that the loop turns.
        if (i % 1000 === 0) yield* sleep(0);
      }
      return sum;
    });
    const timesUs: number[] = [];
    for (let round = 0; round < 6; round++) {
      // The processor's time, which other processes take none of.
      const before = process.cpuUsage();
      await step();
      const { user, system } = process.cpuUsage(before);
      timesUs.push(user + system);
    }
    // The first compiles.
    return { figure: (Math.min(...timesUs.slice(1)) / STEPS) * 1000 };
  },
  async idles() {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { user, system } = process.cpuUsage(before);
    return { cpuMs: (user + system) / 1000 / 2, rssKb: process.memoryUsage.rss() / 1024 };
  },
  async hangs() {
    const waiting = Array.from({ length: 10 }, () => wait());
    console.log(JSON.stringify({ pid: process.pid }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    while (waiting.length > 0);
  },
  async blocks() {
    if (watcher === "watchdog") {
      let reportedMs = 0;
      IOLoop.current().onReport(() => {
        reportedMs = epochMs();
      });
      // It blocks in a turn of the loop, at any moment between two looks.
      await new Promise((resolve) => setTimeout(resolve, 500 + 100 * Math.random()));
      const beganMs = epochMs();
      await new Promise<void>((resolve) => {
        IOLoop.current().addCallback(() => {
          blockFor(BLOCK_MS);
          resolve();
        });
      });
      return { figure: reportedMs - beganMs };
    }
    console.log(JSON.stringify({ pid: process.pid }));
    for await (const _ of createInterface(process.stdin)) {
      writeSync(1, `${JSON.stringify({ atMs: epochMs() })}\n`);
      blockFor(BLOCK_MS);
    }
    return undefined;
  },
  async many() {
    const waiting = Array.from({ length: 1000 }, () => wait());
    console.log(JSON.stringify({ pid: process.pid }));
    process.stdin.resume();
    await Promise.all(waiting);
  },
  async cycles() {
    const startMs = performance.now();
    for (let cycle = 0; cycle < Number(count); cycle++) {
      const started = await startConsole();
      // At whatever it is: while it opens, while it looks, right after it asked.
      if (cycle % 3 === 1) await new Promise((resolve) => setTimeout(resolve, 1));
      await started.stop();
    }
    return { figure: (performance.now() - startMs) / Number(count) };
  },
};

const said = await works[what ?? ""]?.();
if (said !== undefined) console.log(JSON.stringify(said));
