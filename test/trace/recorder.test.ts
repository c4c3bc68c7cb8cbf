import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import { Future } from "../../src/future/index.ts";
import { coroutine, race, sleep, withTimeout } from "../../src/gen/index.ts";
import { hooks } from "../../src/loop/index.ts";
import { Queue } from "../../src/sync/index.ts";
import {
  currentRecorder,
  label,
  note,
  type Recorder,
  type Recording,
  type RecordOptions,
  readRecording,
  record,
  type TraceEvent,
} from "../../src/trace/index.ts";
import { type Simulation, simulation } from "../gen/simulation.ts";

const LEAST_BYTES = 16 * 1024;

/** A recorder over the virtual time of `sim`, off when the test ends. */
function recorderOf(test: TestContext, sim: Simulation, options: RecordOptions = {}): Recorder {
  const recorder = record({ ...options, loop: sim.loop });
  test.after(() => recorder.stop());
  return recorder;
}

/** What happens while `fn` runs on virtual time; ids count from 1. */
function recordRun(test: TestContext, fn: () => Generator, options: RecordOptions = {}): Recording {
  const sim = simulation(test);
  const recorder = recorderOf(test, sim, options);
  sim.loop.runSync(fn);
  recorder.stop();
  return fromOne(recorder.recording());
}

/** The ids of a process go on counting: here they begin anew. */
function fromOne(recording: Recording): Recording {
  const [first] = recording.works;
  const before = (first?.id ?? 1) - 1;
  const lower = <T>(id: T): T => (typeof id === "number" ? id - before : id) as T;
  const events = recording.events.map((event): TraceEvent => {
    const lowered = { ...event, id: lower(event.id) } as TraceEvent;
    if (lowered.kind === "wait") return { ...lowered, on: lower(lowered.on) };
    return lowered.kind === "wake" ? { ...lowered, by: lower(lowered.by) } : lowered;
  });
  const works = recording.works.map((work) => ({
    ...work,
    id: lower(work.id),
    ownerId: lower(work.ownerId),
  }));
  return { ...recording, works, events };
}

/** An event in short: `1 wait #2 @3000`. */
function shortOf(event: TraceEvent): string {
  const more = {
    start: () => "",
    step: () => "",
    wait: () => ` ${(event as { on: unknown }).on}`,
    wake: () => ` ${(event as { by: unknown }).by ?? "world"}`,
    end: () => ` ${(event as { how: string }).how}`,
    note: () => ` ${(event as { text: string }).text}`,
  }[event.kind]();
  return `${event.atUs} ${event.kind} ${event.id}${more}`;
}

const nap = coroutine(function* nap(ms: number) {
  yield* sleep(ms);
  return ms;
});

describe("record()", () => {
  it("writes each start, wait, wake, step and end, with the loop's time", (test) => {
    const { events, works, dropped, cutOff, version } = recordRun(test, function* main() {
      const child = nap(5);
      yield* sleep(2);
      yield* child;
    });
    assert.deepEqual(events.map(shortOf), [
      "0 start 1",
      "0 start 2",
      "0 wait 2 sleep 5 ms",
      "0 wait 1 sleep 2 ms",
      "2000 wake 1 world",
      "2000 step 1",
      "2000 wait 1 2",
      "5000 wake 2 world",
      "5000 step 2",
      "5000 end 2 result",
      "5000 wake 1 2",
      "5000 step 1",
      "5000 end 1 result",
    ]);
    assert.deepEqual(works, [
      { id: 1, name: "main", ownerId: undefined, labels: [] },
      { id: 2, name: "nap", ownerId: 1, labels: [] },
    ]);
    assert.deepEqual([dropped, cutOff, version], [0, false, 1]);
  });

  it("says until when it recorded", (test) => {
    const { events, endUs } = recordRun(test, function* main() {
      sleep(20).cancel();
      nap(2);
      yield* sleep(1000);
    });
    assert.deepEqual([events.at(-1)?.atUs, endUs], [1_000_000, 1_000_000]);
    const { loop } = simulation(test);
    const own = record({ loop });
    loop.callLater(70, () => own.stop());
    loop.runSync(() => sleep(70));
    loop.runSync(() => sleep(30));
    assert.equal(own.recording().endUs, 70_000);
  });

  it("says how each ended", (test) => {
    const { events } = recordRun(test, function* main() {
      const cancelled = nap(5);
      cancelled.cancel();
      yield [cancelled, failing()].map((each) => survive(each));
    });
    const ends = events.filter(({ kind }) => kind === "end").map((event) => (event as { how: string }).how);
    assert.deepEqual(ends.toSorted(), ["cancel", "error", "result", "result", "result"]);
  });

  it("says what is waited for, members of a list too", (test) => {
    const { events } = recordRun(test, function* main() {
      const queue = new Queue<number>();
      const getter = coroutine(function* getter() {
        yield* queue.get();
      })();
      yield [nap(1), nap(1), nap(1), nap(1), nap(1)];
      yield* race([sleep(1), nap(1)]);
      queue.putNowait(1);
      yield* getter;
      yield* withTimeout(50, nap(1));
      const future = new Future<void>();
      sleep(1).addDoneCallback(() => future.setResult());
      yield* future;
    });
    const waits = events.filter(({ kind }) => kind === "wait").map((event) => (event as { on: unknown }).on);
    assert.deepEqual(
      waits.filter((on) => on !== "sleep 1 ms").map((on) => String(on).replace(/#\d+/g, "#n")),
      [
        "an item of a queue",
        "all of nap #n, nap #n, nap #n and 2 more",
        "race of sleep 1 ms, nap #n",
        "2",
        "nap #n, at most 50 ms",
        "a Future",
      ],
    );
  });

  it("keeps what the program says of itself, and labels", (test) => {
    const { events, works } = recordRun(test, function* main() {
      note("> began");
      label("r-7");
      yield* nap(1);
      label("slow");
      label("r-7");
      note("done");
    });
    const notes = events.filter(({ kind }) => kind === "note").map(shortOf);
    assert.deepEqual(notes, ["0 note 1 > began", "1000 note 1 done"]);
    assert.deepEqual(
      works.map(({ labels }) => labels),
      [["r-7", "slow"], []],
    );
  });

  it("lets a program wait as without it, for what cannot be said in words, too", (test) => {
    const { events } = recordRun(test, function* main() {
      let limited = sleep(1);
      for (let i = 0; i < 20_000; i++) limited = withTimeout(5000, limited);
      yield* limited;
    });
    const waits = events.flatMap((event) => (event.kind === "wait" ? [event.on] : []));
    assert.deepEqual(waits, ["a Future"]);
    assert.deepEqual(shortOf(events.at(-1) as TraceEvent), "1000 end 1 result");
  });

  it("takes what is no text for one, and never throws for it", (test) => {
    const odd = [5, Symbol("s"), Object.create(null), 10n] as unknown as readonly string[];
    const { events, works } = recordRun(test, function* main() {
      for (const each of odd) note(each);
      for (const each of odd) label(each);
      yield* nap(1);
    });
    const texts = ["5", "Symbol(s)", "an object without a prototype", "10n"];
    assert.deepEqual(
      events.flatMap((event) => (event.kind === "note" ? [event.text] : [])),
      texts,
    );
    assert.deepEqual(works[0]?.labels, texts);
  });

  it("keeps a note that is said outside of any coroutine", (test) => {
    const sim = simulation(test);
    const recorder = recorderOf(test, sim);
    note("outside");
    label("nobody");
    assert.deepEqual(recorder.recording().events, [
      { kind: "note", atUs: 0, id: undefined, text: "outside" },
    ]);
  });

  it("keeps the newest events of any run, in order, and counts the others", (test) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), (naps) => {
        const sim = simulation(test);
        const whole = recorderOf(test, sim);
        const run = (): void =>
          sim.loop.runSync(function* main() {
            for (let i = 0; i < naps; i++) yield* nap(1);
          });
        run();
        whole.stop();
        const small = recorderOf(test, sim, { maxBytes: LEAST_BYTES });
        run();
        small.stop();
        const [all, newest] = [whole.recording(), small.recording()];
        // Of steps it has those whose wake it has.
        const kinds = ({ events }: Recording): string[] =>
          events.map(({ kind }) => kind).filter((kind) => kind !== "step");
        assert.ok(kinds(newest).length <= LEAST_BYTES / 8);
        assert.deepEqual(kinds(newest), kinds(all).slice(newest.dropped));
      }),
      { numRuns: 30 },
    );
  });

  it("knows the names of all whose events are there, though their starts are lost", (test) => {
    const sim = simulation(test);
    const recorder = recorderOf(test, sim, { maxBytes: LEAST_BYTES });
    sim.loop.runSync(function* main() {
      const outer = coroutine(function* outer() {
        label("r-7");
        const inner = coroutine(function* inner() {
          for (let i = 0; i < 1600; i++) yield* sleep(1);
        });
        yield* inner();
      })();
      yield* sleep(1200);
      // Those that run still are asked themselves.
      const { works, dropped } = recorder.recording();
      assert.ok(dropped > 0);
      assert.deepEqual(
        works.map(({ name }) => name),
        ["main", "outer", "inner"],
      );
      assert.deepEqual(works[1]?.labels, ["r-7"]);
      assert.equal(works[2]?.ownerId, works[1]?.id);
      yield* outer;
    });
    // Those that have ended said it again then.
    const { works, events } = recorder.recording();
    assert.equal(events[0]?.kind === "start", false);
    const outer = works.find(({ name }) => name === "outer");
    assert.deepEqual(outer?.labels, ["r-7"]);
    assert.ok(works.every(({ name }) => name !== "unknown"));
  });

  it("begins in the midst of a run", (test) => {
    const sim = simulation(test);
    let recording: Recording | undefined;
    sim.loop.runSync(function* main() {
      const child = nap(5);
      yield* sleep(1);
      const recorder = recorderOf(test, sim);
      yield* child;
      recorder.stop();
      recording = fromOne(recorder.recording());
    });
    assert.deepEqual(recording?.events.map(shortOf), [
      "0 wait 1 2",
      "4000 wake 2 world",
      "4000 step 2",
      "4000 end 2 result",
      "4000 wake 1 2",
      "4000 step 1",
    ]);
    assert.deepEqual(
      recording?.works.map(({ name }) => name),
      ["main", "nap"],
    );
  });

  it("keeps the line of each wait where lines are wanted", (test) => {
    const { events } = recordRun(
      test,
      function* main() {
        yield* sleep(1);
        yield* sleep(1);
        yield* nap(1);
        yield* nap(1);
      },
      { lines: true },
    );
    const lines = events.map((event) => (event.kind === "wait" ? event.line : undefined));
    const found = lines.filter((line) => line !== undefined);
    assert.equal(found.length, 6);
    const first = found[0]?.line ?? 0;
    assert.ok(found.every(({ file }) => file.endsWith("/test/trace/recorder.test.ts")));
    const ofMain = found.filter(({ line }) => line >= first).map(({ line }) => line - first);
    assert.deepEqual(ofMain, [0, 1, 2, 3]);
    // `nap` waits at one place only, so that is asked for once.
    const ofNap = found.filter(({ line }) => line < first);
    assert.equal(ofNap.length, 2);
    assert.deepEqual(ofNap[0], ofNap[1]);
  });

  it("has no lines otherwise", (test) => {
    const { events } = recordRun(test, function* main() {
      yield* sleep(1);
    });
    assert.ok(events.every((event) => !("line" in event)));
  });

  it("has times that never go back, exact ones too", async () => {
    for (const exact of [false, true]) {
      const recorder = record({ exact });
      for (let i = 0; i < 20; i++) await Promise.all([nap(0), nap(0)]);
      recorder.stop();
      const { events } = recorder.recording();
      assert.ok(events.length >= 20 * 8);
      for (const [at, { atUs }] of events.entries()) assert.ok(atUs >= (events[at - 1]?.atUs ?? 0));
    }
  });

  it("has a step before the first thing that it does", (test) => {
    const { events } = recordRun(test, function* main() {
      const gate = new Future<void>();
      const wakes = coroutine(function* wakes() {
        yield* sleep(1);
        gate.setResult();
        yield* sleep(1);
      });
      const starts = coroutine(function* starts() {
        yield* sleep(3);
        const child = nap(1);
        yield* child;
      });
      const says = coroutine(function* says() {
        yield* sleep(5);
        note("here");
      });
      const all = [wakes(), starts(), says()];
      yield* gate;
      yield all;
    });
    const lines = events.map(shortOf);
    const behind = (line: string): string | undefined => lines[lines.indexOf(line) + 1];
    assert.equal(behind("1000 step 2"), "1000 wake 1 2");
    assert.equal(behind("3000 step 3"), "3000 start 5");
    assert.equal(behind("5000 step 4"), "5000 note 4 here");
    const counts = ["wake", "step"].map((kind) => events.filter((event) => event.kind === kind).length);
    assert.equal(counts[0], counts[1]);
  });

  it("has the same steps with exact times", (test) => {
    const work = function* main(): Generator {
      const children = [nap(1), nap(2), failing()].map((each) => survive(each));
      yield children;
      children[0]?.cancel();
      yield* sleep(1);
    };
    const [plain, exact] = [false, true].map((isExact) =>
      recordRun(test, work, { exact: isExact }).events.map((event) => shortOf(event).replace(/#\d+/g, "#n")),
    );
    assert.deepEqual(plain, exact);
  });

  it("knows that the one that asks goes on", (test) => {
    const sim = simulation(test);
    const recorder = recorderOf(test, sim);
    sim.loop.runSync(function* main() {
      yield* sleep(1);
      const { events } = recorder.recording();
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ["start", "wait", "wake", "step"],
      );
    });
  });

  it("refuses to be two", (test) => {
    recorderOf(test, simulation(test));
    assert.throws(() => record(), /Cannot record: a recorder is on already, one at a time is wanted/);
  });

  it("refuses memory that is too small, or no number", () => {
    for (const maxBytes of [0, LEAST_BYTES - 1, 1e5 + 0.5, Number.NaN])
      assert.throws(() => record({ maxBytes }), RangeError);
    assert.equal(hooks, undefined);
  });
});

describe("Recorder", () => {
  it("watches until it is stopped, which twice is harmless", (test) => {
    const recorder = recorderOf(test, simulation(test));
    assert.equal(currentRecorder(), recorder);
    assert.equal(recorder.on, true);
    recorder.stop();
    recorder.stop();
    assert.equal(recorder.on, false);
    assert.deepEqual([currentRecorder(), hooks], [undefined, undefined]);
  });

  it("stops itself only", (test) => {
    const sim = simulation(test);
    const first = recorderOf(test, sim);
    first.stop();
    const second = recorderOf(test, sim);
    first.stop();
    assert.equal(currentRecorder(), second);
    assert.equal(second.on, true);
  });

  it("saves what readRecording() reads", (test) => {
    const folder = mkdtempSync(join(tmpdir(), "gyre-recorder-"));
    test.after(() => rmSync(folder, { recursive: true }));
    const sim = simulation(test);
    const recorder = recorderOf(test, sim);
    sim.loop.runSync(function* main() {
      yield* nap(1);
    });
    const path = join(folder, "run.gyre");
    recorder.save(path);
    assert.deepEqual(readRecording(path), recorder.recording());
  });

  it("has statistics", (test) => {
    const sim = simulation(test);
    const recorder = recorderOf(test, sim, { maxBytes: LEAST_BYTES });
    assert.deepEqual(recorder.statistics(), { events: 0, dropped: 0 });
    for (let i = 0; i < 2400; i++) note("a");
    assert.deepEqual(recorder.statistics(), { events: 1376, dropped: 1024 });
  });
});

describe("note() and label()", () => {
  it("do nothing while nobody watches", (test) => {
    const sim = simulation(test);
    sim.loop.runSync(function* main() {
      note("a");
      label("b");
      yield* sleep(1);
    });
    const recorder = recorderOf(test, sim);
    assert.deepEqual(recorder.recording().events, []);
  });
});

const failing = coroutine(function* failing() {
  yield* sleep(1);
  throw new Error("on purpose");
});
const survive = coroutine(function* survive(work: Future<unknown>) {
  try {
    yield* work;
  } catch {
    // Its end is what the test looks at.
  }
});
