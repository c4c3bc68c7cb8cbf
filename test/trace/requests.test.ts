import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestsOf } from "../../src/trace/index.ts";
import { recordingOf } from "./recordings.ts";

describe("requestsOf()", () => {
  it("has what nobody started, whose owner is not recorded, or what has a label", () => {
    const works = [
      { id: 4, name: "serve" },
      { id: 5, name: "handle", ownerId: 4, labels: ["req-7", "slow"] },
      { id: 6, name: "fetch", ownerId: 5 },
      { id: 7, name: "late", ownerId: 3 },
    ];
    const recording = recordingOf(works, [
      { kind: "start", atUs: 10, id: 5 },
      { kind: "start", atUs: 20, id: 6 },
      { kind: "end", atUs: 30, id: 6, how: "result" },
      { kind: "end", atUs: 40, id: 5, how: "error" },
      { kind: "start", atUs: 50, id: 7 },
    ]);
    assert.deepEqual(requestsOf(recording), [
      { id: 4, name: "serve", labels: [], startUs: undefined, endUs: undefined, how: undefined },
      { id: 5, name: "handle", labels: ["req-7", "slow"], startUs: 10, endUs: 40, how: "error" },
      { id: 7, name: "late", labels: [], startUs: 50, endUs: undefined, how: undefined },
    ]);
  });
});
