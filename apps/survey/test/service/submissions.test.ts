import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CoroutineGenerator, sleep } from "gyre";
import { stormSurvey } from "../../src/model/index.ts";
import { RefusedError } from "../../src/service/refused-error.ts";
import { keys } from "../../src/service/store-keys.ts";
import type { OpenedForm, SentForm } from "../../src/service/submissions.ts";
import { resumeSubmissions } from "../../src/service/submit-form.ts";
import { StoreError } from "../../src/stores/index.ts";
import { runWorld, type SubmitAnswer, stormAnswers, submitRequest, type World } from "../handlers/world.ts";

const form: SentForm = { survey: stormSurvey, fields: {}, token: "token-1" };
const leaseKey = keys.submissionLease(stormSurvey.id, "token-1");
const broken = new StoreError("STORE_FAILED", "Cannot reach the store: it is broken");

function* open({ service }: World) {
  return yield* service.submissions.open(form);
}

/** Is the form refused, because it is being saved for somebody else? */
function* isRefused(world: World) {
  try {
    yield* open(world);
    return false;
  } catch (error) {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, "SUBMISSION_RUNNING");
    return true;
  }
}

function* stormRequest(world: World) {
  const Q4 = yield* world.upload("Q4", "roof.png");
  return submitRequest(stormAnswers({ Q4 }), undefined, { idempotencyKey: "token-1" });
}

describe("Submissions.close()", () => {
  it("leaves the lease of another one, who came when its own had run out", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const first = yield* open(world);
      yield* sleep(31_000);
      const second: OpenedForm = yield* open(world);
      yield* world.service.submissions.close(first);
      assert.equal(yield* isRefused(world), true);
      yield* world.service.submissions.close(second);
      assert.equal(yield* isRefused(world), false);
    });
  });

  it("keeps the answer of a submission whose lease cannot be let go, and says so", () => {
    const { logged } = runWorld({ latencyMs: 1 }, function* (world) {
      const request = yield* stormRequest(world);
      world.stores.io.failNext("keyValue.deleteIfEqual", broken);
      assert.equal((yield* world.request(request)).status, 201);
    });
    assert.deepEqual(logged.length, 1);
    assert.match(logged[0] ?? "", /^error Cannot let go of submission_lease:/);
  });
});

describe("Submissions.open()", () => {
  it("lets the lease go when it fails behind it", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const request = yield* stormRequest(world);
      // The first thing that is read is whether there is a respondent.
      world.stores.io.failNext("keyValue.get", broken);
      assert.equal((yield* world.request(request)).status, 503);
      assert.equal(yield* world.stores.keyValue.get(leaseKey), undefined);
      assert.equal((yield* world.request(request)).status, 201);
    });
  });
});

describe("Submissions.keepOpen()", () => {
  const slowMs = 60_000;
  const latencyMs = (operation: string, key: string): number =>
    operation === "keyValue.increment" && key === keys.seq(stormSurvey.id) ? slowMs : 1;

  it("keeps others out of a submission that takes longer than one lease", () => {
    runWorld({ latencyMs }, function* (world) {
      const request = yield* stormRequest(world);
      const first = world.app.request(request);
      yield* sleep(35_000);
      assert.equal((yield* world.request(request)).status, 409);
      assert.equal((yield* first).status, 201);
      assert.equal(yield* world.stores.keyValue.get(leaseKey), undefined);
      assert.equal((yield* world.request(request)).status, 200);
    });
  });

  it("goes on after a renewal that failed", () => {
    const { logged } = runWorld({ latencyMs }, function* (world) {
      const request = yield* stormRequest(world);
      world.stores.io.failNext("keyValue.setIfEqual", broken, leaseKey);
      const first = world.app.request(request);
      yield* sleep(35_000);
      assert.equal((yield* world.request(request)).status, 409);
      assert.equal((yield* first).status, 201);
    });
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /^error Cannot renew submission_lease:/);
  });

  it("says that a lease is lost, and leaves it to who has it", () => {
    const { logged } = runWorld({ latencyMs }, function* (world) {
      const first = world.app.request(yield* stormRequest(world));
      yield* sleep(5_000);
      yield* world.stores.keyValue.set(leaseKey, "somebody else");
      assert.equal((yield* first).status, 201);
      assert.equal(yield* world.stores.keyValue.get(leaseKey), "somebody else");
    });
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /^warn lost submission_lease:/);
  });

  it("lets the next one in when a submission hangs for ever", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const request = yield* stormRequest(world);
      world.stores.io.failNext("keyValue.increment", "stall");
      const first = world.app.request(request);
      yield* sleep(300_000);
      assert.equal((yield* world.request(request)).status, 409);
      yield* sleep(30_000);
      const response = yield* world.request(request);
      assert.equal(response.status, 201);
      assert.equal((response.json() as SubmitAnswer).respondent.seq, 1);
      first.cancel();
    });
  });
});

describe("resumeSubmissions()", () => {
  /** A submission whose last write fails, with a token or without. */
  function cutOff(
    token: string | undefined,
    body: (world: World, oid: string) => CoroutineGenerator<void>,
  ): void {
    runWorld({ latencyMs: 1 }, function* (world) {
      const Q4 = yield* world.upload("Q4", "roof.png");
      const more = token === undefined ? {} : { idempotencyKey: token };
      world.stores.io.failNext("keyValue.set", broken, keys.finished(stormSurvey.id, 1));
      const response = yield* world.request(submitRequest(stormAnswers({ Q4 }), undefined, more));
      assert.equal(response.status, 503);
      const [unfinished] = yield* world.service.respondents.unfinished(10);
      assert.ok(unfinished);
      yield* body(world, unfinished.oid);
    });
  }

  for (const [name, token] of [
    ["a form", "token-1"],
    ["a form without a token", undefined],
  ] as const) {
    it(`finishes ${name} that nobody sends again, once`, () => {
      cutOff(token, function* (world, oid) {
        yield* sleep(31_000);
        assert.equal(yield* resumeSubmissions(world.service), 1);
        assert.equal(yield* resumeSubmissions(world.service), 0);
        const respondent = yield* world.service.respondents.find(oid);
        assert.notEqual(respondent?.finishedAtMs, undefined);
        assert.equal(yield* world.service.respondents.finishedCount(stormSurvey.id), 1);
        assert.equal(yield* world.stores.queue.length("upload_file_check_task_queue"), 1);
        const cached = yield* world.stores.keyValue.get(keys.totalAnswer(oid));
        assert.deepEqual(JSON.parse(cached ?? ""), respondent?.answer);
        assert.deepEqual(yield* world.service.respondents.unfinished(10), []);
      });
    });
  }

  it("leaves a young one alone, and one that is being saved", () => {
    cutOff("token-1", function* (world) {
      assert.equal(yield* resumeSubmissions(world.service), 0);
      yield* sleep(31_000);
      yield* world.stores.keyValue.set(leaseKey, "somebody else");
      assert.equal(yield* resumeSubmissions(world.service), 0);
      assert.equal((yield* world.service.respondents.unfinished(10)).length, 1);
      yield* world.stores.keyValue.delete(leaseKey);
      assert.equal(yield* resumeSubmissions(world.service), 1);
    });
  });

  it("forgets one that never became a respondent", () => {
    cutOff("token-1", function* (world) {
      yield* world.stores.keyValue.delete(keys.respondent(stormSurvey.id, 1));
      yield* sleep(31_000);
      assert.equal(yield* resumeSubmissions(world.service), 0);
      assert.deepEqual(yield* world.service.respondents.unfinished(10), []);
    });
  });
});
