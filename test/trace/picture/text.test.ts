/** Drawings as text, each beside the events it is made from. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { draw } from "../../../src/trace/picture/index.ts";
import type { Recording } from "../../../src/trace/recording.ts";
import { recordingOf } from "./script.ts";

/** The drawing, as written from the second line of `expected` on. */
function assertDrawing(
  recording: Recording,
  expected: string,
  options: Parameters<typeof draw>[1] = {},
): void {
  assert.equal(`\n${draw(recording, options).trimEnd()}`, expected);
}

/** `count` calls of `fetch`, one after the other. */
function loopOf(count: number): string {
  const turns = Array.from({ length: count }, (_, turn) => {
    const at = turn * 10;
    const id = turn + 2;
    return `
      ${at} start fetch #${id} of #1
      ${at + 1} #${id} note > http GET /page/${turn}
      ${at + 1} #${id} wait a promise @loop.ts:4
      ${at + 1} #1 wait #${id} @loop.ts:9
      ${at + 8} #${id} wake
      ${at + 8} #${id} step
      ${at + 8} #${id} end result
      ${at + 8} #1 wake by #${id}
      ${at + 8} #1 step`;
  });
  return `0 start worker #1${turns.join("")}\n${count * 10} #1 end result`;
}

/** `count` calls of `fetch` at once. */
function gatherOf(count: number): string {
  const ids = Array.from({ length: count }, (_, index) => index + 2);
  return `
    0 start gather #1
    ${ids.map((id) => `0.5 start fetch #${id} of #1\n0.5 #${id} wait a promise`).join("\n")}
    1 #1 wait fetch #2, fetch #3, fetch #4 and ${count - 3} more @gather.ts:3
    ${ids.map((id) => `${id * 10} #${id} wake\n${id * 10} #${id} step\n${id * 10} #${id} end result`).join("\n")}
    ${count * 10 + 10} #1 wake by #${count + 1}
    ${count * 10 + 10} #1 step
    ${count * 10 + 12} #1 end result`;
}

describe("draw() as text", () => {
  it("draws a lane a coroutine, a row a message, the line of each wait and where the time went", () => {
    const recording = recordingOf(`
      0.0  start handle #1
      0.0  start fetchUser #2 of #1
      0.2  #2 note > http GET /u/7
      0.2  #2 wait a promise @app.ts:13
      0.2  #1 wait #2 @app.ts:19
      41.0 #2 wake
      41.0 #2 step
      41.0 #2 note < 200
      41.2 #2 note = {id:7}
      41.3 #2 end result
      41.3 #1 wake by #2
      41.3 #1 step
      41.9 #1 note = 200 OK
      41.9 #1 end result`);
    assertDrawing(
      recording,
      `
 time     handle #1          fetchUser #2        world
  0.0 ms  █── call ─────────>█                     │
  0.2     ⋮                  │── http GET /u/7 ───>│  app.ts:13
 41.0     ⋮ (waits #2)       █<── 200 ─────────────│
 41.3     █<── {id:7} ───────┘                        app.ts:19
 41.9     └─> 200 OK           busy 1.1 ms of 41.9, 97 % waiting on http`,
    );
  });

  it("draws a coroutine alone, in microseconds when it is short", () => {
    const recording = recordingOf(`
      0   start main #1
      0.3 #1 end result`);
    assertDrawing(
      recording,
      `
 time     main #1
    0 us  █
  300     └─> done   busy 300 us of 300`,
    );
  });

  it("has the wake before the end of the one that is waited for, too", () => {
    const recording = recordingOf(`
      0.0 start main #1
      0.0 start child #2 of #1
      0.1 #2 wait sleep 5 ms
      0.1 #1 wait #2 @main.ts:4
      5.2 #2 wake
      5.2 #2 step
      5.3 #1 wake by #2
      5.3 #2 end result
      5.3 #1 step
      5.4 #1 end result`);
    assertDrawing(
      recording,
      `
 time     main #1            child #2         world
  0.0 ms  █── call ─────────>█                  │
  0.1     ⋮                  │── sleep 5 ms ───>│
  5.2     ⋮ (waits #2)       █<─────────────────│
  5.3     █<─────────────────┘                     main.ts:4
  5.4     └─> done             busy 0.3 ms of 5.4, 94 % waiting on sleep`,
    );
  });

  it("draws children that run at once beside each other", () => {
    const recording = recordingOf(`
      0.0  start page #1
      0.0  start user #2 of #1
      0.1  #2 wait a promise @page.ts:5
      0.1  start posts #3 of #1
      0.2  #3 wait a promise @page.ts:9
      0.2  #1 wait user #2, posts #3 @page.ts:14
      12.0 #3 wake
      12.0 #3 step
      12.1 #3 end result
      20.0 #2 wake
      20.0 #2 step
      20.1 #2 end result
      20.1 #1 wake by #2
      20.1 #1 step
      20.2 #1 end result`);
    assertDrawing(
      recording,
      `
 time     page #1            user #2            posts #3         world
  0.0 ms  █── call ─────────>█                                     │
  0.1     █                  │── a promise ───────────────────────>│  page.ts:5
  0.1     █── call ──────────┼─────────────────>█                  │
  0.2     ⋮                  ⋮                  │── a promise ────>│  page.ts:9
 12.0     ⋮ (waits #2, #3)   ⋮                  █<─────────────────│
 12.1     │<─────────────────┼──────────────────┘                  │
 20.0     ⋮                  █<────────────────────────────────────│
 20.1     █<─────────────────┘                                        page.ts:14
 20.2     └─> done             busy 0.5 ms of 20.2, 98 % waiting on a promise`,
    );
  });

  it("draws children of children, each right of who called it", () => {
    const recording = recordingOf(`
      0.0 start outer #1
      0.0 start middle #2 of #1
      0.1 start inner #3 of #2
      0.2 #3 wait sleep 2 ms @deep.ts:3
      0.2 #2 wait #3 @deep.ts:7
      0.2 #1 wait #2 @deep.ts:11
      2.4 #3 wake
      2.4 #3 step
      2.5 #3 end result
      2.5 #2 wake by #3
      2.5 #2 step
      2.6 #2 end result
      2.6 #1 wake by #2
      2.6 #1 step
      2.7 #1 end result`);
    assertDrawing(
      recording,
      `
 time     outer #1           middle #2          inner #3         world
  0.0 ms  █── call ─────────>█                                     │
  0.1     █                  █── call ─────────>█                  │
  0.2     ⋮                  ⋮                  │── sleep 2 ms ───>│  deep.ts:3
  2.4     ⋮ (waits #2)       ⋮ (waits #3)       █<─────────────────│
  2.5     ⋮                  █<─────────────────┘                     deep.ts:7
  2.6     █<─────────────────┘                                        deep.ts:11
  2.7     └─> done             busy 0.5 ms of 2.7, 81 % waiting on sleep`,
    );
  });

  it("says who cancelled, and that the clean-up ran", () => {
    const recording = recordingOf(`
      0.0 start job #1
      0.0 start download #2 of #1
      0.1 #2 wait sleep 60000 ms @job.ts:5
      0.1 #1 wait sleep 10 ms @job.ts:14
      10.2 #1 wake
      10.2 #1 step
      10.3 #2 wake by #1
      10.3 #1 wait #2 @job.ts:16
      10.4 #2 step
      10.4 #2 wait sleep 5 ms @job.ts:7
      15.6 #2 wake
      15.6 #2 step
      15.7 #2 end cancel
      15.7 #1 wake by #2
      15.7 #1 step
      15.8 #1 end result`);
    assertDrawing(
      recording,
      `
 time     job #1              download #2          world
  0.0 ms  █── call ──────────>█                      │
  0.1     █                   │── sleep 60000 ms ───>│  job.ts:5
  0.1     │── sleep 10 ms ────┼─────────────────────>│  job.ts:14
 10.2     █<──────────────────┼──────────────────────│
 10.3     │── cancel ────────>█                      │
 10.4     ⋮ (waits #2)        │── sleep 5 ms ───────>│  job.ts:7
 15.6     ⋮                   █<─────────────────────│
 15.7     █<── cancelled ─────┘                         job.ts:16
 15.8     └─> done              busy 0.4 ms of 15.8, 97 % waiting on sleep`,
    );
  });

  it("draws an error on its way out", () => {
    const recording = recordingOf(`
      0.0 start handle #1
      0.0 start query #2 of #1
      0.1 #2 note > sql SELECT
      0.1 #2 wait a promise @db.ts:8
      0.1 #1 wait #2 @app.ts:19
      3.0 #2 wake
      3.0 #2 step
      3.1 #2 note = error: no such table
      3.1 #2 end error
      3.1 #1 wake by #2
      3.1 #1 step
      3.2 #1 end error`);
    assertDrawing(
      recording,
      `
 time     handle #1                    query #2         world
  0.0 ms  █── call ───────────────────>█                  │
  0.1     ⋮                            │── sql SELECT ───>│  db.ts:8
  3.0     ⋮ (waits #2)                 █<─────────────────│
  3.1     █<── error: no such table ───┘                     app.ts:19
  3.2     └─> error                      busy 0.3 ms of 3.2, 91 % waiting on sql`,
    );
  });

  it("draws the stale cache: what outlives its owner goes on below the owner's end", () => {
    const recording = recordingOf(`
      0.0  start post #1
      0.0  start rename #2 of #1
      0.1  #2 note > http POST /move
      0.1  #2 wait a promise @legacy.ts:31
      0.2  #1 note > cache SET answer
      0.3  #1 note = 200 OK
      0.3  #1 end result
      31.0 #2 wake
      31.0 #2 step
      31.1 #2 note answer updated
      31.2 #2 end result`);
    assertDrawing(
      recording,
      `
 time     post #1                  rename #2                    world
  0.0 ms  █── call ───────────────>█                              │
  0.1     █                        │── http POST /move ──────────>│  legacy.ts:31
  0.2     █── cache SET answer ────┼─────────────────────────────>│
  0.3     └─> 200 OK               ⋮                              │
 31.0                              █<─────────────────────────────│
 31.1                              █ answer updated
 31.2                              └─> done, its owner has ended
 post #1: busy 0.3 ms of 0.3`,
    );
  });

  it("draws who hands a lock to whom", () => {
    const recording = recordingOf(`
      0.0  start first #1
      0.1  #1 wait sleep 10 ms @lock.ts:4
      0.2  start second #2
      0.3  #2 wait a lock @lock.ts:3
      10.3 #1 wake
      10.3 #1 step
      10.4 #2 wake by #1
      10.5 #1 end result
      10.5 #2 step
      10.6 #2 end result`);
    assertDrawing(
      recording,
      `
 time     first #1            second #2        world
  0.1 ms  │── sleep 10 ms ──────────────────────>│  lock.ts:4
  0.2     ⋮                   ⋮ (waits a lock)   │
 10.3     █<──────────────────┼──────────────────│
 10.4     █── a lock ────────>│                     lock.ts:3
 10.5     └─> done            █
 10.6                         └─> done
 first #1: busy 0.3 ms of 10.5, 97 % waiting on sleep
 second #2: busy 0.2 ms of 10.4, 97 % waiting on a lock`,
    );
  });

  it("marks where nothing happens for long, and where one runs for long", () => {
    const recording = recordingOf(`
      0.0    start nap #1
      0.1    #1 wait sleep 3200 ms @nap.ts:2
      3200.2 #1 wake
      3200.2 #1 step
      5200.3 #1 note counted
      5200.4 #1 end result`);
    assertDrawing(
      recording,
      `
 time       nap #1              world
    0.1 ms  │── sleep 3200 ms ───>│  nap.ts:2
      ~     ⋮                     │  nothing for 3.2 s
 3200.2     █<────────────────────│
      ~     █                        nap #1 runs for 2.0 s
 5200.3     █ counted
 5200.4     └─> done                busy 2000.3 ms of 5200.4, 62 % waiting on sleep`,
    );
  });

  it("leads what is not over to the bottom", () => {
    const recording = recordingOf(`
      0.0 start job #1
      0.0 start download #2 of #1
      0.1 #2 wait sleep 60000 ms @job.ts:5
      0.1 #1 wait #2 @job.ts:14
      1.5 note SIGTERM
      2.0 #2 note still here`);
    assertDrawing(
      recording,
      `
 time     job #1             download #2          world
  0.0 ms  █── call ─────────>█                      │
  0.1     ⋮                  │── sleep 60000 ms ───>│  job.ts:5
  1.5     ⋮ (waits #2)       ⋮                         SIGTERM
  2.0     ⋮                  ⋮ still here
  2.0     ⋮                  ⋮                         not over
 job #1: busy 0.1 ms of 2.0, 95 % waiting on sleep
 not over when the recording ends: job #1, download #2`,
    );
  });

  it("shows an end that nobody waits for as that, and not as a return", () => {
    const recording = recordingOf(`
      0.0 start post #1
      0.0 start rename #2 of #1
      0.0 #2 wait sleep 2 ms
      0.0 #1 wait sleep 5 ms
      2.0 #2 wake
      2.0 #2 step
      2.0 #2 end result
      5.0 #1 wake
      5.0 #1 step
      5.0 #1 end result`);
    assertDrawing(
      recording,
      `
 time     post #1            rename #2        world
  0.0 ms  █── call ─────────>█                  │
  0.0     █                  │── sleep 2 ms ───>│
  0.0     │── sleep 5 ms ────┼─────────────────>│
  2.0     ⋮                  █<─────────────────│
  2.0     ⋮                  └─> done           │
  5.0     █<────────────────────────────────────│
  5.0     └─> done             5.0 ms, 100 % waiting on sleep`,
    );
  });

  it("shows a cancel of a list of what only the world brings about as a cancel", () => {
    for (const list of ["race of sleep 20 ms, (sleep 30 ms, at most 5 ms)", "all of a promise and 2 more"]) {
      const recording = recordingOf(`
        0.0 start main #1
        0.0 start work #2 of #1
        0.0 #2 wait ${list}
        0.0 #1 wait sleep 2 ms
        2.0 #1 wake
        2.0 #1 step
        2.0 #2 wake by #1
        2.0 #1 wait #2
        2.0 #2 step
        2.0 #2 wait sleep 1 ms
        3.0 #2 wake
        3.0 #2 end cancel
        3.0 #1 wake by #2
        3.0 #1 end result`);
      assert.match(draw(recording), /── cancel ─+>/);
    }
  });

  it("shows for how long nothing happened before the recording ended", () => {
    const recording = recordingOf(
      `
      0.0 start job #1
      0.0 start writer #2 of #1
      0.0 #2 wait lock 1
      0.0 #1 wait #2`,
      { endUs: 20e6 },
    );
    assertDrawing(
      recording,
      `
 time       job #1             writer #2
  0.000 s   │── call ─────────>│
      ~     ⋮ (waits #2)       ⋮ (waits lock 1)  nothing for 20.0 s
 20.000     ⋮                  ⋮                 not over
 job #1: 20.000 s, 100 % waiting on lock
 not over when the recording ends: job #1, writer #2`,
    );
  });

  it("says that a recording is cut off, and how many events were lost", () => {
    const recording = recordingOf(
      `
      0.0 start job #1
      1.2 #1 wait sleep 60000 ms @job.ts:5`,
      { cutOff: true, dropped: 12 },
    );
    assertDrawing(
      recording,
      `
 time     job #1               world
  0.0 ms  █                      │
  1.2     │── sleep 60000 ms ───>│  job.ts:5
  1.2     ⋮                         not over
 job #1: busy 1.2 ms of 1.2
 not over when the recording ends: job #1
 the recording is cut off: its file ends early
 12 events were lost, as the recorder was full: what is drawn may have holes`,
    );
  });

  it("says that nothing happens behind a note after which its coroutine waits", () => {
    assertDrawing(
      recordingOf(`
      0.0 start job #1
      0.0 start child #2 of #1
      1.0 #2 wait a promise @job.ts:3
      1.0 #1 note not in the cache
      1.0 #1 wait #2 @job.ts:9
      5000.0 #2 wake
      5000.0 #2 step
      5000.0 #2 end result
      5000.0 #1 wake by #2
      5000.0 #1 step
      5006.0 #1 end result`),
      `
 time       job #1                child #2         world
    0.0 ms  █── call ────────────>█                  │
    1.0     █                     │── a promise ────>│  job.ts:3
    1.0     ⋮ not in the cache    ⋮                  │
      ~     ⋮ (waits #2)          ⋮                  │  nothing for 5.0 s
 5000.0     ⋮                     █<─────────────────│
 5000.0     █<────────────────────┘                     job.ts:9
 5006.0     └─> done                busy 7.0 ms of 5006.0, 99 % waiting on a promise`,
    );
  });

  it("says that nothing was recorded", () => {
    const recording = recordingOf("");
    assertDrawing(
      recording,
      `
 no coroutine was recorded`,
    );
  });

  it("draws once what a loop does again and again, with stars for numbers that differ", () => {
    assertDrawing(
      recordingOf(loopOf(37)),
      `
 time      worker #1          fetch x37              world
   0.0 ms  █── call ─────────>█                        │             ┐ x37 until 368.0
   1.0     ⋮                  │── http GET /page/* ───>│  loop.ts:4  │
   8.0     ⋮ (waits #*)       █<───────────────────────│             │
   8.0     █<─────────────────┘                           loop.ts:9  ┘
 370.0     └─> done             busy 111.0 ms of 370.0, 70 % waiting on http`,
    );
  });

  it("merges a row that repeats alone", () => {
    const naps = [0, 1, 2, 3].map(
      (at) => `${at} #1 wait sleep 1 ms\n${at + 0.9} #1 wake\n${at + 0.9} #1 step`,
    );
    const notes = [4.1, 4.2, 4.3].map((at) => `${at} #1 note retried`);
    assertDrawing(
      recordingOf(`0 start worker #1\n${[...naps, ...notes].join("\n")}\n5 #1 end result`),
      `
 time     worker #1        world
  0.0 ms  │── sleep 1 ms ───>│  ┐ x4 until 3.9
  0.9     █<─────────────────│  ┘
  4.1     █ retried             x3 until 4.3
  5.0     └─> done             busy 1.4 ms of 5.0, 72 % waiting on sleep`,
    );
  });

  it("keeps at the fold what those say to the world, and the world to them, that have no lane", () => {
    const asks = (id: number): string => `
      ${id} start ask${id} #${id} of #1
      ${id} #${id} note > GET /${id}
      ${id} #${id} wait a promise
      ${id} #1 wait #${id}
      ${id}.5 #${id} wake
      ${id}.5 #${id} step
      ${id}.5 #${id} note < 200
      ${id}.5 #${id} note > PUT /${id}
      ${id}.5 #${id} wait a promise
      ${id}.7 #${id} wake
      ${id}.7 #${id} step
      ${id}.7 #${id} end result
      ${id}.7 #1 wake by #${id}
      ${id}.7 #1 step`;
    const recording = recordingOf(`0 start main #1${[2, 3, 4, 5].map(asks).join("")}\n9 #1 end result`);
    assertDrawing(
      recording,
      `
 time     main #1          ask2 #2        ask3 #3      world
  0.0 ms  █                                              │
  2.0     █── call ───────>█                             │
  2.0     ⋮                │── GET /2 ──────────────────>│
  2.5     ⋮ (waits #2)     █<── 200 ─────────────────────│
  2.5     ⋮                │── PUT /2 ──────────────────>│
  2.7     ⋮                █<────────────────────────────│
  2.7     █<───────────────┘                             │
  3.0     █── call ──────────────────────>█              │
  3.0     ⋮                               │── GET /3 ───>│
  3.5     ⋮ (waits #3)                    █<── 200 ──────│
  3.5     ⋮                               │── PUT /3 ───>│
  3.7     ⋮                               █<─────────────│
  3.7     █<──────────────────────────────┘              │
  4.0     │── ask4 #4: GET /4 ──────────────────────────>│
  4.5     │<── ask4 #4: 200 ─────────────────────────────│
  4.5     │── ask4 #4: PUT /4 ──────────────────────────>│
  4.7     █<── ask4 #4 ──────────────────────────────────│
  5.0     │── ask5 #5: GET /5 ──────────────────────────>│
  5.5     │<── ask5 #5: 200 ─────────────────────────────│
  5.5     │── ask5 #5: PUT /5 ──────────────────────────>│
  5.7     █<── ask5 #5 ──────────────────────────────────│
  9.0     └─> done   busy 6.2 ms of 9.0, 22 % waiting on GET
 folded into the lane that started them: ask4, ask5`,
      { columns: 60 },
    );
  });

  it("folds leaves into the lane that started them when there are more than 8 lanes", () => {
    assertDrawing(
      recordingOf(gatherOf(20)),
      `
 time      gather #1        world
   0.5 ms  █── fetch ────────>│  x20 until 0.5
  20.0     │<── fetch ────────│  x19 until 200.0
 210.0     █<── fetch #21 ────│  gather.ts:3
 212.0     └─> done             busy 3.0 ms of 212.0, 99 % waiting on a promise
 folded into the lane that started them: fetch x20`,
    );
  });

  it("keeps within 8 lanes when calls are nested deeper than that", () => {
    const ids = Array.from({ length: 12 }, (_, index) => index + 1);
    const down = ids.map((id) => `${id / 10} start level #${id}${id === 1 ? "" : ` of #${id - 1}`}`);
    const waits = ids.slice(1).map((id) => `1.2 #${id - 1} wait #${id}`);
    const up = ids.toReversed().map((id) => {
      const back =
        id === 1 ? "" : `${10 - id / 10} #${id - 1} wake by #${id}\n${10 - id / 10} #${id - 1} step`;
      return `${10 - id / 10} #${id} end result\n${back}`;
    });
    assertDrawing(
      recordingOf([...down, ...waits.toReversed(), ...up].join("\n")),
      `
 time     level #1       level #2       level #3       level #4       level #5       level #6       level #7       world
  0.0 ms  █                                                                                                          │
  0.1     █── call ─────>█                                                                                           │
  0.2     █              █── call ─────>█                                                                            │
  0.3     █              █              █── call ─────>█                                                             │
  0.4     █              █              █              █── call ─────>█                                              │
  0.5     █              █              █              █              █── call ─────>█                               │
  0.6     █              █              █              █              █              █── call ─────>█                │
  0.7     ⋮              ⋮              ⋮              ⋮              ⋮              ⋮              │── level #8 ───>│
  9.1     ⋮ (waits #2)   ⋮ (waits #3)   ⋮ (waits #4)   ⋮ (waits #5)   ⋮ (waits #6)   ⋮ (waits #7)   █<── level #8 ───│
  9.2     ⋮              ⋮              ⋮              ⋮              ⋮              █<─────────────┘
  9.3     ⋮              ⋮              ⋮              ⋮              █<─────────────┘
  9.4     ⋮              ⋮              ⋮              █<─────────────┘
  9.5     ⋮              ⋮              █<─────────────┘
  9.6     ⋮              █<─────────────┘
  9.7     █<─────────────┘
  9.8     └─> done         busy 9.8 ms of 9.8
 folded into the lane that started them: level x5`,
    );
  });

  it("uses nothing but ASCII when asked, also for names", () => {
    const recording = recordingOf(`
      0.0 start grüße #1
      0.0 start 猫 #2 of #1
      0.1 #2 wait a promise @cats.ts:5
      0.1 #1 wait #2
      2.0 #2 wake
      2.0 #2 step
      2.1 #2 end result
      2.1 #1 wake by #2
      2.1 #1 step
      2.2 #1 end result`);
    assertDrawing(
      recording,
      `
 time     gr\\xfc\\xdfe #1     \\u732b #2        world
  0.0 ms  #-- call --------->#                  |
  0.1     :                  |-- a promise ---->|  cats.ts:5
  2.0     : (waits #2)       #<-----------------|
  2.1     #<-----------------+
  2.2     +-> done             busy 0.3 ms of 2.2, 86 % waiting on a promise`,
      { format: "ascii" },
    );
  });

  it("keeps lanes aligned beside wide characters", () => {
    const recording = recordingOf(`
      0.0 start 注文 #1
      0.0 start 猫🐈 #2 of #1
      0.1 #2 note > 東京へ送る
      0.1 #2 wait a promise
      0.1 #1 wait #2
      2.0 #2 wake
      2.0 #2 step
      2.1 #2 note = 完了👍🏽
      2.1 #2 end result
      2.1 #1 wake by #2
      2.2 #1 end result`);
    assertDrawing(
      recording,
      `
 time     注文 #1            猫🐈 #2          world
  0.0 ms  █── call ─────────>█                  │
  0.1     ⋮                  │── 東京へ送る ───>│
  2.0     ⋮ (waits #2)       █<─────────────────│
  2.1     │<── 完了👍🏽 ───────┘
  2.2     └─> done             busy 0.2 ms of 2.2, 86 % waiting on 東京へ送る`,
    );
  });

  it("shows what cannot be seen escaped, and cuts what is long", () => {
    const recording = recordingOf("0 start a #1\n1 #1 note b\n2 #1 end result");
    const nasty = {
      ...recording,
      works: [
        { id: 1, name: `\u001b[31mred\n\u202eltr${"x".repeat(10_000)}`, ownerId: undefined, labels: [] },
      ],
      events: recording.events.map((event) =>
        event.kind === "note" ? { ...event, text: "tab\there\ud800" } : event,
      ),
    };
    assertDrawing(
      nasty,
      `
 time     \\x1b[31mred\\n\\u202eltrxxxxxxxxxxxxxxxxxxxxxxxxxxx…
  0.0 ms  █
  1.0     █ tab\\there\\ud800
  2.0     └─> done   busy 2.0 ms of 2.0`,
      { columns: 60 },
    );
  });

  it("makes the lanes narrower to keep within the columns", () => {
    const recording = recordingOf(`
      0.0 start handle #1
      0.0 start fetchUser #2 of #1
      0.2 #2 note > http GET /users/7?fields=name,address,birthday
      0.2 #2 wait a promise @app.ts:13
      0.2 #1 wait #2 @app.ts:19
      5.0 #2 wake
      5.0 #2 step
      5.2 #2 end result
      5.3 #1 wake by #2
      5.3 #1 step
      5.4 #1 end result`);
    assertDrawing(
      recording,
      `
 time     handle #1          fetchUser #2     world
  0.0 ms  █── call ─────────>█                  │
  0.2     ⋮                  │── http GET /u… ─>│  app.ts:13
  5.0     ⋮ (waits #2)       █<─────────────────│
  5.2     █<─────────────────┘                     app.ts:19
  5.4     └─> done
 handle #1: busy 0.5 ms of 5.4, 89 % waiting on http`,
      { columns: 60 },
    );
  });
});
