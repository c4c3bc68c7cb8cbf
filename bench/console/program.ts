/**
 * What `visibility.bench.ts` measures: it does what its argument names, watched by a console, by the
 * loop's watchdog, or by nothing, and says so in JSON.
 *
 * `idles`: its CPU time over two seconds of nothing, and its memory.
 * `blocks`: blocks for a while, on a watchdog's report once, else at each line that it is sent. `hangs`: never ends. `many`: a thousand coroutines that wait. `cycles`: starts and stops its console, N times.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { coroutine, Future, IOLoop } from "gyre";
import { startConsole } from "gyre/console";
import { BLOCK_MS, blockFor, epochMs } from "./blocks.ts";

const [, , what, watcher, count = "1000"] = process.argv;

if (watcher === "console" && what !== "cycles") await startConsole();
if (watcher === "watchdog") IOLoop.current().setBlockingThreshold(200);

const wait = coroutine(function* wait() {
  yield* new Future<void>();
});

const works: { readonly [what: string]: () => Promise<unknown> } = {
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
