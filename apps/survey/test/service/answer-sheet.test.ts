import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all } from "gyre";
import { AnswerSheet } from "../../src/service/answer-sheet.ts";
import { StoreError } from "../../src/stores/index.ts";
import { runWorld, type World, type WorldOptions } from "../handlers/world.ts";

const [first, second, third] = ["a", "b", "c"].map((letter) => letter.repeat(24));

function* openSheet({ service }: World) {
  const oid = "f".repeat(24);
  const given = { oid, surveyId: "s", startedAtMs: 1, answer: {}, token: undefined };
  const respondent = yield* service.respondents.create(given, 1);
  const stored = () => service.respondents.find(oid);
  return { sheet: new AnswerSheet(service.respondents, respondent), stored };
}

describe("AnswerSheet", () => {
  it("stores all of several answers that are written at the same time, though a later write is quicker", () => {
    for (const latencies of [
      [50, 1, 1],
      [1, 50, 9],
      [20, 10, 5],
      [0, 0, 0],
    ]) {
      let at = 0;
      const latencyMs: WorldOptions["latencyMs"] = (operation) => {
        return operation === "keyValue.set" ? (latencies[at++ % 3] as number) : 0;
      };
      runWorld({ latencyMs }, function* (world) {
        const { sheet, stored } = yield* openSheet(world);
        const writes = [first, second, third].map((oid) => sheet.setAnswer(oid as string, { A: "x" }));
        yield* all(writes);
        assert.deepEqual(Object.keys((yield* stored())?.answer ?? {}), [first, second, third]);
      });
    }
  });

  it("has stored an answer once its Future is settled", () => {
    runWorld({ latencyMs: 10 }, function* (world) {
      const { sheet, stored } = yield* openSheet(world);
      const slow = sheet.setAnswer(first as string, { A: "1" });
      yield* sheet.setAnswer(second as string, { A: "2" });
      assert.equal(slow.done(), true);
      assert.deepEqual((yield* stored())?.answer[second as string], { A: "2" });
    });
  });

  it("writes changes that wait together in one go", () => {
    let writes = 0;
    const latencyMs = (operation: string): number => {
      if (operation === "keyValue.set") writes++;
      return 10;
    };
    runWorld({ latencyMs }, function* (world) {
      const { sheet } = yield* openSheet(world);
      writes = 0;
      yield* all([first, second, third].map((oid) => sheet.setAnswer(oid as string, { A: "x" })));
      assert.equal(writes, 2);
    });
  });

  it("tells a failed write to who asked for it, and stores the change with the next", () => {
    runWorld({ latencyMs: 10 }, function* (world) {
      const { sheet, stored } = yield* openSheet(world);
      world.stores.io.failNext("keyValue.set", new StoreError("STORE_FAILED", "broken"));
      const failed = sheet.setAnswer(first as string, { A: "1" });
      yield* sheet.setAnswer(second as string, { A: "2" });
      assert.match(String(failed.error()), /broken/);
      assert.deepEqual(Object.keys((yield* stored())?.answer ?? {}), [first, second]);
    });
  });

  it("is handed in with what failed", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const { sheet, stored } = yield* openSheet(world);
      const failedFile = {
        key: "uploads/x",
        filename: "x.png",
        questionOid: first as string,
        reason: "It broke.",
      };
      yield* sheet.finish(99, [failedFile]);
      assert.equal((yield* stored())?.finishedAtMs, 99);
      assert.deepEqual((yield* stored())?.failedFiles, [failedFile]);
    });
  });
});
