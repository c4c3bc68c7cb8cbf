/** What every object store does. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Future } from "gyre";
import { ObjectExistsError, ObjectNotFoundError, type ObjectStore } from "../../src/stores/index.ts";
import { allOf, failureOf, type Harness } from "./harness.ts";

const TEXT = { contentType: "text/plain; charset=utf-8" };

type Steps<T> = Generator<Future<unknown>, T, unknown>;

/** Store `text` under `key`. */
function* put(objects: ObjectStore, key: string, text: string): Steps<void> {
  const writer = yield* objects.create(key, TEXT);
  yield* writer.write(Buffer.from(text));
  yield* writer.commit();
}

/** All that `open` gives, and in how many pieces. */
function* readAll(objects: ObjectStore, key: string, range = {}): Steps<{ bytes: Buffer; pieces: number }> {
  const reader = yield* objects.open(key, range);
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const piece = yield* reader.read();
      if (piece === undefined) break;
      pieces.push(piece);
    }
  } finally {
    yield* reader.close();
  }
  return { bytes: Buffer.concat(pieces), pieces: pieces.length };
}

function* textOf(objects: ObjectStore, key: string, range = {}): Steps<string> {
  return (yield* readAll(objects, key, range)).bytes.toString();
}

/** Bytes that repeat nowhere nearby, so that a piece in the wrong place shows. */
function patterned(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at++) bytes[at] = (at * 31 + (at >> 8) * 7) & 0xff;
  return bytes;
}

export function objectStoreContract(harness: Harness): void {
  describe(`ObjectStore ${harness.name}`, () => {
    const test = (claim: string, body: Parameters<Harness["run"]>[0]): void => {
      it(claim, () => harness.run(body));
    };

    test("gives back the bytes that were written, in pieces", function* ({ stores: { objects } }) {
      const bytes = patterned(300_001);
      const writer = yield* objects.create("upload/big.bin", { contentType: "application/octet-stream" });
      for (let at = 0; at < bytes.length; at += 7919) yield* writer.write(bytes.subarray(at, at + 7919));
      const info = yield* writer.commit();
      assert.equal(info.key, "upload/big.bin");
      assert.equal(info.sizeBytes, bytes.length);
      assert.equal(info.contentType, "application/octet-stream");
      const read = yield* readAll(objects, "upload/big.bin");
      assert.ok(read.bytes.equals(bytes));
      assert.ok(read.pieces > 1);
    });

    test("keeps the order of chunks that were not waited for", function* ({ stores: { objects } }) {
      const bytes = patterned(100_000);
      const writer = yield* objects.create("k", TEXT);
      const written: Future<void>[] = [];
      for (let at = 0; at < bytes.length; at += 999) written.push(writer.write(bytes.subarray(at, at + 999)));
      yield* allOf(written);
      yield* writer.commit();
      assert.ok((yield* readAll(objects, "k")).bytes.equals(bytes));
    });

    test("stores an empty object", function* ({ stores: { objects } }) {
      const writer = yield* objects.create("empty", TEXT);
      yield* writer.write(new Uint8Array(0));
      assert.equal((yield* writer.commit()).sizeBytes, 0);
      assert.equal(yield* textOf(objects, "empty"), "");
      assert.equal((yield* objects.info("empty"))?.sizeBytes, 0);
    });

    test("tells what it knows, and when the object was committed", function* ({
      stores: { objects },
      advance,
    }) {
      const writer = yield* objects.create("old", TEXT);
      const old = yield* writer.commit();
      yield* advance(5000);
      const { createdAtMs, ...rest } = yield* (yield* objects.create("young", TEXT)).commit();
      assert.deepEqual(rest, { key: "young", sizeBytes: 0, contentType: TEXT.contentType });
      assert.ok(createdAtMs - old.createdAtMs >= 5000, `${createdAtMs} after ${old.createdAtMs}`);
      assert.deepEqual(yield* objects.info("old"), old);
      assert.equal(yield* objects.info("none"), undefined);
    });

    test("shows nothing before commit", function* ({ stores: { objects } }) {
      const writer = yield* objects.create("k", TEXT);
      yield* writer.write(Buffer.from("half"));
      assert.equal(yield* objects.info("k"), undefined);
      assert.deepEqual(yield* objects.list(""), []);
      assert.ok((yield* failureOf(objects.open("k"))) instanceof ObjectNotFoundError);
      assert.ok((yield* failureOf(objects.rename("k", "l"))) instanceof ObjectNotFoundError);
      assert.equal(yield* objects.delete("k"), false);
      yield* writer.commit();
      assert.equal(yield* textOf(objects, "k"), "half");
    });

    test("has nothing after abort", function* ({ stores: { objects } }) {
      const writer = yield* objects.create("k", TEXT);
      yield* writer.write(Buffer.from("half"));
      yield* writer.abort();
      yield* writer.abort();
      assert.equal(yield* objects.info("k"), undefined);
      assert.equal((yield* failureOf(writer.write(Buffer.from("more")))).code, "WRITER_CLOSED");
      assert.equal((yield* failureOf(writer.commit())).code, "WRITER_CLOSED");
      yield* put(objects, "k", "second try");
      assert.equal(yield* textOf(objects, "k"), "second try");
    });

    test("keeps an object whose writer is aborted after commit", function* ({ stores: { objects } }) {
      const writer = yield* objects.create("k", TEXT);
      yield* writer.commit();
      yield* writer.abort();
      assert.equal((yield* failureOf(writer.commit())).code, "WRITER_CLOSED");
      assert.equal((yield* failureOf(writer.write(Buffer.from("more")))).code, "WRITER_CLOSED");
      assert.equal((yield* objects.info("k"))?.sizeBytes, 0);
    });

    test("refuses to create where an object is", function* ({ stores: { objects } }) {
      yield* put(objects, "k", "first");
      const error = yield* failureOf(objects.create("k", TEXT));
      assert.ok(error instanceof ObjectExistsError);
      assert.equal(error.key, "k");
      assert.equal(yield* textOf(objects, "k"), "first");
    });

    test("lets the first of two writers win", function* ({ stores: { objects } }) {
      const first = yield* objects.create("k", TEXT);
      const second = yield* objects.create("k", TEXT);
      yield* first.write(Buffer.from("first"));
      yield* second.write(Buffer.from("second"));
      yield* second.commit();
      assert.ok((yield* failureOf(first.commit())) instanceof ObjectExistsError);
      yield* first.abort();
      assert.equal(yield* textOf(objects, "k"), "second");
      assert.equal((yield* objects.list("")).length, 1);
    });

    test("reads the part that is asked for", function* ({ stores: { objects } }) {
      yield* put(objects, "k", "0123456789");
      assert.equal(yield* textOf(objects, "k", { start: 3 }), "3456789");
      assert.equal(yield* textOf(objects, "k", { end: 3 }), "012");
      assert.equal(yield* textOf(objects, "k", { start: 2, end: 5 }), "234");
      assert.equal(yield* textOf(objects, "k", { start: 10 }), "");
      assert.equal(yield* textOf(objects, "k", { start: 5, end: 5 }), "");
      for (const range of [{ start: 11 }, { end: 11 }, { start: 5, end: 4 }, { start: -1 }, { start: 0.5 }]) {
        assert.ok((yield* failureOf(objects.open("k", range))) instanceof RangeError);
      }
    });

    test("reads a part of a large object across pieces", function* ({ stores: { objects } }) {
      const bytes = patterned(200_000);
      const writer = yield* objects.create("k", TEXT);
      yield* writer.write(bytes);
      yield* writer.commit();
      const read = yield* readAll(objects, "k", { start: 1000, end: 199_000 });
      assert.ok(read.bytes.equals(bytes.subarray(1000, 199_000)));
    });

    test("renames in one step", function* ({ stores: { objects } }) {
      yield* put(objects, "tmp/1", "answer");
      const before = yield* objects.info("tmp/1");
      const after = yield* objects.rename("tmp/1", "7-问卷 final-123456.png");
      assert.deepEqual(after, { ...before, key: "7-问卷 final-123456.png" });
      assert.equal(yield* objects.info("tmp/1"), undefined);
      assert.equal(yield* textOf(objects, "7-问卷 final-123456.png"), "answer");
      assert.ok((yield* failureOf(objects.rename("tmp/1", "again"))) instanceof ObjectNotFoundError);
    });

    test("refuses to rename onto another object, or itself", function* ({ stores: { objects } }) {
      yield* put(objects, "a", "A");
      yield* put(objects, "b", "B");
      const error = yield* failureOf(objects.rename("a", "b"));
      assert.ok(error instanceof ObjectExistsError);
      assert.equal(error.key, "b");
      assert.ok((yield* failureOf(objects.rename("a", "a"))) instanceof ObjectExistsError);
      assert.equal(yield* textOf(objects, "a"), "A");
      assert.equal(yield* textOf(objects, "b"), "B");
    });

    test("lets one of many renames win", function* ({ stores: { objects } }) {
      yield* put(objects, "a", "A");
      const renames = Array.from({ length: 10 }, (_, at) => objects.rename("a", `to ${at}`));
      let won = 0;
      for (const rename of renames) {
        try {
          yield* rename;
          won++;
        } catch (error) {
          assert.ok(error instanceof ObjectNotFoundError);
        }
      }
      assert.equal(won, 1);
      assert.equal((yield* objects.list("")).length, 1);
    });

    test("forgets an object that is deleted", function* ({ stores: { objects } }) {
      yield* put(objects, "k", "x");
      assert.equal(yield* objects.delete("k"), true);
      assert.equal(yield* objects.delete("k"), false);
      const error = yield* failureOf(objects.open("k"));
      assert.ok(error instanceof ObjectNotFoundError);
      assert.equal(error.key, "k");
      yield* put(objects, "k", "anew");
      assert.equal(yield* textOf(objects, "k"), "anew");
    });

    test("reads on from an object that is renamed or deleted meanwhile", function* ({ stores: { objects } }) {
      const bytes = patterned(200_000);
      const writer = yield* objects.create("k", TEXT);
      yield* writer.write(bytes);
      yield* writer.commit();
      const reader = yield* objects.open("k");
      const pieces: Uint8Array[] = [];
      for (let step = 0; ; step++) {
        if (step === 1) yield* objects.rename("k", "l");
        if (step === 2) yield* objects.delete("l");
        const piece = yield* reader.read();
        if (piece === undefined) break;
        pieces.push(piece);
      }
      yield* reader.close();
      yield* reader.close();
      assert.ok(Buffer.concat(pieces).equals(bytes));
    });

    test("keeps apart keys that look alike", function* ({ stores: { objects } }) {
      const keys = [
        "a",
        "A",
        "a.",
        "a ",
        " a",
        "a%20",
        "a%2Fb",
        "a/b",
        "a\\b",
        "..a",
        "a..b",
        "...",
        "é",
        "e\u0301",
        "问卷/答案 1.png",
        "😀",
        "con",
        "nul.txt",
        "a:b",
        'a"b<c>|?*',
        "line\nbreak",
        "~",
        "-rf",
        "x".repeat(1024),
        `${"x".repeat(1023)}y`,
        `${"d/".repeat(511)}e`,
      ];
      for (const [at, key] of keys.entries()) yield* put(objects, key, String(at));
      for (const [at, key] of keys.entries()) assert.equal(yield* textOf(objects, key), String(at));
      assert.equal((yield* objects.list("")).length, keys.length);
    });

    test("refuses keys that are no plain relative path", function* ({ stores: { objects } }) {
      const keys = [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\0b",
      ];
      for (const key of [...keys, "x".repeat(1025), "é".repeat(513), "\ud800", 7, null] as string[]) {
        const calls = [objects.create(key, TEXT), objects.info(key), objects.open(key), objects.delete(key)];
        for (const call of [...calls, objects.rename(key, "b"), objects.rename("a", key)]) {
          const error = yield* failureOf(call);
          assert.ok(
            error instanceof RangeError || error instanceof TypeError,
            `${JSON.stringify(key)}: ${error}`,
          );
          assert.match(error.message, /^Cannot .+: .+ wanted$/s);
        }
      }
    });

    test("refuses other wrong arguments through the Future", function* ({ stores: { objects } }) {
      for (const contentType of ["", "a\r\nb", "é", "x".repeat(256), 5, undefined] as string[]) {
        assert.ok((yield* failureOf(objects.create("k", { contentType }))) instanceof RangeError);
      }
      for (const limit of [0, -1, 1.5, 10_001]) {
        assert.ok((yield* failureOf(objects.list("", { limit }))) instanceof RangeError);
      }
      const writer = yield* objects.create("k", TEXT);
      assert.ok((yield* failureOf(writer.write("text" as unknown as Uint8Array))) instanceof TypeError);
      yield* writer.abort();
    });

    test("lists the objects of a prefix, in order, page by page", function* ({ stores: { objects } }) {
      const keys = ["p/A", "p/a", "p/é", "p/\ufffd", "p/😀"];
      for (const key of ["q", ...keys.toReversed(), "o"]) yield* put(objects, key, key);
      assert.deepEqual(
        (yield* objects.list("p/")).map(({ key }) => key),
        keys,
      );
      const first = yield* objects.list("p/", { limit: 2 });
      const rest = yield* objects.list("p/", { limit: 10, after: first[1]?.key ?? "" });
      assert.deepEqual(
        [...first, ...rest].map(({ key }) => key),
        keys,
      );
      assert.equal((yield* objects.list("")).length, 7);
    });

    test("refuses everything once it is closed", function* ({ stores: { objects } }) {
      yield* put(objects, "k", "x");
      yield* objects.close();
      for (const call of [
        objects.create("l", TEXT),
        objects.info("k"),
        objects.open("k"),
        objects.list(""),
      ]) {
        assert.equal((yield* failureOf(call)).code, "STORE_CLOSED");
      }
    });
  });
}
