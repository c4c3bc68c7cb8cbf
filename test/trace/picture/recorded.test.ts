/** Drawings of programs that ran, on a loop whose time is virtual. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Future } from "../../../src/future/index.ts";
import { all, coroutine, detach, sleep } from "../../../src/gen/index.ts";
import { IOLoop } from "../../../src/loop/index.ts";
import { SimPoller } from "../../../src/sim/index.ts";
import { Queue } from "../../../src/sync/index.ts";
import {
  draw,
  label,
  note,
  type Recorder,
  type Recording,
  record,
  type TraceEvent,
} from "../../../src/trace/index.ts";

let loop: IOLoop;
let recorder: Recorder;

beforeEach(() => {
  loop = new IOLoop({ poller: new SimPoller() });
  recorder = record({ loop });
});

afterEach(() => recorder.stop());

/** What the store answers, after a while. */
const move = coroutine(function* move(name: string) {
  note(`> http POST /move/${name}`);
  yield* sleep(30);
  note("< 200");
  note("= moved");
});

/** Run `main` to the end of all that it started. @returns the drawing of `request`, from its second line on */
function drawingOf(main: () => Future<unknown>, request: string): string {
  loop.runSync(
    coroutine(function* run() {
      yield main();
      yield* sleep(100);
    }),
  );
  return `\n${draw(countedFrom(request, recorder.recording()), { request }).trimEnd()}`;
}

/** `recording` with ids that count from 1 at `request`: they are unique in the process, and other tests come before. */
function countedFrom(request: string, recording: Recording): Recording {
  const before = (recording.works.find(({ labels }) => labels.includes(request))?.id ?? 1) - 1;
  const works = recording.works.map((work) => {
    return { ...work, id: work.id - before, ownerId: work.ownerId && work.ownerId - before };
  });
  const events = recording.events.map((event): TraceEvent => {
    const id = event.id === undefined ? undefined : event.id - before;
    if (event.kind === "note") return { ...event, id };
    const moved = { ...event, id: event.id - before };
    if (moved.kind === "wake") return { ...moved, by: moved.by && moved.by - before };
    if (moved.kind !== "wait") return moved;
    const { on } = moved;
    const inWords = (text: string) => text.replace(/#(\d+)/g, (_, digits) => `#${Number(digits) - before}`);
    return { ...moved, on: typeof on === "number" ? on - before : inWords(on) };
  });
  return { ...recording, works, events };
}

describe("draw() of what was recorded", () => {
  it("shows the stale cache: written before the work that it was to hold", () => {
    const submit = coroutine(function* submit() {
      label("answer 7");
      detach(move("roof.png"), "as the old service did");
      note("> cache SET answer");
    });
    assert.equal(
      drawingOf(submit, "answer 7"),
      `
 time     submit #1 answer 7       move #2                        world
  0.0 ms  █── call ───────────────>█                                │
  0.0     █                        █── http POST /move/roof.png ───>│
  0.0     █                        │── sleep 30 ms ────────────────>│
  0.0     █── cache SET answer ────┼───────────────────────────────>│
  0.0     └─> done                 ⋮                                │
 30.0                              █<── 200 ────────────────────────│
 30.0                              └─> moved, its owner has ended
 submit #1: all within one recorded instant`,
    );
  });

  it("shows it right once the work is waited for", () => {
    const submit = coroutine(function* submit() {
      label("answer 7");
      yield move("roof.png");
      note("> cache SET answer");
    });
    assert.equal(
      drawingOf(submit, "answer 7"),
      `
 time     submit #1 answer 7       move #2                        world
  0.0 ms  █── call ───────────────>█                                │
  0.0     █                        █── http POST /move/roof.png ───>│
  0.0     ⋮                        │── sleep 30 ms ────────────────>│
 30.0     ⋮ (waits #2)             █<── 200 ────────────────────────│
 30.0     █<── moved ──────────────┘                                │
 30.0     █── cache SET answer ────────────────────────────────────>│
 30.0     └─> done                   30.0 ms, 100 % waiting on sleep`,
    );
  });

  it("shows many at once, and who of them came when", () => {
    const submit = coroutine(function* submit() {
      label("answer 7");
      yield* all([move("a.png"), move("b.png")]);
    });
    assert.equal(
      drawingOf(submit, "answer 7"),
      `
 time     submit #1 answer 7   move #2                       move #3                     world
  0.0 ms  █── call ───────────>█                                                           │
  0.0     █                    █── http POST /move/a.png ─────────────────────────────────>│
  0.0     █                    │── sleep 30 ms ───────────────────────────────────────────>│
  0.0     █── call ────────────┼────────────────────────────>█                             │
  0.0     █                    ⋮                             █── http POST /move/b.png ───>│
  0.0     ⋮                    ⋮                             │── sleep 30 ms ─────────────>│
 30.0     ⋮ (waits #2, #3)     █<── 200 ─────────────────────┼─────────────────────────────│
 30.0     │<── moved ──────────┘                             ⋮                             │
 30.0     ⋮                                                  █<── 200 ─────────────────────│
 30.0     █<── moved ────────────────────────────────────────┘
 30.0     └─> done               30.0 ms, 100 % waiting on sleep`,
    );
  });

  it("shows what a child did for who started it, before its end and not as that", () => {
    const submit = coroutine(function* submit() {
      label("answer 7");
      const items = new Queue<number>();
      coroutine(function* feed() {
        yield* sleep(5);
        items.putNowait(1);
        note("has put");
      })();
      yield* items.get();
      note("got it");
    });
    const lines = drawingOf(submit, "answer 7").split("\n");
    const woken = lines.findIndex((line) => /│<── an item of a queue ──+█/.test(line));
    const said = lines.findIndex((line) => line.includes("█ has put"));
    assert.ok(woken > 0 && woken < said, lines.join("\n"));
  });

  it("shows a cancel, from who cancels to who is cancelled", () => {
    const submit = coroutine(function* submit() {
      label("answer 7");
      const moving = move("a.png");
      yield* sleep(10);
      moving.cancel("enough");
      try {
        yield moving;
      } catch {
        note("gave up");
      }
    });
    assert.equal(
      drawingOf(submit, "answer 7"),
      `
 time     submit #1 answer 7   move #2                     world
  0.0 ms  █── call ───────────>█                             │
  0.0     █                    █── http POST /move/a.png ───>│
  0.0     █                    │── sleep 30 ms ─────────────>│
  0.0     │── sleep 10 ms ─────┼────────────────────────────>│
 10.0     █<───────────────────┼─────────────────────────────│
 10.0     │── cancel ─────────>█
 10.0     █<── cancelled ──────┘
 10.0     █ gave up
 10.0     └─> done               10.0 ms, 100 % waiting on sleep`,
    );
  });
});
