import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all } from "gyre";
import type { MemoryRequest, MemoryResponse } from "gyre/web";
import { keys } from "../../src/service/store-keys.ts";
import { StoreError } from "../../src/stores/index.ts";
import { queueEntries, runWorld, stormAnswers, submitRequest, submitThree } from "./world.ts";

function decideRequest(task: string, decision: string, accept = "application/json"): MemoryRequest {
  return { method: "POST", path: "/review", headers: { Accept: accept }, body: { task, decision } };
}

function errorOf(response: MemoryResponse): { code: string; message: string } {
  return (response.json() as { error: { code: string; message: string } }).error;
}

interface Review {
  readonly pendingCount: number;
  readonly pending: readonly { task: string; verdict?: unknown }[];
  readonly decided: readonly { task: string; decision: string; decidedAtMs: number }[];
}

describe("GET /review", () => {
  it("shows each photo and video that waits, with what was found in it", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const { respondent } = yield* submitThree(world);
      const [photo] = respondent.files;
      const verdict = { kind: "mismatch", found: "application/zip" };
      yield* world.stores.keyValue.set(keys.fileCheck(photo?.key ?? ""), JSON.stringify(verdict));
      const page = (yield* world.request({ path: "/review" })).text();
      assert.match(page, /2 files wait for your decision/);
      assert.match(page, /not as named: it is application\/zip/);
      assert.match(page, /not checked yet/);
      assert.doesNotMatch(page, /letter/);
    });
  });

  it("shows twenty at most, and how many there are", () => {
    runWorld({}, function* (world) {
      for (let at = 0; at < 5; at++) {
        const Q4: string[] = [];
        for (let file = 0; file < 5; file++) Q4.push(yield* world.upload("Q4", `p${file}.png`));
        yield* world.request(submitRequest(stormAnswers({ Q4 })));
      }
      const review = (yield* world.getJson("/review")) as Review;
      assert.equal(review.pendingCount, 25);
      assert.equal(review.pending.length, 20);
    });
  });

  it("shows an entry whose file, respondent and survey are gone", () => {
    runWorld({}, function* (world) {
      const entry = "gone||65f1c0de0000000000000999||000000000000000000000009||9-Q1-a-100000.png|a.png";
      yield* world.stores.queue.push("upload_file_check_task_queue", entry);
      assert.match((yield* world.request({ path: "/review" })).text(), /A survey that is gone/);
    });
  });
});

describe("POST /review", () => {
  it("stores the decision with its time and takes the entry out of the queue", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      yield* submitThree(world);
      const [, second = ""] = yield* queueEntries(world);
      const nowMs = world.service.tools.now();
      const response = yield* world.request(decideRequest(second, "rejected"));
      assert.equal(response.status, 200);
      assert.equal((yield* queueEntries(world)).includes(second), false);
      const { decided } = (yield* world.getJson("/review")) as Review;
      assert.equal(decided.length, 1);
      assert.equal(decided[0]?.task, second);
      assert.equal(decided[0]?.decision, "rejected");
      const atMs = decided[0]?.decidedAtMs ?? 0;
      assert.ok(atMs >= nowMs && atMs <= world.service.tools.now());
    });
  });

  it("leads a browser back to the page", () => {
    runWorld({}, function* (world) {
      yield* submitThree(world);
      const [first = ""] = yield* queueEntries(world);
      const response = yield* world.request(decideRequest(first, "approved", "text/html"));
      assert.equal(response.status, 303);
      assert.equal(response.headers.get("Location"), "/review");
    });
  });

  it("takes JSON", () => {
    runWorld({}, function* (world) {
      yield* submitThree(world);
      const [task = ""] = yield* queueEntries(world);
      const request = { method: "POST", path: "/review", json: { task, decision: "approved" } };
      assert.equal((yield* world.request(request)).status, 200);
    });
  });

  it("shows the decision with the results", () => {
    runWorld({}, function* (world) {
      yield* submitThree(world);
      const [first = ""] = yield* queueEntries(world);
      yield* world.request(decideRequest(first, "approved"));
      const page = (yield* world.request({ path: "/s/storm25/results" })).text();
      assert.match(page, /badge good">approved/);
      assert.match(page, /badge">in review/);
    });
  });

  it("lists the latest decisions first", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      yield* submitThree(world);
      const entries = yield* queueEntries(world);
      for (const entry of entries) yield* world.request(decideRequest(entry, "approved"));
      const { decided } = (yield* world.getJson("/review")) as Review;
      assert.deepEqual(
        decided.map(({ task }) => task),
        [...entries].reverse(),
      );
    });
  });

  it("takes the same decision twice, and refuses another one", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      yield* submitThree(world);
      const [first = ""] = yield* queueEntries(world);
      for (const status of [200, 200]) {
        assert.equal((yield* world.request(decideRequest(first, "approved"))).status, status);
      }
      const response = yield* world.request(decideRequest(first, "rejected"));
      assert.equal(response.status, 409);
      assert.match(errorOf(response).message, /somebody else has approved it already/);
    });
  });

  it("lets one of two people win who decide differently at the same time, and both of two who decide on two files", () => {
    for (const latencyMs of [0, 1, 7, 60]) {
      runWorld({ latencyMs }, function* (world) {
        yield* submitThree(world);
        const [first = "", second = ""] = yield* queueEntries(world);
        const responses = yield* all([
          world.app.request(decideRequest(first, "approved")),
          world.app.request(decideRequest(first, "rejected")),
          world.app.request(decideRequest(second, "rejected")),
        ]);
        const statuses = responses.map(({ status }) => status);
        assert.deepEqual(statuses.slice(0, 2).sort(), [200, 409]);
        assert.equal(statuses[2], 200);
        assert.deepEqual(yield* queueEntries(world), []);
      });
    }
  });

  it("leaves the entries in front of the wanted one where they were", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      yield* submitThree(world);
      yield* submitThree(world);
      const entries = yield* queueEntries(world);
      yield* world.request(decideRequest(entries[2] ?? "", "approved"));
      assert.deepEqual(yield* queueEntries(world), [entries[0], entries[1], entries[3]]);
    });
  });

  it("does the same for an entry deep in the queue as for the first one", () => {
    const asked: string[] = [];
    const latencyMs = (operation: string): number => {
      asked.push(operation);
      return 0;
    };
    runWorld({ latencyMs }, function* (world) {
      for (let at = 0; at < 30; at++) yield* submitThree(world);
      const entries = yield* queueEntries(world);
      const operations: string[][] = [];
      for (const task of [entries[0], entries.at(-1)]) {
        asked.length = 0;
        assert.equal((yield* world.request(decideRequest(task ?? "", "approved"))).status, 200);
        operations.push([...asked]);
      }
      assert.deepEqual(operations[1], operations[0]);
      assert.deepEqual(yield* queueEntries(world), entries.slice(1, -1));
    });
  });

  it("takes away an entry whose decision was stored by a process that died then", () => {
    runWorld({}, function* (world) {
      yield* submitThree(world);
      const [first = "", second] = yield* queueEntries(world);
      const died = new StoreError("STORE_FAILED", "Cannot remove a task: the process dies");
      world.stores.io.failNext("queue.remove", died);
      assert.equal((yield* world.request(decideRequest(first, "approved"))).status, 503);
      assert.equal((yield* world.request(decideRequest(first, "approved"))).status, 200);
      assert.deepEqual(yield* queueEntries(world), [second]);
    });
  });

  const bad: [name: string, body: Record<string, string>, status: number][] = [
    ["no task", { decision: "approved" }, 400],
    ["no decision", { task: "x" }, 400],
    ["another decision", { task: "x", decision: "perhaps" }, 400],
    ["a task that is none", { task: "x||y", decision: "approved" }, 400],
    [
      "a task that is not in the queue",
      { task: "p||65f1c0de0000000000000104||65f1c0de0000000000000104||k.png|k.png", decision: "approved" },
      404,
    ],
  ];
  for (const [name, body, status] of bad) {
    it(`answers ${status} to ${name}`, () => {
      runWorld({}, function* (world) {
        const headers = { Accept: "application/json" };
        const response = yield* world.request({ method: "POST", path: "/review", headers, body });
        assert.equal(response.status, status, response.text());
      });
    });
  }
});
