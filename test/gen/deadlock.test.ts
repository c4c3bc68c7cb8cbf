import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { coroutine, DeadlockReport, Future, IOLoop, Lock, type Report } from "../../src/index.ts";
import { SimPoller } from "../../src/sim/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const waiter = coroutine(function* waiter(gate: Future<void>) {
  yield* gate;
});

/** What is reported when `fn` runs on virtual time until nothing is left. */
function reportsOf(fn: () => void): Report[] {
  const loop = new IOLoop({ poller: new SimPoller() });
  const reports: Report[] = [];
  loop.onReport((report) => reports.push(report));
  loop.addCallback(fn);
  loop.start();
  return reports;
}

describe("the deadlock report", () => {
  it("comes when a virtual loop runs dry, and says who waits on what at which line", () => {
    const owner = coroutine(function* owner() {
      yield* waiter(new Future());
    });
    const [report, ...others] = reportsOf(() => owner());
    assert.ok(report instanceof DeadlockReport);
    assert.deepEqual(others, []);
    const [node] = report.waiting;
    assert.equal(node?.coroutine.name, "owner");
    assert.match(node?.waitsFor ?? "", /^waiter #\d+$/);
    assert.equal(node?.waitsAt?.line, 27);
    assert.deepEqual(
      node?.children.map(({ coroutine, waitsFor, waitsAt }) => [coroutine.name, waitsFor, waitsAt?.line]),
      [["waiter", "a Future", 11]],
    );
    assert.match(
      report.text,
      /^deadlock: 2 coroutines wait, .*\n {2}owner #\d+ waits for waiter #\d+ at .*:27:7\n {4}waiter/,
    );
  });

  it("says who holds what is waited for", () => {
    const lock = new Lock({ name: "C" });
    const worker = coroutine(function* worker() {
      yield* lock.acquire();
      yield* new Future();
    });
    const [report] = reportsOf(() => {
      worker();
      worker();
    });
    assert.match(
      (report as DeadlockReport).text,
      /\n {2}worker #(\d+) waits for a Future at .*\n {2}worker #\d+ waits for lock C, held by worker #\1 at /,
    );
  });

  it("does not come when all have ended", () => {
    const gate = new Future<void>();
    assert.deepEqual(
      reportsOf(() => {
        waiter(gate);
        gate.setResult();
      }),
      [],
    );
  });

  it("does not come when the loop was stopped", () => {
    assert.deepEqual(
      reportsOf(() => {
        waiter(new Future());
        IOLoop.current().stop();
      }),
      [],
    );
  });

  it("comes when the process is about to exit while coroutines wait", () => {
    const program = `
      import { coroutine, Future } from "gyre";
      coroutine(function* stuck() { yield new Future(); })();
    `;
    const flags = ["--import", "./tools/strip.mjs", "-C", "source", "--input-type=module", "--eval", program];
    const { stderr, status } = spawnSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
    assert.equal(status, 0);
    assert.match(
      stderr,
      /gyre: deadlock: a coroutine waits, and nothing is left that could wake it\n {2}stuck #1 waits for a Future/,
    );
  });

  /** What a program writes to standard error until it has exited. */
  function runToExit(program: string): string {
    const flags = ["--import", "./tools/strip.mjs", "-C", "source", "--input-type=module", "--eval", program];
    return spawnSync(process.execPath, flags, { cwd: root, encoding: "utf8" }).stderr;
  }

  it("does not come for what another wakes at the exit", () => {
    const stderr = runToExit(`
      import { coroutine, Future } from "gyre";
      const gate = new Future();
      coroutine(function* flush() { yield gate; process.stderr.write("flushed"); })();
      process.once("beforeExit", () => setTimeout(() => gate.setResult(), 5));
    `);
    assert.equal(stderr, "flushed");
  });

  it("does not come for what was detached", () => {
    const stderr = runToExit(`
      import { coroutine, detach, Queue } from "gyre";
      const queue = new Queue();
      detach(coroutine(function* worker() { for (;;) yield queue.get(); })(), "it serves as long as the process lives");
    `);
    assert.equal(stderr, "");
  });

  it("shows fifty coroutines at most, and counts the others", () => {
    const [report] = reportsOf(() => {
      for (let i = 0; i < 60; i++) waiter(new Future());
    });
    assert.ok(report instanceof DeadlockReport);
    assert.equal(report.count, 60);
    assert.match(report.text, /^deadlock: 60 coroutines wait/);
    assert.equal(report.text.split("\n").length, 52);
    assert.match(report.text, /and 10 more$/);
  });

  it("comes together with failures of plain Futures that nobody took", () => {
    const stderr = runToExit(`
      import { Future } from "gyre";
      globalThis.kept = new Future();
      globalThis.kept.setError(new Error("lost plain"));
    `);
    assert.match(stderr, /lost error: a Future failed and nobody took its error[\s\S]*lost plain/);
  });
});
