import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRange } from "../../src/web/range.ts";

describe("parseRange()", () => {
  // WEB-013
  for (const [header, size, wanted] of [
    ["bytes=0-3", 10, { start: 0, end: 4 }],
    ["bytes=-3", 10, { start: 7, end: 10 }],
    ["bytes=4-", 10, { start: 4, end: 10 }],
    ["bytes=4-100", 10, { start: 4, end: 10 }],
    ["bytes = 4 - 5 ", 10, { start: 4, end: 6 }],
    ["bytes=20-", 10, "unsatisfiable"],
    ["bytes=10-", 10, "unsatisfiable"],
    ["bytes=5-2", 10, "unsatisfiable"],
    ["bytes=-0", 10, "unsatisfiable"],
    ["bytes=0-", 0, "unsatisfiable"],
    ["bytes=0-9", 10, undefined],
    ["bytes=-20", 10, undefined],
    ["bytes=0-3,5-6", 10, undefined],
    ["bytes=-", 10, undefined],
    ["bytes=a-b", 10, undefined],
    ["bytes=+1-2", 10, undefined],
    ["bytes=1_0-2", 10, undefined],
    ["lines=0-3", 10, undefined],
    ["bytes=0-99999999999999999999", 10, undefined],
    [undefined, 10, undefined],
  ] as const) {
    it(`takes ${header} of ${size} bytes for ${JSON.stringify(wanted) ?? "all"}`, () => {
      assert.deepEqual(parseRange(header, size), wanted);
    });
  }
});
