import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { draw, lastPart, type TraceEvent } from "../../src/trace/index.ts";
import { anyRecording, program, recordingOf } from "./recordings.ts";

const events: readonly TraceEvent[] = [
  { kind: "start", atUs: 0, id: 1 },
  { kind: "start", atUs: 0, id: 2 },
  { kind: "end", atUs: 10, id: 2, how: "result" },
  { kind: "start", atUs: 20, id: 3 },
  { kind: "end", atUs: 30, id: 3, how: "error" },
  { kind: "wait", atUs: 30, id: 1, on: "a promise" },
  { kind: "start", atUs: 60, id: 4 },
  { kind: "wait", atUs: 1_000_060, id: 4, on: "lock A", held: { name: "lock A", by: 3 } },
  { kind: "wake", atUs: 2_000_060, id: 1, by: undefined },
];
const works = ["main", "short", "forgetful", "late"].map((name, at) => ({ id: at + 1, name }));
const whole = recordingOf(works, events, { dropped: 7, endUs: 3_000_000 });

describe("lastPart()", () => {
  it("has what happened since, at times that count from there", () => {
    const part = lastPart(whole, 2_000_000);
    assert.deepEqual(
      part.events.map(({ kind, atUs, id }) => [kind, atUs, id]),
      [
        ["wait", 60, 4],
        ["wake", 1_000_060, 1],
      ],
    );
    assert.deepEqual([part.endUs, part.dropped], [2_000_000, 0]);
    assert.equal(part.program.startedAt, "2026-01-02T03:04:06.678Z");
    assert.match(draw(part), /main #1/);
  });

  it("has who was alive at its beginning, and whom it mentions", () => {
    const idsOf = (lastUs: number): number[] => lastPart(whole, lastUs).works.map(({ id }) => id);
    assert.deepEqual(
      [idsOf(2_000_000), idsOf(500_000), idsOf(2_999_985)],
      [
        [1, 3, 4],
        [1, 4],
        [1, 3, 4],
      ],
    );
  });

  it("is all of a recording that is no longer, with what that has lost", () => {
    for (const lastUs of [3_000_000, 4_000_000]) assert.equal(lastPart(whole, lastUs), whole);
    assert.deepEqual(lastPart({ ...whole, events: [] }, 1_000_000).dropped, 7);
    assert.equal(whole.program, program);
  });

  it("mentions nobody who is not there, and can be drawn, whatever it is of", () => {
    fc.assert(
      fc.property(anyRecording(), fc.nat(20_000), (recording, lastUs) => {
        const part = lastPart(recording, lastUs);
        const ids = new Set(part.works.map(({ id }) => id));
        for (const event of part.events) {
          assert.ok(event.atUs >= 0 && event.atUs <= part.endUs);
          assert.ok(event.id === undefined || ids.has(event.id));
          if (event.kind === "wake" && event.by !== undefined) assert.ok(ids.has(event.by));
        }
        draw(part);
      }),
    );
  });
});
