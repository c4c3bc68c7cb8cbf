import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Future, sleep } from "gyre";
import type { MemoryResponse } from "gyre/web";
import { StoreError, StoreFullError } from "../../src/stores/index.ts";
import { encodeParts, type PartToSend } from "./multipart.ts";
import { runWorld, uploadRequest, type World } from "./world.ts";

const maxFileBytes = 200_000;

function errorOf(response: MemoryResponse): { code: string; message: string; field?: string } {
  return (response.json() as { error: { code: string; message: string } }).error;
}

/** Nothing half-written is there: no object, and no record of one. */
function* assertNothingStored({ stores }: World) {
  assert.deepEqual(yield* stores.objects.list(""), []);
  assert.deepEqual(yield* stores.keyValue.entries("upload"), []);
}

describe("POST /api/uploads", () => {
  it("stores the file under a random key and says which", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const body = Buffer.alloc(150_000, 7);
      const response = yield* world.request(
        uploadRequest("Q4", [{ name: "file", filename: "roof.png", body }]),
      );
      assert.equal(response.status, 201);
      const { key, filename, sizeBytes, answer } = response.json() as Record<string, unknown>;
      assert.match(String(key), /^uploads\/storm-damage-2025\/Q4\/[0-9a-f]{32}$/);
      assert.equal(filename, "roof.png");
      assert.equal(sizeBytes, 150_000);
      assert.equal(answer, `${key}|roof.png`);
      const info = yield* world.stores.objects.info(String(key));
      assert.equal(info?.sizeBytes, 150_000);
      assert.equal(info?.contentType, "image/png");
    });
  });

  it("keeps letters of any script in a name", () => {
    runWorld({}, function* (world) {
      assert.match(yield* world.upload("Q4", "Dach über Straße 屋根.png"), /\|Dach über Straße 屋根\.png$/);
    });
  });

  it("takes a suffix in capitals", () => {
    runWorld({}, function* (world) {
      assert.match(yield* world.upload("Q4", "ROOF.PNG"), /\|ROOF\.PNG$/);
    });
  });

  it("holds no more than a piece of the file at a time", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const whole = encodeParts([{ name: "file", filename: "clip.mp4", body: Buffer.alloc(4_000_000) }]);
      let at = 0;
      let pulledAhead = 0;
      let written = 0;
      const request = {
        ...uploadRequest("Q5", []),
        headers: { "Content-Type": whole.type, Accept: "application/json" },
        body: () => {
          const piece = new Future<Uint8Array | undefined>();
          pulledAhead = Math.max(pulledAhead, at - written);
          piece.setResult(at < whole.body.length ? whole.body.subarray(at, at + 64_000) : undefined);
          at += 64_000;
          return piece;
        },
      };
      const create = world.stores.objects.create.bind(world.stores.objects);
      world.stores.objects.create = (key, options) => {
        const writer = create(key, options);
        writer.addDoneCallback((done) => {
          const inner = done.result();
          const write = inner.write.bind(inner);
          inner.write = (chunk) => {
            written += chunk.length;
            return write(chunk);
          };
        });
        return writer;
      };
      const response = yield* world.request(request);
      assert.equal(response.status, 201, response.text());
      assert.ok(pulledAhead <= 2 * 64_000 + 1000, `${pulledAhead} bytes were read and not written`);
    });
  });

  const file: PartToSend = { name: "file", filename: "roof.png", body: "bytes" };
  const refused: [name: string, parts: PartToSend[], status: number, code: string, message: RegExp][] = [
    [
      "a suffix that the question does not take",
      [{ ...file, filename: "roof.svg" }],
      415,
      "FILE_TYPE_REFUSED",
      /takes \.jpg/,
    ],
    ["a file that is empty", [{ ...file, body: "" }], 400, "FILE_EMPTY", /"roof\.png": it is empty/],
    [
      "a file that is too large",
      [{ ...file, body: Buffer.alloc(maxFileBytes + 1) }],
      413,
      "FILE_TOO_LARGE",
      /at most 0\.2 MB/,
    ],
    [
      "a file that is far too large",
      [{ ...file, body: Buffer.alloc(2 * maxFileBytes) }],
      413,
      "FILE_TOO_LARGE",
      /at most 0\.2 MB/,
    ],
    ["a path", [{ ...file, filename: "../../roof.png" }], 400, "FILE_NAME_REFUSED", /its name is a path/],
    [
      "a path of Windows",
      [{ ...file, filename: "..\\roof.png" }],
      400,
      "FILE_NAME_REFUSED",
      /its name is a path/,
    ],
    [
      "a path in the other form",
      [{ ...file, rawFilename: "filename*=UTF-8''..%2Froof.png" }],
      400,
      "FILE_NAME_REFUSED",
      /its name is a path/,
    ],
    ["a bar in the name", [{ ...file, filename: "a|b.png" }], 400, "FILE_NAME_REFUSED", /contains "\|"/],
    ["a comma in the name", [{ ...file, filename: "a,b.png" }], 400, "FILE_NAME_REFUSED", /contains ","/],
    [
      "NUL in the name",
      [{ ...file, rawFilename: "filename*=UTF-8''a%00b.png" }],
      400,
      "BAD_REQUEST",
      /filename/,
    ],
    [
      "a control character in the name",
      [{ ...file, filename: "a\u0085b.png" }],
      400,
      "FILE_NAME_REFUSED",
      /cannot be seen/,
    ],
    [
      "a text direction mark in the name",
      [{ ...file, filename: "a\u202egnp.png" }],
      400,
      "FILE_NAME_REFUSED",
      /cannot be seen/,
    ],
    [
      "a name of 300 characters",
      [{ ...file, filename: `${"a".repeat(296)}.png` }],
      400,
      "FILE_NAME_REFUSED",
      /300 bytes long/,
    ],
    ["no suffix", [{ ...file, filename: "roof" }], 400, "FILE_NAME_REFUSED", /no suffix/],
    ["only a suffix", [{ ...file, filename: ".png" }], 400, "FILE_NAME_REFUSED", /only a suffix/],
    [
      "a file input in which nothing was chosen",
      [{ ...file, filename: "", body: "" }],
      400,
      "FILE_NAME_REFUSED",
      /its name is empty/,
    ],
    ["no file", [{ name: "file", body: "text" }], 400, "FILE_MISSING", /Cannot find a file/],
    ["two files", [file, file], 400, "BAD_REQUEST", /two files at once/],
  ];
  for (const [name, parts, status, code, message] of refused) {
    it(`refuses ${name}, and keeps nothing`, () => {
      runWorld({ latencyMs: 1, maxFileBytes }, function* (world) {
        const response = yield* world.request(uploadRequest("Q4", parts));
        assert.equal(response.status, status, response.text());
        assert.equal(errorOf(response).code, code);
        assert.match(errorOf(response).message, message);
        yield* assertNothingStored(world);
      });
    });
  }

  it("answers before it has read a body that says it is too long", () => {
    runWorld({ maxFileBytes }, function* (world) {
      const request = uploadRequest("Q4", [file]);
      const headers = { ...request.headers, "Content-Length": "99999999" };
      const body = (): never => assert.fail("the body is read");
      const response = yield* world.request({ ...request, headers, body });
      assert.equal(response.status, 413);
      assert.equal(errorOf(response).code, "FILE_TOO_LARGE");
    });
  });

  it("keeps nothing of a body that is cut off, wherever that is", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const request = uploadRequest("Q4", [{ ...file, body: "0123456789".repeat(20) }]);
      const body = request.body as Buffer;
      for (let end = 0; end < body.length - 4; end += 7) {
        const response = yield* world.request({ ...request, body: body.subarray(0, end) });
        assert.equal(response.status, 400, `cut at ${end}: ${response.text()}`);
        assert.match(errorOf(response).message, /Cannot read the multipart body/);
      }
      yield* assertNothingStored(world);
    });
  });

  it("keeps nothing of a body that is no multipart", () => {
    runWorld({}, function* (world) {
      const request = { ...uploadRequest("Q4", []), body: "not multipart at all" };
      assert.equal((yield* world.request(request)).status, 400);
      const plain = { ...request, headers: { "Content-Type": "text/plain", Accept: "application/json" } };
      assert.equal((yield* world.request(plain)).status, 400);
      yield* assertNothingStored(world);
    });
  });

  it("keeps nothing when the client goes in the midst of it", () => {
    runWorld({ latencyMs: 1 }, function* (world) {
      const request = uploadRequest("Q4", [{ ...file, body: Buffer.alloc(5000) }]);
      const whole = request.body as Buffer;
      let isFirst = true;
      const response = world.app.request({
        ...request,
        body: () => {
          const piece = new Future<Uint8Array | undefined>();
          if (isFirst) piece.setResult(whole.subarray(0, 3000));
          isFirst = false;
          return piece;
        },
      });
      yield* sleep(100);
      assert.equal((yield* world.stores.keyValue.entries("upload")).length, 1);
      response.cancel();
      yield* sleep(60_000);
      yield* assertNothingStored(world);
    });
  });

  it("answers 404 for a survey or a question that takes no files", () => {
    runWorld({}, function* (world) {
      const request = uploadRequest("Q4", [file]);
      for (const [query, field] of [
        ["survey=none&question=Q4", "survey"],
        ["survey=storm-damage-2025&question=Q99", "question"],
        ["survey=storm-damage-2025&question=Q1", "question"],
      ] as const) {
        const response = yield* world.request({ ...request, path: `/api/uploads?${query}` });
        assert.equal(response.status, 404);
        assert.equal(errorOf(response).field, field);
      }
      assert.equal((yield* world.request({ ...request, path: "/api/uploads" })).status, 400);
    });
  });

  for (const [status, error] of [
    [507, new StoreFullError("Cannot write to an object: the disk is full")],
    [503, new StoreError("STORE_FAILED", "Cannot write to an object: the disk is gone")],
  ] as const) {
    for (const operation of ["objects.create", "objects.write", "objects.commit"] as const) {
      it(`answers ${status} when ${operation} fails so, and keeps nothing`, () => {
        runWorld({ latencyMs: 1 }, function* (world) {
          world.stores.io.failNext(operation, error);
          const response = yield* world.request(uploadRequest("Q4", [file]));
          assert.equal(response.status, status);
          yield* assertNothingStored(world);
          assert.equal((yield* world.request(uploadRequest("Q4", [file]))).status, 201);
        });
      });
    }
  }
});
