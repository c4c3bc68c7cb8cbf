/** What every key-value store does. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allOf, failureOf, type Harness } from "./harness.ts";

const BAD_KEYS: readonly unknown[] = ["", "a\0b", "x".repeat(1025), "half \ud800", 7, undefined, null];

export function keyValueContract(harness: Harness): void {
  describe(`KeyValueStore ${harness.name}`, () => {
    const test = (claim: string, body: Parameters<Harness["run"]>[0]): void => {
      it(claim, () => harness.run(body));
    };

    test("has nothing under a key that was never set", function* ({ stores: { keyValue } }) {
      assert.equal(yield* keyValue.get("nobody"), undefined);
      assert.equal(yield* keyValue.ttlMs("nobody"), undefined);
      assert.equal(yield* keyValue.delete("nobody"), false);
      assert.deepEqual(yield* keyValue.entries(""), []);
    });

    test("gives back what was set, character by character", function* ({ stores: { keyValue } }) {
      for (const value of ["", "plain", "line\nbreak\0and NUL", "问卷 😀 é", "x".repeat(200_000)]) {
        yield* keyValue.set("key", value);
        assert.equal(yield* keyValue.get("key"), value);
      }
    });

    test("keeps apart keys that look alike", function* ({ stores: { keyValue } }) {
      const keys = [
        "a",
        "A",
        "a ",
        "a/b",
        "a:b",
        "é",
        "e\u0301",
        "😀",
        "a".repeat(1024),
        `${"a".repeat(1023)}b`,
      ];
      for (const [at, key] of keys.entries()) yield* keyValue.set(key, String(at));
      for (const [at, key] of keys.entries()) assert.equal(yield* keyValue.get(key), String(at));
      assert.equal((yield* keyValue.entries("")).length, keys.length);
    });

    test("forgets a key that is deleted", function* ({ stores: { keyValue } }) {
      yield* keyValue.set("key", "1");
      assert.equal(yield* keyValue.delete("key"), true);
      assert.equal(yield* keyValue.get("key"), undefined);
      assert.equal(yield* keyValue.delete("key"), false);
    });

    test("sets an absent key once, however many ask at the same time", function* ({ stores: { keyValue } }) {
      const asked = Array.from({ length: 30 }, (_, at) => keyValue.setIfAbsent("guard", String(at)));
      const won = yield* allOf(asked);
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(yield* keyValue.get("guard"), String(won.indexOf(true)));
    });

    test("sets an absent key again after it was deleted, or expired", function* ({
      stores: { keyValue },
      advance,
    }) {
      assert.equal(yield* keyValue.setIfAbsent("guard", "1", { ttlMs: 1000 }), true);
      assert.equal(yield* keyValue.setIfAbsent("guard", "2"), false);
      yield* advance(1001);
      assert.equal(yield* keyValue.setIfAbsent("guard", "3"), true);
      yield* keyValue.delete("guard");
      assert.equal(yield* keyValue.setIfAbsent("guard", "4"), true);
      assert.equal(yield* keyValue.get("guard"), "4");
    });

    test("sets a key where its value is the expected one, and nowhere else", function* ({
      stores: { keyValue },
      advance,
    }) {
      assert.equal(yield* keyValue.setIfEqual("key", "1", { expected: "" }), false);
      assert.equal(yield* keyValue.get("key"), undefined);
      yield* keyValue.set("key", "1", { ttlMs: 1000 });
      assert.equal(yield* keyValue.setIfEqual("key", "2", { expected: "11" }), false);
      yield* advance(900);
      assert.equal(yield* keyValue.setIfEqual("key", "2", { expected: "1", ttlMs: 1000 }), true);
      yield* advance(900);
      assert.equal(yield* keyValue.get("key"), "2");
      yield* advance(101);
      assert.equal(yield* keyValue.setIfEqual("key", "3", { expected: "2" }), false);
      yield* keyValue.set("key", "3", { ttlMs: 1000 });
      assert.equal(yield* keyValue.setIfEqual("key", "3", { expected: "3" }), true);
      assert.equal(yield* keyValue.ttlMs("key"), undefined);
    });

    test("changes a value for one of those who expect it at the same time", function* ({
      stores: { keyValue },
    }) {
      yield* keyValue.set("key", "old");
      const won = yield* allOf(
        Array.from({ length: 30 }, (_, at) => keyValue.setIfEqual("key", String(at), { expected: "old" })),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal(yield* keyValue.get("key"), String(won.indexOf(true)));
    });

    test("deletes a key where its value is the given one, and nowhere else", function* ({
      stores: { keyValue },
      advance,
    }) {
      assert.equal(yield* keyValue.deleteIfEqual("key", ""), false);
      yield* keyValue.set("key", "mine");
      assert.equal(yield* keyValue.deleteIfEqual("key", "theirs"), false);
      assert.equal(yield* keyValue.get("key"), "mine");
      assert.equal(yield* keyValue.deleteIfEqual("key", "mine"), true);
      assert.equal(yield* keyValue.get("key"), undefined);
      yield* keyValue.set("key", "mine", { ttlMs: 1000 });
      yield* advance(1001);
      assert.equal(yield* keyValue.deleteIfEqual("key", "mine"), false);
    });

    test("counts every increment, however many ask at the same time", function* ({ stores: { keyValue } }) {
      const numbers = yield* allOf(Array.from({ length: 100 }, () => keyValue.increment("counter")));
      assert.deepEqual(
        numbers.sort((left, right) => left - right),
        Array.from({ length: 100 }, (_, at) => at + 1),
      );
      assert.equal(yield* keyValue.get("counter"), "100");
    });

    test("increments what was set, and keeps its time", function* ({ stores: { keyValue }, advance }) {
      yield* keyValue.set("counter", "-5", { ttlMs: 10_000 });
      assert.equal(yield* keyValue.increment("counter"), -4);
      const leftMs = yield* keyValue.ttlMs("counter");
      assert.ok(leftMs !== undefined && leftMs > 9000 && leftMs <= 10_000, String(leftMs));
      yield* advance(10_001);
      assert.equal(yield* keyValue.increment("counter"), 1);
      assert.equal(yield* keyValue.ttlMs("counter"), undefined);
    });

    test("refuses to increment what is no whole number", function* ({ stores: { keyValue } }) {
      for (const value of [
        "",
        "one",
        "1.5",
        "01",
        " 1",
        "1e3",
        String(Number.MAX_SAFE_INTEGER),
        "9".repeat(16),
      ]) {
        yield* keyValue.set("counter", value);
        const error = yield* failureOf(keyValue.increment("counter"));
        assert.equal(error.code, "VALUE_NOT_A_NUMBER", value);
        assert.equal(yield* keyValue.get("counter"), value);
      }
    });

    test("has a key until its time has passed", function* ({ stores: { keyValue }, advance }) {
      yield* keyValue.set("key", "value", { ttlMs: 1000 });
      yield* keyValue.set("other", "stays");
      yield* advance(900);
      assert.equal(yield* keyValue.get("key"), "value");
      yield* advance(101);
      assert.equal(yield* keyValue.get("key"), undefined);
      assert.equal(yield* keyValue.ttlMs("key"), undefined);
      assert.equal(yield* keyValue.delete("key"), false);
      assert.deepEqual(yield* keyValue.entries(""), [{ key: "other", value: "stays" }]);
    });

    test("tells how much time is left", function* ({ stores: { keyValue }, advance }) {
      yield* keyValue.set("key", "value", { ttlMs: 1000 });
      yield* advance(400);
      const leftMs = yield* keyValue.ttlMs("key");
      assert.ok(leftMs !== undefined && leftMs > 500 && leftMs <= 600, String(leftMs));
      yield* keyValue.set("key", "stays");
      assert.equal(yield* keyValue.ttlMs("key"), undefined);
    });

    test("starts the time anew when the key is set again", function* ({ stores: { keyValue }, advance }) {
      yield* keyValue.set("key", "1", { ttlMs: 1000 });
      yield* keyValue.set("key", "2", { ttlMs: 5000 });
      yield* advance(2000);
      assert.equal(yield* keyValue.get("key"), "2");
      yield* keyValue.set("key", "3");
      yield* advance(10_000);
      assert.equal(yield* keyValue.get("key"), "3");
    });

    test("lists the keys of a prefix in the order of code points", function* ({ stores: { keyValue } }) {
      const keys = ["p", "p:A", "p:a", "p:é", "p:\ufffd", "p:😀", "q"];
      for (const key of keys.toReversed()) yield* keyValue.set(key, key);
      const listed = yield* keyValue.entries("p:");
      assert.deepEqual(
        listed.map(({ key }) => key),
        ["p:A", "p:a", "p:é", "p:\ufffd", "p:😀"],
      );
      assert.equal((yield* keyValue.entries("p")).length, 6);
      assert.equal((yield* keyValue.entries("")).length, 7);
      assert.deepEqual(yield* keyValue.entries("r"), []);
    });

    test("lists page by page", function* ({ stores: { keyValue } }) {
      const keys = Array.from({ length: 25 }, (_, at) => `k${String(at).padStart(2, "0")}`);
      for (const key of keys) yield* keyValue.set(key, "");
      const seen: string[] = [];
      for (let after: string | undefined; ; after = seen.at(-1)) {
        const page = yield* keyValue.entries("k", after === undefined ? { limit: 10 } : { limit: 10, after });
        if (page.length === 0) break;
        assert.ok(page.length <= 10);
        seen.push(...page.map(({ key }) => key));
      }
      assert.deepEqual(seen, keys);
      assert.equal((yield* keyValue.entries("k", { after: "a" })).length, 25);
    });

    test("refuses wrong arguments through the Future", function* ({ stores: { keyValue } }) {
      for (const key of BAD_KEYS as string[]) {
        const calls = [
          keyValue.get(key),
          keyValue.set(key, ""),
          keyValue.delete(key),
          keyValue.increment(key),
          keyValue.setIfAbsent(key, ""),
          keyValue.setIfEqual(key, "", { expected: "" }),
          keyValue.deleteIfEqual(key, ""),
          keyValue.ttlMs(key),
        ];
        for (const call of calls) {
          const error = yield* failureOf(call);
          assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
          assert.match(error.message, /^Cannot .+: .+ wanted$/s);
        }
      }
      for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1" as unknown as number]) {
        assert.ok((yield* failureOf(keyValue.set("key", "", { ttlMs }))) instanceof RangeError);
      }
      for (const limit of [0, -1, 1.5, 10_001, Number.NaN]) {
        assert.ok((yield* failureOf(keyValue.entries("", { limit }))) instanceof RangeError);
      }
      for (const value of [undefined, 1, Buffer.alloc(1)] as unknown as string[]) {
        assert.ok((yield* failureOf(keyValue.set("key", value))) instanceof TypeError);
        assert.ok((yield* failureOf(keyValue.deleteIfEqual("key", value))) instanceof TypeError);
        const expecting = keyValue.setIfEqual("key", "", { expected: value });
        assert.ok((yield* failureOf(expecting)) instanceof TypeError);
      }
      assert.ok((yield* failureOf(keyValue.set("key", "\udc00"))) instanceof RangeError);
      assert.ok(
        (yield* failureOf(keyValue.set("key", "x".repeat(16 * 1024 * 1024 + 1)))) instanceof RangeError,
      );
      assert.deepEqual(yield* keyValue.entries(""), []);
    });

    test("refuses everything once it is closed", function* ({ stores: { keyValue } }) {
      yield* keyValue.set("key", "value");
      yield* keyValue.close();
      yield* keyValue.close();
      for (const call of [keyValue.get("key"), keyValue.set("key", ""), keyValue.entries("")]) {
        assert.equal((yield* failureOf(call)).code, "STORE_CLOSED");
      }
    });
  });
}
