/**
 * The two mends side by side: whatever the stores do, what is cached is what is stored.
 *
 * The old logic, under the same delays, is in `legacy-assess-handler.test.ts`.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { all, coroutine, sleep } from "gyre";
import { stormSurvey } from "../../src/model/index.ts";
import { keys } from "../../src/service/store-keys.ts";
import { StoreError } from "../../src/stores/index.ts";
import {
  cachedAnswer,
  queueEntries,
  runWorld,
  type SubmitAnswer,
  storedRespondent,
  stormAnswers,
  submitRequest,
  type World,
  type WorldOptions,
} from "./world.ts";

const renames = (ms: (key: string) => number): NonNullable<WorldOptions["latencyMs"]> => {
  return (operation, key) => (operation === "objects.rename" ? ms(key) : 2);
};
const lastDigit = (key: string): number => Number.parseInt(key.slice(-1), 16);
const isRename = (operation: string, digit: number) => (key: string) =>
  operation === "objects.rename" && lastDigit(key) % 4 === digit;

/** Uploads are numbered, so that each of the four files has a last digit of its own. */
const patterns: Record<string, WorldOptions> = {
  "nothing takes any time": {},
  "everything takes the same time": { latencyMs: 5 },
  "only renames take time": { latencyMs: (operation) => (operation === "objects.rename" ? 9 : 0) },
  "the first rename is the slowest": { latencyMs: renames((key) => 400 - 100 * (lastDigit(key) % 4)) },
  "the last rename is the slowest": { latencyMs: renames((key) => 100 + 100 * (lastDigit(key) % 4)) },
  "writes of the key-value store overtake each other": {
    latencyMs: (operation, key) =>
      operation.startsWith("keyValue.set")
        ? 1 + ((key.length * 37) % 60)
        : operation === "objects.rename"
          ? 20
          : 3,
  },
  "one rename fails": { latencyMs: 5, fault: (operation, key) => failOne(isRename(operation, 1)(key)) },
  "one rename fails later than the others end": {
    latencyMs: renames((key) => (lastDigit(key) % 4 === 2 ? 3000 : 10)),
    fault: (operation, key) => failOne(isRename(operation, 2)(key)),
  },
  "all renames fail": { latencyMs: 5, fault: (operation) => failOne(operation === "objects.rename") },
  "one rename stalls until its limit": {
    latencyMs: 5,
    fault: (operation, key) => (isRename(operation, 3)(key) ? "stall" : undefined),
  },
  "all renames stall until their limit": {
    latencyMs: 5,
    fault: (operation) => (operation === "objects.rename" ? "stall" : undefined),
  },
  "one fails, one stalls, two succeed": {
    latencyMs: 5,
    fault: (operation, key) => (isRename(operation, 0)(key) ? "stall" : failOne(isRename(operation, 1)(key))),
  },
  "a rename ends after its limit": { latencyMs: renames((key) => (lastDigit(key) % 4 === 1 ? 11_000 : 10)) },
};

function failOne(isIt: boolean): Error | undefined {
  return isIt ? new StoreError("STORE_FAILED", "Cannot rename an object: the store is broken") : undefined;
}

function* submitFour(world: World, path: string) {
  const photos = [yield* world.upload("Q4", "afar.png"), yield* world.upload("Q4", "near.jpg")];
  const Q5 = yield* world.upload("Q5", "clip.mp4");
  const Q6 = yield* world.upload("Q6", "letter.pdf");
  const response = yield* world.request(submitRequest(stormAnswers({ Q4: photos, Q5, Q6 }), path));
  assert.equal(response.status, 201, response.text());
  return (response.json() as SubmitAnswer).respondent;
}

/** Each file of the answer lies where the answer says. */
function* checkFiles(world: World, oid: string) {
  const { files } = yield* storedRespondent(world, oid);
  assert.equal(files.length, 4);
  for (const { key } of files) assert.equal((yield* world.stores.objects.info(key))?.key, key);
  return files;
}

for (const [handler, path] of [
  ["AssessHandler", "/s/storm25"],
  ["CallbackAssessHandler", "/legacy/callback/s/storm25"],
] as const) {
  describe(handler, () => {
    for (const [pattern, options] of Object.entries(patterns)) {
      it(`caches the new total answer when ${pattern}`, () => {
        const { reports } = runWorld(options, function* (world) {
          const { oid } = yield* submitFour(world, path);
          yield* sleep(30_000);
          const cached = yield* cachedAnswer(world, oid);
          assert.deepEqual(cached.totalAnswer, (yield* storedRespondent(world, oid)).answer);
          yield* checkFiles(world, oid);
        });
        assert.deepEqual(reports, []);
      });
    }

    it("caches the total answer of a form without files", () => {
      runWorld({ latencyMs: 5 }, function* (world) {
        const response = yield* world.request(
          submitRequest({ Q1: "good", Q3: "Keep it" }, path.replace("storm25", "talk25")),
        );
        const { oid } = (response.json() as SubmitAnswer).respondent;
        yield* sleep(1000);
        const { totalAnswer } = yield* cachedAnswer(world, oid);
        assert.deepEqual(Object.values(totalAnswer), [
          { good: "Good, I learned something" },
          { A3: "Keep it" },
        ]);
      });
    });
  });
}

describe("AssessHandler", () => {
  it("has cached the total answer for two hours when it answers, whatever the renames do", () => {
    for (const options of Object.values(patterns)) {
      runWorld(options, function* (world) {
        const { oid, answer } = yield* submitFour(world, "/s/storm25");
        const cached = yield* cachedAnswer(world, oid);
        assert.deepEqual(cached.totalAnswer, answer);
        assert.ok(cached.ttlMs > 7_199_000 && cached.ttlMs <= 7_200_000, `${cached.ttlMs} ms`);
      });
    }
  });

  it("sets the cache once, after the last rename has settled", () => {
    const order: string[] = [];
    runWorld(
      {
        latencyMs(operation, key) {
          if (key.startsWith("assess_total_answer") && operation === "keyValue.set") order.push("cache");
          if (operation !== "objects.rename") return 1;
          order.push("rename begins");
          return 700;
        },
      },
      function* (world) {
        const { oid } = yield* submitFour(world, "/s/storm25");
        const respondent = yield* storedRespondent(world, oid);
        assert.ok(respondent.files.every(({ failure }) => failure === undefined));
      },
    );
    assert.deepEqual(order, [...Array<string>(4).fill("rename begins"), "cache"]);
  });

  it("renames all files at the same time", () => {
    runWorld({ latencyMs: (operation) => (operation === "objects.rename" ? 5000 : 0) }, function* (world) {
      const startMs = world.service.tools.now();
      yield* submitFour(world, "/s/storm25");
      assert.equal(world.service.tools.now() - startMs, 5000);
    });
  });

  it("waits ten seconds at most for renames that stall", () => {
    runWorld(
      { fault: (operation) => (operation === "objects.rename" ? "stall" : undefined) },
      function* (world) {
        const startMs = world.service.tools.now();
        const { files } = yield* submitFour(world, "/s/storm25");
        assert.equal(world.service.tools.now() - startMs, 10_000);
        for (const { failure } of files)
          assert.equal(failure, "The file store did not answer within 10 seconds.");
      },
    );
  });

  it("logs a failed rename with the respondent and the answer, and keeps the submission", () => {
    const { logged } = runWorld(patterns["one rename fails"] as WorldOptions, function* (world) {
      const { oid, files } = yield* submitFour(world, "/s/storm25");
      const failed = files.filter(({ failure }) => failure !== undefined);
      assert.equal(failed.length, 1);
      assert.match(failed[0]?.key ?? "", /^uploads\//);
      assert.equal(world.logged.length, 1);
      assert.ok(world.logged[0]?.includes(`rename upload for rid:${oid} answer:${failed[0]?.key}|`));
    });
    assert.match(logged.join(), /the store is broken/);
  });

  it("puts a rename that ends after its limit back, as the answer says", () => {
    const { logged } = runWorld(patterns["a rename ends after its limit"] as WorldOptions, function* (world) {
      const { oid, files } = yield* submitFour(world, "/s/storm25");
      const late = files.filter(({ failure }) => failure !== undefined);
      assert.equal(late.length, 1);
      yield* sleep(60_000);
      const later = yield* checkFiles(world, oid);
      assert.deepEqual(later, files);
      assert.equal((yield* world.stores.objects.list("")).length, 4);
    });
    assert.equal(logged.length, 1);
  });

  it("queues each image and video once, and no other file", () => {
    const [photos, video] = stormSurvey.questions.filter(({ kind }) => kind === "upload");
    runWorld({ latencyMs: 5 }, function* (world) {
      const { oid, files } = yield* submitFour(world, "/s/storm25");
      const names = new Map(files.map(({ key }) => [key.replace(/^1-(Q\d)-(\w+)-.*$/, "$2"), key]));
      const entry = (question: { oid: string } | undefined, name: string, filename: string) =>
        `neighbourhood||${question?.oid}||${oid}||${names.get(name)}|${filename}`;
      assert.deepEqual((yield* queueEntries(world)).sort(), [
        entry(photos, "afar", "afar.png"),
        entry(photos, "near", "near.jpg"),
        entry(video, "clip", "clip.mp4"),
      ]);
    });
  });

  const brokenQueue = (name: string): WorldOptions => ({
    latencyMs: 1,
    fault: (operation, key) =>
      operation === "queue.push" && key === name
        ? new StoreError("STORE_FAILED", "Cannot push a task: the store is broken")
        : undefined,
  });

  it("keeps the submission when files cannot be queued for review, and says so of each", () => {
    const { logged } = runWorld(brokenQueue("upload_file_check_task_queue"), function* (world) {
      const { files } = yield* submitFour(world, "/s/storm25");
      const failures = files.flatMap(({ key, failure }) => (failure === undefined ? [] : [[key, failure]]));
      assert.equal(failures.length, 3);
      for (const [key, failure] of failures) {
        assert.match(key ?? "", /^1-Q[45]-/);
        assert.match(failure ?? "", /could not be put into the queue for review/);
      }
    });
    assert.equal(logged.length, 3);
  });

  it("keeps files whose check by the worker cannot be queued", () => {
    const { logged } = runWorld(brokenQueue("file_check_queue"), function* (world) {
      const { files } = yield* submitFour(world, "/s/storm25");
      assert.ok(files.every(({ failure }) => failure === undefined));
      assert.equal((yield* queueEntries(world)).length, 3);
    });
    assert.equal(logged.length, 3);
    assert.match(logged.join(), /^error Cannot queue 1-Q4-\w+-\d{6}\.\w+\|\w+\.\w+ for the worker/);
  });

  it("queues a file once that a store that failed is asked to queue again", () => {
    const { logged } = runWorld({ latencyMs: 1 }, function* (world) {
      const broken = new StoreError("STORE_FAILED", "Cannot push a task: the store is broken");
      world.stores.io.failNext("queue.push", broken, "upload_file_check_task_queue");
      world.stores.io.failNext("queue.push", broken, "file_check_queue");
      const { files } = yield* submitFour(world, "/s/storm25");
      assert.ok(files.every(({ failure }) => failure === undefined));
      assert.equal(new Set(yield* queueEntries(world)).size, 3);
      assert.equal(yield* world.stores.queue.length("file_check_queue"), 3);
    });
    assert.deepEqual(logged, []);
  });

  it("keeps the submission when the cache cannot be set", () => {
    const { logged } = runWorld({}, function* (world) {
      const broken = new StoreError("STORE_FAILED", "Cannot set a key: the store is broken");
      const Q4 = yield* world.upload("Q4", "roof.png");
      // The id of the respondent comes next.
      const rid = "1".padStart(24, "0");
      world.stores.io.failNext("keyValue.set", broken, keys.totalAnswer(rid));
      const response = yield* world.request(submitRequest(stormAnswers({ Q4 })));
      assert.equal(response.status, 201);
      assert.equal((response.json() as SubmitAnswer).respondent.oid, rid);
    });
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /^error Cannot cache the total answer of rid:/);
  });

  it("keeps two hundred submissions at the same time apart", () => {
    let number = 1;
    const latencyMs = (): number => {
      number = (number * 48_271) % 2_147_483_647;
      return number % 40;
    };
    runWorld({ latencyMs }, function* (world) {
      const one = coroutine(function* submitOne(at: number) {
        yield* sleep(at % 7);
        return yield* submitFour(world, "/s/storm25");
      });
      const respondents = yield* all(Array.from({ length: 200 }, (_, at) => one(at)));
      const queued = yield* queueEntries(world);
      assert.equal(queued.length, 600);
      for (const { oid, seq, answer, files } of respondents) {
        assert.deepEqual((yield* cachedAnswer(world, oid)).totalAnswer, answer);
        for (const { key } of files) assert.match(key, new RegExp(`^${seq}-Q[456]-`));
        assert.equal(queued.filter((entry) => entry.split("||")[2] === oid).length, 3);
      }
      assert.deepEqual(
        respondents.map(({ seq }) => seq).sort((left, right) => left - right),
        Array.from({ length: 200 }, (_, at) => at + 1),
      );
      assert.equal((yield* world.stores.objects.list("")).length, 800);
    });
  });
});
