import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CancelledError,
  type Coroutine,
  type CoroutineGenerator,
  coroutine,
  Future,
  IOLoop,
  sleep,
} from "gyre";
import { isUploadQuestion, stormSurvey, type UploadQuestion } from "../../src/model/index.ts";
import { SurveyService } from "../../src/service/survey-service.ts";
import { makeTools } from "../../src/service/tools.ts";
import type { ByteSource, ComingFile, StoredUpload, Uploads } from "../../src/service/uploads.ts";
import { openStores, StoreError, type Stores } from "../../src/stores/index.ts";
import { runWorld, stormAnswers, submitRequest } from "../handlers/world.ts";
import { withFolder } from "../stores/harness.ts";

const dayMs = 24 * 3600 * 1000;

const photos = stormSurvey.questions.filter(isUploadQuestion)[0] as UploadQuestion;
const coming: ComingFile = { survey: stormSurvey, question: photos, filename: "roof.png" };

/** One piece and the end, at which `atEnd` is called. */
function sourceOf(atEnd: () => void): ByteSource {
  let isFirst = true;
  return {
    read() {
      const piece = new Future<Uint8Array | undefined>();
      piece.setResult(isFirst ? Buffer.from("a photo") : undefined);
      if (!isFirst) atEnd();
      isFirst = false;
      return piece;
    },
  };
}

/** Cancel an upload in the midst of its commit; nothing of it stays. */
function* cancelInCommit(
  uploads: Uploads,
  stores: Stores,
  later: (cancel: () => void) => void,
): CoroutineGenerator<void> {
  const committed: boolean[] = [];
  const create = stores.objects.create.bind(stores.objects);
  stores.objects.create = coroutine(function* createWatched(key, options) {
    const writer = yield* create(key, options);
    const commit = writer.commit.bind(writer);
    writer.commit = () => {
      const committing = commit();
      committing.addDoneCallback((done) => committed.push(done.error() === undefined));
      return committing;
    };
    return writer;
  });
  const upload: Coroutine<StoredUpload> = uploads.receive(
    coming,
    sourceOf(() => later(() => upload.cancel())),
  );
  let failure: unknown;
  try {
    yield* upload;
  } catch (error) {
    failure = error;
  }
  assert.ok(failure instanceof CancelledError);
  assert.deepEqual(committed, [true]);
  assert.deepEqual(yield* stores.objects.list(""), []);
  assert.deepEqual(yield* stores.keyValue.entries("upload"), []);
}

describe("Uploads.receive()", () => {
  it("leaves nothing when it is cancelled in the midst of the commit", () => {
    runWorld({ latencyMs: 10 }, function* ({ service, stores }) {
      yield* cancelInCommit(service.uploads, stores, (cancel) => IOLoop.current().callLater(5, cancel));
    });
  });

  it("leaves nothing in a folder when it is cancelled in the midst of the commit", () =>
    withFolder(async (folder) => {
      const stores = await openStores({ folder });
      const { log } = IOLoop.current();
      const service = new SurveyService({ tools: makeTools(stores, { ...log, info: () => undefined }) });
      const inNextTurn = (cancel: () => void): void => IOLoop.current().addCallback(cancel);
      await coroutine(cancelInCommit)(service.uploads, stores, inNextTurn);
      await stores.close();
    }));
});

describe("Uploads.claim()", () => {
  const claimOf = (answer: string, oid: string) => {
    const [key = "", filename = ""] = answer.split("|");
    return { survey: stormSurvey, question: photos, file: { key, filename }, oid };
  };

  it("gives an upload to one respondent, as often as that one asks", () => {
    runWorld({ latencyMs: 1 }, function* ({ upload, service: { uploads } }) {
      const answer = yield* upload("Q4", "roof.png");
      for (let at = 0; at < 2; at++) assert.equal(yield* uploads.claim(claimOf(answer, "one")), undefined);
      assert.match((yield* uploads.claim(claimOf(answer, "other"))) ?? "", /it has been sent already/);
    });
  });

  it("counts from the last time that it was asked for", () => {
    runWorld({ latencyMs: 1 }, function* ({ upload, service: { uploads } }) {
      const answer = yield* upload("Q4", "roof.png");
      yield* uploads.claim(claimOf(answer, "one"));
      yield* sleep(dayMs - 1000);
      yield* uploads.claim(claimOf(answer, "one"));
      yield* sleep(2000);
      assert.equal(yield* uploads.sweep(dayMs), 0);
      yield* sleep(dayMs);
      assert.equal(yield* uploads.sweep(dayMs), 1);
      assert.match((yield* uploads.claim(claimOf(answer, "one"))) ?? "", /too long ago/);
    });
  });

  it("is let go by its own respondent only", () => {
    runWorld({ latencyMs: 1 }, function* ({ upload, service: { uploads } }) {
      const answer = yield* upload("Q4", "roof.png");
      const [key = ""] = answer.split("|");
      yield* uploads.claim(claimOf(answer, "one"));
      yield* uploads.release(key, "other");
      assert.equal(yield* uploads.isFree(key), false);
      yield* uploads.release(key, "one");
      assert.equal(yield* uploads.isFree(key), true);
      yield* uploads.release(key, "one");
    });
  });

  it("is let go for all files of a submission when it fails for one", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const Q4 = [yield* world.upload("Q4", "a.png"), yield* world.upload("Q4", "b.png")];
      const claim = `upload_claim:${Q4[1]?.split("|")[0]}`;
      world.stores.io.failNext("keyValue.setIfAbsent", new StoreError("STORE_FAILED", "broken"), claim);
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4 })))).status, 503);
      assert.equal((yield* world.request(submitRequest(stormAnswers({ Q4 })))).status, 201);
    });
  });
});

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

  it("removes what a submission has claimed that died before it had a respondent", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      world.stores.io.failNext("keyValue.increment", "stall");
      const dead = world.app.request(submitRequest(stormAnswers({ Q4 })));
      yield* sleep(dayMs / 2);
      assert.equal(yield* world.service.uploads.sweep(dayMs), 0);
      yield* sleep(dayMs);
      assert.equal(yield* world.service.uploads.sweep(dayMs), 1);
      assert.deepEqual(yield* world.stores.objects.list(""), []);
      assert.deepEqual(yield* world.stores.keyValue.entries("upload"), []);
      dead.cancel();
    });
  });

  it("leaves an old file to the submission that is claiming it right now", () => {
    const latencyMs = (operation: string): number => (operation === "keyValue.increment" ? 5000 : 1);
    runWorld({ latencyMs }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      yield* sleep(2 * dayMs);
      const running = world.app.request(submitRequest(stormAnswers({ Q4 })));
      yield* sleep(1000);
      assert.equal(yield* world.service.uploads.sweep(dayMs), 0);
      assert.equal((yield* running).status, 201);
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
