import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CoroutineGenerator } from "gyre";
import type { MemoryResponse } from "gyre/web";
import { StoreError } from "../../src/stores/index.ts";
import { runWorld, type World } from "./world.ts";

const bytes = Buffer.from("0123456789");

function* store(world: World, key: string, contentType: string, content: Buffer = bytes) {
  const writer = yield* world.stores.objects.create(key, { contentType });
  yield* writer.write(content);
  yield* writer.commit();
}

function* get(
  world: World,
  key: string,
  headers: Record<string, string> = {},
): CoroutineGenerator<MemoryResponse> {
  return yield* world.request({ path: `/files/${key}`, headers });
}

describe("GET /files/KEY", () => {
  for (const [name, type] of [
    ["photo.png", "image/png"],
    ["clip.mp4", "video/mp4"],
    ["letter.pdf", "application/pdf"],
  ] as const) {
    it(`shows ${type}, and lets it do nothing`, () => {
      runWorld({ latencyMs: 1 }, function* (world) {
        yield* store(world, `1-Q4-${name}`, type);
        const response = yield* get(world, `1-Q4-${name}`);
        assert.equal(response.status, 200);
        assert.deepEqual(response.body, bytes);
        assert.equal(response.headers.get("Content-Type"), type);
        assert.equal(response.headers.get("Content-Disposition"), `inline; filename*=UTF-8''1-Q4-${name}`);
        assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
        assert.match(response.headers.get("Content-Security-Policy") ?? "", /^default-src 'none'/);
        assert.equal(response.headers.get("Content-Length"), "10");
      });
    });
  }

  it("has anything else saved, in a sandbox", () => {
    runWorld({}, function* (world) {
      yield* store(world, "1-Q4-page.html", "application/octet-stream");
      const response = yield* get(world, "1-Q4-page.html");
      assert.match(response.headers.get("Content-Disposition") ?? "", /^attachment/);
      assert.equal(response.headers.get("Content-Type"), "application/octet-stream");
      assert.match(response.headers.get("Content-Security-Policy") ?? "", /sandbox/);
    });
  });

  it("finds a key with any letters in it, and writes its name so that it breaks no header", () => {
    runWorld({}, function* (world) {
      const key = `1-Q4-Dach "über" (屋根)'s-100000.png`;
      yield* store(world, key, "image/png");
      const response = yield* get(world, encodeURIComponent(key));
      assert.equal(response.status, 200);
      assert.match(response.headers.get("Content-Disposition") ?? "", /^inline; filename\*=UTF-8''[\w.%-]+$/);
    });
  });

  const ranges: [header: string, status: number, body: string, contentRange: string | undefined][] = [
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=-3", 206, "789", "bytes 7-9/10"],
    ["bytes=4-", 206, "456789", "bytes 4-9/10"],
    ["bytes=4-99", 206, "456789", "bytes 4-9/10"],
    ["bytes=20-", 416, "", "bytes */10"],
    ["bytes=0-1,4-5", 200, "0123456789", undefined],
    ["apples=1-2", 200, "0123456789", undefined],
  ];
  for (const [header, status, body, contentRange] of ranges) {
    it(`answers ${status} to ${header} of ten bytes`, () => {
      runWorld({ latencyMs: 1 }, function* (world) {
        yield* store(world, "v.mp4", "video/mp4");
        const response = yield* get(world, "v.mp4", { Range: header });
        assert.equal(response.status, status);
        assert.equal(response.text(), body);
        assert.equal(response.headers.get("Content-Range"), contentRange);
        assert.equal(response.headers.get("Accept-Ranges"), "bytes");
      });
    });
  }

  it("sends the whole file to If-Range, because files have no versions", () => {
    runWorld({}, function* (world) {
      yield* store(world, "v.mp4", "video/mp4");
      const response = yield* get(world, "v.mp4", { Range: "bytes=0-3", "If-Range": '"x"' });
      assert.equal(response.status, 200);
    });
  });

  it("answers HEAD with the length and without the bytes", () => {
    runWorld({}, function* (world) {
      yield* store(world, "v.mp4", "video/mp4");
      const response = yield* world.request({ method: "HEAD", path: "/files/v.mp4" });
      assert.equal(response.headers.get("Content-Length"), "10");
      assert.equal(response.body.length, 0);
    });
  });

  it("sends a large file piece by piece", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const large = Buffer.alloc(300_000, "abc");
      yield* store(world, "v.mp4", "video/mp4", large);
      assert.deepEqual((yield* get(world, "v.mp4")).body, large);
      assert.deepEqual(
        (yield* get(world, "v.mp4", { Range: "bytes=100000-" })).body,
        large.subarray(100_000),
      );
    });
  });

  for (const key of ["none.png", "..%2F..%2Fetc%2Fpasswd", "a%00b", "", "%2Fetc", "x".repeat(2000)]) {
    it(`answers 404 to ${key === "" ? "no key" : key.slice(0, 30)}`, () => {
      runWorld({}, function* (world) {
        assert.equal((yield* get(world, key)).status, 404);
      });
    });
  }

  it("cuts the connection when the store fails in the midst of a file, and closes the reader", () => {
    const closed: string[] = [];
    const latencyMs = (operation: string): number => {
      if (operation === "objects.close") closed.push(operation);
      return 1;
    };
    const { logged } = runWorld({ latencyMs }, function* (world) {
      yield* store(world, "v.mp4", "video/mp4", Buffer.alloc(200_000));
      const reads = { count: 0 };
      const open = world.stores.objects.open.bind(world.stores.objects);
      world.stores.objects.open = (key, options) => {
        const reader = open(key, options);
        reader.addDoneCallback((done) => {
          const inner = done.result();
          const read = inner.read.bind(inner);
          inner.read = () => {
            if (++reads.count === 2) {
              world.stores.io.failNext(
                "objects.read",
                new StoreError("STORE_FAILED", "Cannot read an object"),
              );
            }
            return read();
          };
        });
        return reader;
      };
      let failure: unknown;
      try {
        yield* get(world, "v.mp4");
      } catch (error) {
        failure = error;
      }
      assert.match(String(failure), /cut the connection/);
    });
    assert.equal(closed.length, 1);
    assert.equal(logged.length, 1);
  });
});
