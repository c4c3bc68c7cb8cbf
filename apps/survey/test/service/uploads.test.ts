import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sleep } from "gyre";
import { runWorld, stormAnswers, submitRequest } from "../handlers/world.ts";

const dayMs = 24 * 3600 * 1000;

describe("Uploads.sweep()", () => {
  it("removes what is older than asked for, file and record", () => {
    runWorld({ latencyMs: 1 }, function* ({ upload, service, stores }) {
      yield* upload("Q4", "old.png");
      yield* upload("Q5", "old.mp4");
      yield* sleep(dayMs);
      const young = yield* upload("Q4", "young.png");
      assert.equal(yield* service.uploads.sweep(dayMs - 1000), 2);
      const left = yield* stores.objects.list("");
      assert.deepEqual(
        left.map(({ key }) => `${key}|young.png`),
        [young],
      );
      assert.equal((yield* stores.keyValue.entries("upload")).length, 1);
    });
  });

  it("leaves the file of a submission whose rename has failed", () => {
    const stalled = {
      fault: (operation: string) => (operation === "objects.rename" ? ("stall" as const) : undefined),
    };
    runWorld({ latencyMs: 1, ...stalled }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      yield* world.request(submitRequest(stormAnswers({ Q4 })));
      yield* sleep(2 * dayMs);
      assert.equal(yield* world.service.uploads.sweep(dayMs), 0);
      assert.equal((yield* world.stores.objects.list("")).length, 1);
    });
  });

  it("removes the record of a file that was never finished, as a crash leaves it", () => {
    runWorld({}, function* ({ service, stores }) {
      const record = { surveyId: "storm-damage-2025", cid: "Q4", filename: "a.png", startedAtMs: 0 };
      yield* stores.keyValue.set("upload:uploads/storm-damage-2025/Q4/00", JSON.stringify(record));
      assert.equal(yield* service.uploads.sweep(dayMs), 1);
      assert.deepEqual(yield* stores.keyValue.entries("upload"), []);
    });
  });

  it("goes on where a sweep was cut off between its claim and the removal", () => {
    runWorld({}, function* ({ upload, service, stores }) {
      const [key] = (yield* upload("Q4", "old.png")).split("|");
      yield* sleep(2 * dayMs);
      yield* stores.keyValue.set(`upload_claim:${key}`, "sweep");
      assert.equal(yield* service.uploads.sweep(dayMs), 1);
      assert.deepEqual(yield* stores.keyValue.entries("upload"), []);
    });
  });

  it("sees all of more uploads than one page of the store has", () => {
    runWorld({}, function* ({ upload, service, stores }) {
      for (let at = 0; at < 1003; at++) yield* upload("Q4", "old.png");
      yield* sleep(2 * dayMs);
      assert.equal(yield* service.uploads.sweep(dayMs), 1003);
      assert.deepEqual(yield* stores.objects.list(""), []);
    });
  });
});

describe("a submitted upload", () => {
  it("leaves no record behind", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4 })))).status, 201);
      assert.deepEqual(yield* world.stores.keyValue.entries("upload"), []);
    });
  });
});
