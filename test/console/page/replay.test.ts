import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { snapshotAt } from "../../../src/console/page/replay.ts";
import type { Recording } from "../../../src/trace/index.ts";
import { makeRecording } from "./sources.ts";

/** Who is there at a time, in what state, and what it waits for. */
function at(recording: Recording, atUs: number): string[] {
  return snapshotAt(recording, atUs, 100).rows.map(({ id, state, on }) =>
    `${id} ${state} ${on.join()}`.trim(),
  );
}

describe("snapshotAt()", () => {
  const recording = makeRecording();

  for (const [atUs, rows] of [
    [0, ["1 running"]],
    [1499, ["1 running", "2 running"]],
    [1500, ["1 running", "2 waiting a promise"]],
    [2000, ["1 waiting 2", "2 waiting a promise"]],
    [41_000, ["1 waiting 2", "2 ready"]],
    [41_400, ["1 ready"]],
    [43_000, ["1 waiting 3", "3 waiting sleep 50 ms"]],
    [100_000, []],
  ] as const) {
    it(`knows what runs and waits at ${atUs} us`, () => {
      assert.deepEqual(at(recording, atUs), rows);
    });
  }

  it("tells the line of a wait, the age, and the time of the clock", () => {
    const { rows, at: time, uptimeMs } = snapshotAt(recording, 41_000, 100);
    assert.deepEqual(
      [rows[0]?.at, rows[0]?.file, rows[0]?.line],
      ["/srv/shop/app.ts:13:5", "/srv/shop/app.ts", 13],
    );
    assert.deepEqual([rows[0]?.ageMs, rows[1]?.ageMs], [41, 40]);
    assert.deepEqual([time, uptimeMs], ["2026-01-02T03:04:05.041Z", 41]);
  });

  it("counts all, and gives no more rows than are wanted", () => {
    const { rows, total, loop } = snapshotAt(recording, 41_000, 1);
    assert.deepEqual([rows.length, total, loop.ready], [1, 2, 1]);
  });

  it("takes one whose start was lost for there from the beginning", () => {
    const lost = makeRecording({
      events: recording.events.filter(({ kind, id }) => kind !== "start" || id !== 1),
    });
    assert.deepEqual(at(lost, 0), ["1 waiting"]);
    assert.equal(snapshotAt(lost, 2000, 100).rows[0]?.ageMs, undefined);
  });

  it("leaves out events of coroutines that it knows nothing of", () => {
    const events = [{ kind: "step", atUs: 0, id: 77 } as const, ...recording.events];
    assert.deepEqual(at(makeRecording({ events }), 0), ["1 running"]);
  });

  it("finds a circle of waits", () => {
    const events = [...recording.events.slice(0, 5), { kind: "wait", atUs: 3000, id: 2, on: 1 } as const];
    const circle = makeRecording({ events });
    assert.deepEqual(snapshotAt(circle, 2500, 100).deadlocks, []);
    assert.deepEqual(snapshotAt(circle, 3000, 100).deadlocks, [
      "handle #1 waits for fetchUser #2; fetchUser #2 waits for handle #1",
    ]);
  });
});
