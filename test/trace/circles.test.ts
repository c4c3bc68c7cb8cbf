import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { coroutine, detach, sleep } from "../../src/gen/index.ts";
import { Lock } from "../../src/sync/index.ts";
import {
  deadlocksAt,
  draw,
  formatRecording,
  parseRecording,
  type Recording,
  record,
  snapshot,
  type TraceEvent,
} from "../../src/trace/index.ts";
import { simulation } from "../gen/simulation.ts";
import { recordingOf } from "./recordings.ts";

/** What happens while `fn` runs on virtual time; read again from the lines of a file. */
function recordRun(test: TestContext, fn: () => Generator): Recording {
  const sim = simulation(test);
  const recorder = record({ loop: sim.loop });
  test.after(() => recorder.stop());
  sim.loop.runSync(fn);
  recorder.stop();
  const lines = [...formatRecording(recorder.recording())].join("").trimEnd().split("\n");
  return parseRecording(
    lines.map((text) => ({ text, isWhole: true })),
    "a test",
  );
}

/** `text` with ids that count from 1. */
function fromOne(text: string, { works }: Recording): string {
  const before = (works[0]?.id ?? 1) - 1;
  return text.replaceAll(/#(\d+)/g, (_, id: string) => `#${Number(id) - before}`);
}

const take = coroutine(function* take(first: Lock, second: Lock) {
  const release = yield* first.acquire();
  yield* sleep(1);
  (yield* second.acquire())();
  release();
});

const hold = coroutine(function* hold(lock: Lock, ms: number) {
  const release = yield* lock.acquire();
  yield* sleep(ms);
  release();
});

const wait = (id: number, on: number | string, held?: { name: string; by: number }): TraceEvent => ({
  kind: "wait",
  atUs: id,
  id,
  on,
  ...(held === undefined ? {} : { held }),
});

describe("deadlocksAt()", () => {
  it("tells of a circle of locks in a recording what a snapshot told of it while it ran", (test) => {
    const [a, b] = [new Lock({ name: "a" }), new Lock()];
    let live: readonly string[] = [];
    const recording = recordRun(test, function* main() {
      const both = [take(a, b), take(b, a)];
      yield* sleep(5);
      live = snapshot().deadlocks;
      for (const each of both) each.cancel();
      yield* sleep(1);
    });
    const [found = "", ...others] = deadlocksAt(recording, 4000);
    assert.deepEqual([found, ...others], live);
    assert.match(
      fromOne(found, recording),
      /^take #2 holds lock a, waits for (lock \d+); take #3 holds \1, waits for lock a$/,
    );
    assert.deepEqual(deadlocksAt(recording), []);
  });

  it("knows who has a lock that was handed on meanwhile", (test) => {
    const [a, b] = [new Lock({ name: "a" }), new Lock({ name: "b" })];
    const recording = recordRun(test, function* main() {
      // When the second one begins to wait for b, the first one has it; then the third gets it.
      hold(b, 3);
      const third = take(b, a);
      const second = take(a, b);
      yield* sleep(20);
      for (const each of [second, third]) each.cancel();
      yield* sleep(1);
    });
    assert.deepEqual(
      deadlocksAt(recording, 10_000).map((text) => fromOne(text, recording)),
      ["take #3 holds lock b, waits for lock a; take #4 holds lock a, waits for lock b"],
    );
  });

  it("follows waits for coroutines, too", () => {
    const recording = recordingOf(
      [1, 2, 3].map((id) => ({ id, name: "work" })),
      [wait(1, 2), wait(2, "lock a", { name: "lock a", by: 3 }), wait(3, 1)],
    );
    assert.deepEqual(deadlocksAt(recording), [
      "work #1 waits for work #2; work #2 waits for lock a; work #3 holds lock a, waits for work #1",
    ]);
    assert.deepEqual(deadlocksAt(recording, 2), []);
  });

  it("sees nothing in locks that come free", (test) => {
    const lock = new Lock();
    const recording = recordRun(test, function* main() {
      yield [hold(lock, 1), hold(lock, 1), hold(lock, 1)];
    });
    const held = recording.events.filter((event) => event.kind === "wait" && event.held !== undefined);
    assert.equal(held.length, 2);
    for (const atUs of [0, 500, 1500, 2500]) assert.deepEqual(deadlocksAt(recording, atUs), []);
  });

  it("is told below a drawing of who is in it", (test) => {
    const [a, b] = [new Lock({ name: "a" }), new Lock({ name: "b" })];
    const sim = simulation(test);
    const recorder = record({ loop: sim.loop });
    test.after(() => recorder.stop());
    let picture = "";
    sim.loop.runSync(function* main() {
      const both = [take(a, b), take(b, a)];
      yield* sleep(5);
      picture = draw(recorder.recording());
      for (const each of both) each.cancel();
      yield* sleep(1);
    });
    const words = picture.replaceAll(/\s+/g, " ");
    assert.match(
      words,
      / deadlock: take #\d+ holds lock a, waits for lock b; take #\d+ holds lock b, waits for lock a /,
    );
  });
});

describe("the end of a coroutine that is recorded", () => {
  it("names those that were reported as orphans, and none that was let go, or is waited for", (test) => {
    const nap = coroutine(function* nap() {
      yield* sleep(5);
    });
    const sim = simulation(test);
    const recorder = record({ loop: sim.loop });
    test.after(() => recorder.stop());
    let orphans: boolean[] = [];
    sim.loop.runSync(function* main() {
      let waited: ReturnType<typeof nap> | undefined;
      const start = coroutine(function* start() {
        nap();
        detach(nap(), "nobody needs it");
        waited = nap();
        yield* sleep(1);
      });
      const started = start();
      yield* sleep(0);
      const waits = coroutine(function* waits() {
        yield waited;
      });
      const waiting = waits();
      yield started;
      orphans = snapshot().rows.map(({ isOrphan }) => isOrphan === true);
      yield waiting;
      yield* sleep(9);
    });
    recorder.stop();
    const { works, events } = recorder.recording();
    const first = works.find(({ name }) => name === "nap")?.id;
    assert.deepEqual(
      events.flatMap((event) => (event.kind === "end" && event.orphans !== undefined ? [event.orphans] : [])),
      [[first]],
    );
    assert.deepEqual(
      sim.takeReports().map(({ kind }) => kind),
      ["orphan"],
    );
    assert.equal(orphans.filter(Boolean).length, 1);
  });
});
