import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatPerfetto, type PerfettoEvent, perfettoEvents, perfettoPieces } from "../../src/trace/index.ts";
import { checkPerfetto } from "./perfetto-checker.ts";
import { anyRecording, recordingOf } from "./recordings.ts";

const works = [
  { id: 1, name: "main" },
  { id: 2, name: "child", ownerId: 1, labels: ["r-7"] },
];

/** `main` starts `child` and waits for it; a timer wakes that, it ends, and wakes `main`. */
const call = recordingOf(works, [
  { kind: "start", atUs: 10, id: 1 },
  { kind: "start", atUs: 12.5, id: 2 },
  { kind: "wait", atUs: 20, id: 2, on: "sleep 1 ms", line: { file: "/app/a.ts", line: 3, column: 5 } },
  { kind: "wait", atUs: 25, id: 1, on: 2 },
  { kind: "wake", atUs: 1020, id: 2, by: undefined },
  { kind: "step", atUs: 1021, id: 2 },
  { kind: "note", atUs: 1022, id: 2, text: "done" },
  { kind: "wake", atUs: 1030, id: 1, by: 2 },
  { kind: "end", atUs: 1030, id: 2, how: "result" },
  { kind: "step", atUs: 1030, id: 1 },
  { kind: "end", atUs: 1040, id: 1, how: "error" },
]);

function slicesOf(events: readonly PerfettoEvent[]): unknown[] {
  return events.filter(({ ph }) => ph === "X").map(({ name, ts, dur }) => [name, ts, dur]);
}

function asyncOf(events: readonly PerfettoEvent[], id: number): unknown[] {
  return events.filter((event) => event.id === id).map(({ ph, name, ts }) => [ph, name, ts]);
}

describe("perfettoEvents()", () => {
  it("nests steps as they did on the stack, and steps without a pause in a turn", () => {
    assert.deepEqual(slicesOf(perfettoEvents(call)), [
      ["main #1", 10, 15],
      ["child #2 r-7", 12.5, 7.5],
      ["turn", 1021, 19],
      ["child #2 r-7", 1021, 9],
      ["wakes main #1", 1030, 0],
      ["main #1", 1030, 10],
    ]);
  });

  it("has what is not over go on up to the end of the recording", () => {
    const events = [
      { kind: "start", atUs: 0, id: 1 },
      { kind: "start", atUs: 1, id: 2 },
      { kind: "wait", atUs: 2, id: 2, on: "a promise" },
    ] as const;
    const told = perfettoEvents(recordingOf(works, events, { endUs: 20e6 }));
    assert.deepEqual(slicesOf(told)[0], ["main #1", 0, 20e6]);
    assert.deepEqual(asyncOf(told, 2).slice(-2), [
      ["e", "waits for a promise", 20e6],
      ["e", "child #2 r-7", 20e6],
    ]);
  });

  it("gives each coroutine a life, with its states inside", () => {
    assert.deepEqual(asyncOf(perfettoEvents(call), 2), [
      ["b", "child #2 r-7", 12.5],
      ["b", "runs", 12.5],
      ["e", "runs", 20],
      ["b", "waits for sleep 1 ms", 20],
      ["e", "waits for sleep 1 ms", 1020],
      ["b", "is ready", 1020],
      ["e", "is ready", 1021],
      ["b", "runs", 1021],
      ["n", "done", 1022],
      ["e", "runs", 1030],
      ["e", "child #2 r-7", 1030],
    ]);
  });

  it("leads an arrow from who woke to the step that followed", () => {
    const events = perfettoEvents(call);
    const out = events.find(({ flow_out }) => flow_out);
    const into = events.find(({ flow_in }) => flow_in);
    assert.equal(out?.name, "wakes main #1");
    assert.deepEqual([into?.name, into?.ts], ["main #1", 1030]);
    assert.equal(out?.bind_id, into?.bind_id);
  });

  it("says how each ended, and where it waited", () => {
    const events = perfettoEvents(call);
    assert.deepEqual(
      events.filter(({ ph, args }) => ph === "e" && args !== undefined).map(({ args }) => args),
      [{ end: "result" }, { end: "error" }],
    );
    const wait = events.find(({ ph, name }) => ph === "b" && name === "waits for sleep 1 ms");
    assert.deepEqual(wait?.args, { line: "/app/a.ts:3:5" });
  });

  it("closes at the last event what had not ended", () => {
    const events = perfettoEvents(recordingOf(works, call.events.slice(0, 6)));
    assert.deepEqual(asyncOf(events, 1).slice(-2), [
      ["e", "waits for child #2 r-7", 1021],
      ["e", "main #1", 1021],
    ]);
    assert.deepEqual(slicesOf(events).at(-1), ["child #2 r-7", 1021, 0]);
  });

  it("begins a life whose start was lost at what is known first", () => {
    const events = perfettoEvents(recordingOf(works, call.events.slice(4)));
    assert.deepEqual(asyncOf(events, 1).slice(0, 2), [
      ["b", "main #1", 1030],
      ["b", "is ready", 1030],
    ]);
  });
});

describe("perfettoPieces()", () => {
  it("gives the text in pieces of less than a million characters, each event in one of them", () => {
    const turns = Array.from({ length: 5000 }, (_, at) => [
      { kind: "wait", atUs: 3 * at, id: 1, on: "a promise" } as const,
      { kind: "wake", atUs: 3 * at + 1, id: 1, by: undefined } as const,
      { kind: "step", atUs: 3 * at + 2, id: 1 } as const,
    ]);
    const recording = recordingOf(works, turns.flat());
    const pieces = [...perfettoPieces(recording)];
    assert.ok(pieces.length > 2);
    for (const piece of pieces) {
      assert.ok(piece.length < 1e6);
      assert.match(piece.slice(-3), /\}$|\]\}\n$/);
    }
    assert.deepEqual(checkPerfetto(pieces.join("")), []);
    assert.equal(pieces.join(""), formatPerfetto(recording));
  });
});

describe("formatPerfetto()", () => {
  it("follows the rules of the format", () => {
    assert.deepEqual(checkPerfetto(formatPerfetto(call)), []);
  });

  it("follows the rules of the format for whatever was recorded", () => {
    const keeps = (lossy: boolean): void =>
      fc.assert(
        fc.property(anyRecording({ lossy }), (any) =>
          assert.deepEqual(checkPerfetto(formatPerfetto(any)), []),
        ),
        { numRuns: 500 },
      );
    keeps(false);
    keeps(true);
  });

  it("has two beginnings and ends of each coroutine, and a slice of each step", () => {
    fc.assert(
      fc.property(anyRecording(), (any) => {
        const events = perfettoEvents(any);
        const kinds = any.events.map(({ kind }) => kind);
        const steps = kinds.filter((kind) => kind === "start" || kind === "step").length;
        const slices = events.filter(({ ph, name }) => ph === "X" && !/^(turn$|wakes )/.test(name));
        const count = (ph: string): number => events.filter((event) => event.ph === ph).length;
        // Names are any text, so some slice of a coroutine may be called as a wake is.
        if (!any.works.some(({ name }) => /^(turn|wakes )/.test(name))) assert.equal(slices.length, steps);
        assert.equal(count("b"), count("e"));
        const works = events.filter(({ ph, args }) => ph === "e" && args?.end !== undefined);
        assert.equal(works.length, any.works.length);
      }),
    );
  });

  it("says what was lost", () => {
    const { otherData } = JSON.parse(formatPerfetto({ ...call, dropped: 5, cutOff: true }));
    assert.deepEqual([otherData.dropped, otherData.cutOff], [5, true]);
  });

  it("is a trace without slices for a recording without events", () => {
    assert.deepEqual(checkPerfetto(formatPerfetto(recordingOf([], []))), []);
  });
});

describe("checkPerfetto()", () => {
  const base = { pid: 1, tid: 1, name: "a", ts: 1 };
  const life = { ...base, cat: "c", id: 1 };
  const wrongs: readonly [string, object[]][] = [
    [
      "slices that overlap",
      [
        { ...base, ph: "X", dur: 5 },
        { ...base, ph: "X", ts: 3, dur: 5 },
      ],
    ],
    [
      "slices out of order",
      [
        { ...base, ph: "X", ts: 3, dur: 1 },
        { ...base, ph: "X", dur: 1 },
      ],
    ],
    ["a beginning without an end", [{ ...life, ph: "b" }]],
    ["an end without a beginning", [{ ...life, ph: "e" }]],
    [
      "an end of another name",
      [
        { ...life, ph: "b" },
        { ...life, ph: "e", name: "z" },
      ],
    ],
    [
      "an end of another category",
      [
        { ...life, ph: "b" },
        { ...life, ph: "e", cat: "z" },
      ],
    ],
    [
      "an id that is a word",
      [
        { ...life, ph: "b", id: "x" },
        { ...life, ph: "e", id: "x" },
      ],
    ],
    [
      "an end before the beginning",
      [
        { ...life, ph: "b", ts: 2 },
        { ...life, ph: "e" },
      ],
    ],
    ["an arrow to nowhere", [{ ...base, ph: "X", dur: 1, bind_id: 1, flow_out: true }]],
    ["an arrow from nowhere", [{ ...base, ph: "X", dur: 1, bind_id: 1, flow_in: true }]],
    ["a time that is none", [{ ...base, ph: "X", dur: 1, ts: "1" }]],
  ];
  for (const [what, traceEvents] of wrongs) {
    it(`finds ${what}`, () => {
      assert.notDeepEqual(checkPerfetto(JSON.stringify({ traceEvents })), []);
    });
  }
});
