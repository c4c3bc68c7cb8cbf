import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { BlockedReport, IOLoop } from "../../src/loop/index.ts";
import { builds, ensureBuilt } from "../../tools/setup.mjs";
import { runChild } from "./child.ts";

/**
 * What the programs below begin with. `block` is busy until it is reported, which is
 * what makes it "while it blocks", and far longer than that where it never is.
 */
const PRELUDE = `
  const loop = new IOLoop();
  const reports = [];
  let isReported = false;
  loop.onReport((report) => { isReported = true; reports.push(report); });
  function block(limitMs = 20_000) {
    isReported = false;
    const end = performance.now() + limitMs;
    while (!isReported && performance.now() < end);
    return isReported;
  }
  function say(...values) { console.log(...values); }
  // On a busy machine the start of the program itself may have blocked before.
  const ofBlock = () => reports.find(({ text }) => /\\bat block /.test(text));
`;

/** Long enough for the watchdog to have looked several times, had it been there or had reason. */
const A_WHILE_MS = 400;

const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";

describe("setBlockingThreshold()", { concurrency: 2 }, () => {
  // LOOP-069
  it("reports the stack that blocks, while it blocks", async () => {
    const { lines, stderr, end } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(async () => { say(block()); });
      const { kind, thresholdMs, frames } = ofBlock();
      say(kind, thresholdMs, frames.some((frame) => frame.startsWith("at block ")));`);
    assert.deepEqual(lines, ["true", "blocked 50 true"], stderr);
    assert.deepEqual({ stderr, end }, { stderr: "", end: 0 });
  });

  // LOOP-070
  it("names the coroutine that blocks, and not the loop's own frames", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      function* renameUploadFile() {
        yield sleep(5);
        block();
      }
      await loop.run(renameUploadFile);
      say(ofBlock().text);`);
    assert.match(
      lines.join("\n"),
      /^blocked: nothing else could run for 50 ms, because of\n(?: {2}at .*\n)? {2}at block .*\n {2}at renameUploadFile /,
      stderr,
    );
    assert.ok(!lines.some((line) => /ioloop|node:internal/.test(line)), lines.join("\n"));
  });

  // LOOP-070
  it("names the callback that blocks", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      loop.addCallback(function refreshCache() { block(); loop.stop(); });
      await loop.start();
      say(ofBlock().text);`);
    assert.match(lines.join("\n"), /\n {2}at IOLoop.refreshCache |\n {2}at refreshCache /, stderr);
  });

  it("reports what blocks between the loop's turns, in a callback of Node's", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      setTimeout(function onTimer() { block(); loop.stop(); }, 1);
      await loop.start();
      say(/at Timeout.onTimer/.test(ofBlock().text));`);
    assert.deepEqual(lines, ["true"], stderr);
  });

  it("reports once each time", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(function* () {
        block();
        const end = performance.now() + ${A_WHILE_MS};
        while (performance.now() < end);
        say(reports.length);
        yield moment;
        reports.length = 0;
        block();
        say(reports.length);
      });`);
    assert.deepEqual(lines, ["1", "1"], stderr);
  });

  it("reports nothing while the loop merely waits, or does many short things", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(function* () {
        block();
        reports.length = 0;
        yield sleep(${A_WHILE_MS});
        const end = performance.now() + ${A_WHILE_MS};
        while (performance.now() < end) yield sleep(1);
      });
      say(reports.length);`);
    assert.deepEqual(lines, ["0"], stderr);
  });

  it("writes the report to the log when nobody listens", async () => {
    const { stderr, end } = await runChild(`
      const loop = new IOLoop();
      loop.setBlockingThreshold(50);
      const written = process.stderr.write;
      let isWritten = false;
      process.stderr.write = (...args) => { isWritten = true; return written.apply(process.stderr, args); };
      await loop.run(function busy() {
        const end = performance.now() + 20_000;
        while (!isWritten && performance.now() < end);
      });`);
    assert.match(stderr, /^gyre: blocked: nothing else could run for 50 ms, because of\n {2}at .*busy/);
    assert.equal(end, 0);
  });

  it("reports nothing when it was taken back", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(async () => { block(); });
      reports.length = 0;
      loop.setBlockingThreshold(undefined);
      await loop.run(async () => { block(${A_WHILE_MS}); });
      say(reports.length);`);
    assert.deepEqual(lines, ["0"], stderr);
  });

  it("does not keep the process alive", async () => {
    const { lines, end } = await runChild(`
      IOLoop.current().setBlockingThreshold(50);
      await sleep(1);
      console.log("over");`);
    assert.deepEqual({ lines, end }, { lines: ["over"], end: 0 });
  });

  it("can be set and taken back 20 times, whatever the thread is at", async () => {
    const { lines, stderr, end } = await runChild(`${PRELUDE}
      let seen = 0;
      for (let cycle = 0; cycle < 20; cycle++) {
        loop.setBlockingThreshold(10);
        // While it starts; while it looks; right after it asked.
        if (cycle % 3 > 0) await loop.run(() => sleep(20));
        if (cycle % 3 > 1) seen += Number(await loop.run(() => block()));
        loop.setBlockingThreshold(undefined);
      }
      say(seen);`);
    assert.deepEqual({ lines, stderr, end }, { lines: ["6"], stderr: "", end: 0 });
  });

  it("can be taken back by the listener of its own report", async () => {
    const { lines, stderr, end } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(20);
      loop.onReport(() => loop.setBlockingThreshold(undefined));
      await loop.run(() => { say(block()); });`);
    assert.deepEqual({ lines, stderr, end }, { lines: ["true"], stderr: "", end: 0 });
  });

  it("ends with the loop's close()", async () => {
    const { lines, stderr } = await runChild(`${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(() => { block(); });
      loop.close();
      say(process.getActiveResourcesInfo().includes("Timeout"), block(${A_WHILE_MS}));`);
    assert.deepEqual(lines, ["false false"], stderr);
  });

  it("works from what is built", { timeout: 120_000 }, async () => {
    await ensureBuilt(builds.gyre);
    const { lines, stderr } = await runChild(
      `${PRELUDE}
      loop.setBlockingThreshold(50);
      await loop.run(() => { say(block()); });`,
      { built: true },
    );
    assert.deepEqual(lines, ["true"], stderr);
  });

  it("reports without a stack, and says why, where the permission model refuses the inspector", async () => {
    const { lines, stderr } = await runChild(
      `${PRELUDE}
      loop.setBlockingThreshold(50);
      loop.onReport((report) => { say(report.frames.length, report.text); loop.stop(); });
      // The report cannot come before the block is over, so it is tried again until the thread is there.
      function again() { block(${A_WHILE_MS}); loop.callLater(5, again); }
      loop.addCallback(again);
      await loop.start();`,
      { flags: [permission, "--allow-worker", "--allow-fs-read=*"] },
    );
    assert.equal(lines[0], "0 blocked: nothing else could run for 50 ms", stderr);
    assert.equal(lines[1], "  its stack cannot be read: the permission model refuses the inspector", stderr);
  });

  it("reports without a stack, and says why, in a worker thread", async () => {
    const worker = new Worker(new URL("./blocking-worker.ts", import.meta.url));
    const [text] = await once(worker, "message");
    await worker.terminate();
    assert.match(text, /\n {2}its stack cannot be read: this is not the main thread\n/);
  });

  it("says so and goes on where there can be no thread", async () => {
    const { lines, stderr, end } = await runChild(
      `const loop = new IOLoop();
      loop.setBlockingThreshold(50);
      console.log(await loop.run(() => 7));`,
      { flags: [permission, "--allow-fs-read=*"], built: true },
    );
    assert.deepEqual({ lines, end }, { lines: ["7"], end: 0 });
    assert.match(stderr, /gyre: Error when the watchdog was started, blocking is not watched\n/);
  });

  it("refuses what is no duration, and none at all", () => {
    const loop = new IOLoop();
    assert.throws(() => loop.setBlockingThreshold("50" as never), TypeError);
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => loop.setBlockingThreshold(wrong), RangeError);
    }
  });
});

describe("BlockedReport", () => {
  it("shows all frames when none is the program's own", () => {
    const frames = ["at listOnTimeout (node:internal/timers:581:17)"];
    assert.match(new BlockedReport(50, frames, undefined).text, /\n {2}at listOnTimeout \(node:/);
  });
});
