import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CancelledError, type CoroutineGenerator, coroutine, IOLoop, sleep } from "gyre";
import { checkNext, runReviewWorker } from "../../src/review/review-worker.ts";
import type { ServiceLog } from "../../src/service/log.ts";
import { fileCheckQueue, keys } from "../../src/service/store-keys.ts";
import { makeTools, type Tools } from "../../src/service/tools.ts";
import { type MemoryStores, openMemoryStores, StoreError } from "../../src/stores/index.ts";
import { makeMp4, makePdf, makePng } from "../sample-files.ts";

interface World {
  readonly tools: Tools;
  readonly stores: MemoryStores;
  readonly logged: string[];
}

/** On the process's own loop: the detection of file types is a promise. */
async function withWorld(body: (world: World) => CoroutineGenerator<void>): Promise<void> {
  const stores = openMemoryStores();
  const logged: string[] = [];
  const log: ServiceLog = {
    info: () => undefined,
    warn: (message) => logged.push(`warn ${message}`),
    error: (message, error) => logged.push(`error ${message} ${String(error)}`),
  };
  const reports: string[] = [];
  const end = IOLoop.current().onReport(({ text }) => reports.push(text));
  await coroutine(body)({ tools: makeTools(stores, log), stores, logged });
  end();
  assert.deepEqual(reports, []);
}

function entryFor(key: string, filename = key): string {
  return `project||${"1".repeat(24)}||${"2".repeat(24)}||${key}|${filename}`;
}

function* store({ stores }: World, key: string, bytes: Uint8Array) {
  const writer = yield* stores.objects.create(key, { contentType: "application/octet-stream" });
  yield* writer.write(bytes);
  yield* writer.commit();
  yield* stores.queue.push(fileCheckQueue, entryFor(key));
}

function* verdictOf({ stores }: World, key: string) {
  const text = yield* stores.keyValue.get(keys.fileCheck(key));
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

describe("checkNext()", () => {
  const files: [key: string, bytes: Buffer, verdict: unknown][] = [
    ["a.png", makePng(), { kind: "ok", found: "image/png" }],
    ["a.mp4", makeMp4(), { kind: "ok", found: "video/mp4" }],
    ["a.MP4", makeMp4(), { kind: "ok", found: "video/mp4" }],
    ["a.jpg", makePng(), { kind: "mismatch", found: "image/png" }],
    ["b.png", makePdf(), { kind: "mismatch", found: "application/pdf" }],
    [
      "c.mp4",
      Buffer.from("<script>alert(1)</script>"),
      { kind: "mismatch", found: "an unknown kind of file" },
    ],
    ["d.png", Buffer.from("x"), { kind: "mismatch", found: "an unknown kind of file" }],
    ["e.webm", Buffer.alloc(0), { kind: "mismatch", found: "an unknown kind of file" }],
  ];
  for (const [key, bytes, verdict] of files) {
    it(`finds ${key} of ${bytes.length} bytes to be ${JSON.stringify(verdict)}`, async () => {
      await withWorld(function* (world) {
        yield* store(world, key, bytes);
        assert.equal(yield* checkNext(world.tools), true);
        assert.deepEqual(yield* verdictOf(world, key), verdict);
        assert.equal(yield* world.stores.queue.length(fileCheckQueue), 0);
      });
    });
  }

  it("says that a file is missing", async () => {
    await withWorld(function* (world) {
      yield* world.stores.queue.push(fileCheckQueue, entryFor("gone.png"));
      yield* checkNext(world.tools);
      assert.deepEqual(yield* verdictOf(world, "gone.png"), { kind: "missing" });
    });
  });

  it("reads the head of a large file only", async () => {
    await withWorld(function* (world) {
      const png = makePng();
      yield* store(world, "large.png", Buffer.concat([png, Buffer.alloc(5_000_000)]));
      const asked: unknown[] = [];
      const open = world.stores.objects.open.bind(world.stores.objects);
      world.stores.objects.open = (key, options) => {
        asked.push(options);
        return open(key, options);
      };
      yield* checkNext(world.tools);
      assert.deepEqual(asked, [{ end: 4100 }]);
      assert.deepEqual(yield* verdictOf(world, "large.png"), { kind: "ok", found: "image/png" });
    });
  });

  it("finds nothing to do in an empty queue", async () => {
    await withWorld(function* (world) {
      assert.equal(yield* checkNext(world.tools), false);
    });
  });

  it("leaves an entry in the queue when the store fails", async () => {
    await withWorld(function* (world) {
      yield* store(world, "a.png", makePng());
      world.stores.io.failNext("objects.open", new StoreError("STORE_FAILED", "broken"));
      let failure: unknown;
      try {
        yield* checkNext(world.tools);
      } catch (error) {
        failure = error;
      }
      assert.match(String(failure), /broken/);
      assert.equal(yield* world.stores.queue.length(fileCheckQueue), 1);
    });
  });

  it("gives up an entry that cannot be read after five attempts", async () => {
    await withWorld(function* (world) {
      yield* world.stores.queue.push(fileCheckQueue, "no entry at all");
      for (let attempt = 1; attempt < 5; attempt++) {
        const reserved = yield* world.stores.queue.reserve(fileCheckQueue, { leaseMs: 1000 });
        yield* world.stores.queue.release(fileCheckQueue, reserved?.id ?? "");
      }
      assert.equal(yield* checkNext(world.tools), true);
      assert.equal(yield* world.stores.queue.length(fileCheckQueue), 0);
      assert.match(world.logged.join(), /Gave up the check of no entry at all after 5 attempts/);
    });
  });
});

describe("runReviewWorker()", () => {
  it("checks all that is in the queue, and ends when it is cancelled", async () => {
    await withWorld(function* (world) {
      for (const name of ["a", "b", "c"]) yield* store(world, `${name}.png`, makePng());
      const worker = runReviewWorker(world.tools);
      while ((yield* world.stores.queue.length(fileCheckQueue)) > 0) yield* sleep(1);
      assert.deepEqual(yield* verdictOf(world, "c.png"), { kind: "ok", found: "image/png" });
      worker.cancel("enough");
      let end: unknown;
      try {
        yield* worker;
      } catch (error) {
        end = error;
      }
      assert.ok(end instanceof CancelledError);
      assert.deepEqual(world.logged, []);
    });
  });
});
