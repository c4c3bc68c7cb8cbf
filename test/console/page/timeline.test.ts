import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { historyOf, requestsOf, timelineOf } from "../../../src/console/page/timeline.ts";
import { makeRecording } from "./sources.ts";

const recording = makeRecording();

describe("timelineOf()", () => {
  it("gives each coroutine a lane with the times it ran", () => {
    const { lanes, total, durationUs } = timelineOf(recording, 0, 100_000, 10);
    assert.deepEqual(
      lanes.map(({ id, depth, startUs, endUs, how, runs }) => [id, depth, startUs, endUs, how, runs]),
      [
        [
          1,
          0,
          0,
          100_000,
          "result",
          [
            [0, 2000],
            [41_500, 43_000],
            [93_500, 100_000],
          ],
        ],
        [
          2,
          1,
          1000,
          41_400,
          "result",
          [
            [1000, 1500],
            [41_100, 41_400],
          ],
        ],
        [
          3,
          1,
          42_000,
          93_000,
          "error",
          [
            [42_000, 42_500],
            [92_100, 93_000],
          ],
        ],
      ],
    );
    assert.deepEqual([total, durationUs], [3, 100_000]);
  });

  it("leaves out who was not there in the range, and counts who only waited", () => {
    const { lanes, total, quiet } = timelineOf(recording, 50_000, 60_000, 10);
    assert.deepEqual([lanes.map(({ id }) => id), total, quiet], [[1, 3], 2, 0]);
    const goesOn = makeRecording({
      works: recording.works.slice(0, 2),
      events: recording.events.slice(0, 5),
    });
    const later = timelineOf(goesOn, 50_000, 60_000, 10);
    assert.deepEqual([later.lanes, later.quiet], [[], 2]);
  });

  it("makes one of runs that are too close to be told apart", () => {
    const events = Array.from({ length: 1000 }, (_, at) => [
      { kind: "step", atUs: 10 * at, id: 1 } as const,
      { kind: "wait", atUs: 10 * at + 1, id: 1, on: "a promise" } as const,
    ]).flat();
    const far = [...events, { kind: "end", atUs: 10_000_000, id: 1, how: "result" } as const];
    const { lanes } = timelineOf(makeRecording({ events: far }), 0, 10_000_000, 10);
    assert.deepEqual(lanes[0]?.runs, [[0, 9991]]);
  });

  it("counts the events of each part of the recording", () => {
    const { density } = timelineOf(recording, 0, 1, 0);
    assert.equal(density.length, 120);
    assert.equal(
      density.reduce((sum, one) => sum + one),
      recording.events.length,
    );
  });
});

describe("requestsOf()", () => {
  it("gives those that nobody owns, with how many are below them", () => {
    assert.deepEqual(requestsOf(recording), [
      { id: 1, name: "handle", labels: ["req-7"], startUs: 0, endUs: 100_000, how: "result", below: 2 },
    ]);
  });

  it("gives those with a label too, and those whose owner is not recorded", () => {
    const works = [
      { id: 1, name: "serve", ownerId: undefined, labels: [] },
      { id: 2, name: "handle", ownerId: 1, labels: ["req-1"] },
      { id: 3, name: "save", ownerId: 2, labels: [] },
      { id: 9, name: "late", ownerId: 5, labels: [] },
    ];
    const found = requestsOf(makeRecording({ works }));
    assert.deepEqual(
      found.map(({ id, below }) => [id, below]),
      [
        [1, 2],
        [2, 1],
        [9, 0],
      ],
    );
  });
});

describe("timelineOf() of a recording that ends in the midst of a step", () => {
  it("has it run up to the end", () => {
    const { events } = recording;
    const cut = makeRecording({ events: events.slice(0, 1), endUs: 60_000 });
    const { lanes, durationUs } = timelineOf(cut, 0, 60_000, 10);
    assert.deepEqual(lanes[0]?.runs, [[0, 60_000]]);
    assert.equal(durationUs, 60_000);
    assert.equal(historyOf(cut, 1, 20_000).busyUs, 20_000);
  });
});

describe("historyOf()", () => {
  it("tells what became of one coroutine, with the names of the others", () => {
    const { events, steps, busyUs, startedUs, ended } = historyOf(recording, 1, 1e9);
    assert.deepEqual([steps, busyUs, startedUs, ended], [3, 10_000, 0, { atUs: 100_000, how: "result" }]);
    assert.deepEqual(
      events.map(({ event, other }) => `${event.kind} ${other ?? ""}`.trim()),
      [
        "start",
        "wait fetchUser",
        "wake fetchUser",
        "step",
        "wait saveOrder",
        "wake saveOrder",
        "step",
        "end",
      ],
    );
  });

  it("knows nothing of what comes after the time it is asked for", () => {
    const { events, ended } = historyOf(recording, 1, 41_400);
    assert.deepEqual([events.length, ended], [3, undefined]);
  });

  it("has the newest of many events", () => {
    const many = Array.from({ length: 500 }, (_, at) => ({ kind: "step", atUs: at, id: 1 }) as const);
    const { events } = historyOf(makeRecording({ events: many }), 1, 1e9);
    assert.deepEqual([events.length, events.at(-1)?.event.atUs], [200, 499]);
  });

  it("is empty for one that is not recorded", () => {
    assert.deepEqual(historyOf(recording, 99, 1e9).events, []);
  });
});
