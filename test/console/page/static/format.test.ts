import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  columns,
  count,
  duration,
  plain,
  shortLine,
  timed,
} from "../../../../src/console/page/static/format.js";
import { formatRoute, parseRoute } from "../../../../src/console/page/static/route.js";

describe("duration()", () => {
  for (const [ms, text] of [
    [0, "0 µs"],
    [0.0123, "12 µs"],
    [0.0996, "0.1 ms"],
    [9.94, "9.9 ms"],
    [9.96, "10 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min"],
    [119_999, "2 min"],
    [90_000, "1 min 30 s"],
    [3_600_000, "1 h"],
    [5_400_000, "1 h 30 min"],
    [172_800_000, "2 d"],
    [undefined, ""],
  ] as const) {
    it(`says ${String(ms)} ms as "${text}"`, () => {
      assert.equal(duration(ms), text);
    });
  }
});

describe("plain()", () => {
  it("shows control characters as signs", () => {
    assert.equal(plain("a\u0000b\nc\u001b[31md"), "a\u2400b\u240ac\u241b[31md");
  });

  it("shows what turns the direction of writing as a sign", () => {
    assert.equal(plain("a\u202eb\u2066c\u200fd"), "a\ufffdb\ufffdc\ufffdd");
  });

  it("cuts what is longer than a line", () => {
    assert.equal(plain("x".repeat(10_000)), `${"x".repeat(120)}…`);
  });
});

describe("the small formats", () => {
  it("put thousands apart", () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
  });

  it("say milliseconds in words as durations", () => {
    assert.equal(timed("sleep, 3600000 ms left"), "sleep, 1 h left");
  });

  it("keep the last folder of a path", () => {
    assert.equal(shortLine("packages/shop/src/app.ts:13:5"), "…/src/app.ts:13");
    assert.equal(shortLine("src/app.ts:13:5"), "src/app.ts:13");
  });

  it("align columns, numbers to the right", () => {
    assert.equal(
      columns([
        [1, "a", "x"],
        [10, "bcd", ""],
      ]),
      " 1  a    x\n10  bcd",
    );
  });
});

describe("parseRoute()", () => {
  it("is undone by formatRoute()", () => {
    const query = { filter: 'fn:a* on:"b & c?#"', rec: "r1" };
    assert.deepEqual(parseRoute(formatRoute("tree", query)), { view: "tree", query });
  });

  it("leads to the overview without a word", () => {
    for (const hash of ["", "#", "#/"]) assert.equal(parseRoute(hash).view, "overview");
  });

  it("leaves out what is empty", () => {
    assert.equal(formatRoute("tree", { filter: "", rec: undefined, at: 0 }), "#/tree?at=0");
  });
});
