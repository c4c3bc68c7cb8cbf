import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FilterError, parseFilter } from "../../../../src/console/page/static/filter.js";
import { makeRow } from "../sources.ts";

const rows = [
  makeRow({ id: 1, name: "fetchUser", on: [2], at: "src/app.ts:13:5", ageMs: 7000, labels: ["req-7"] }),
  makeRow({ id: 2, name: "readCache", ownerId: 1, on: ["sleep 20 ms"], ageMs: 300 }),
  makeRow({ id: 3, name: "fetchOrders", state: "ready", on: [], ageMs: 61_000 }),
  makeRow({ id: 4, name: "worker", on: ["an item of a queue"], ageMs: undefined }),
];

/** The ids of what a filter lets through. */
function found(text: string): number[] {
  return rows.filter(parseFilter(text)).map(({ id }) => id);
}

describe("parseFilter()", () => {
  for (const [text, wanted] of [
    ["", [1, 2, 3, 4]],
    ["  ", [1, 2, 3, 4]],
    ["state:waiting", [1, 2, 4]],
    ["state:ready,running", [3]],
    ["fn:fetch*", [1, 3]],
    ["fn:*d*C*", [2]],
    ["fn:etch", [1, 3]],
    ["FN:FETCHUSER", [1]],
    ["age>5s", [1, 3]],
    ["age>=7s", [1, 3]],
    ["age<500ms", [2]],
    ["age>1min", [3]],
    ["on:sleep", [2]],
    ["on:#2", [1]],
    ['on:"item of"', [4]],
    ["at:app.ts", [1]],
    ["label:req-7", [1]],
    ["id:3", [3]],
    ["id:#3", [3]],
    ["owner:1", [2]],
    ["-state:waiting", [3]],
    ["-fn:fetch* -on:sleep", [4]],
    ["state:waiting fn:fetch* age>5s", [1]],
    ["cache", [2]],
    ["req-7", [1]],
    ['"of a queue"', [4]],
  ] as const) {
    it(`finds ${wanted.join(", ")} by "${text}"`, () => {
      assert.deepEqual(found(text), wanted);
    });
  }

  for (const [text, message] of [
    ["state:asleep", 'Cannot read state:asleep: "asleep" is no state, running, ready, waiting is wanted'],
    ["age>soon", 'Cannot read age>soon: "soon" is no duration, one such as 200ms, 5s or 2min is wanted'],
    ["age>5", 'Cannot read age>5: "5" is no duration, one such as 200ms, 5s or 2min is wanted'],
    ["age:5s", "Cannot read age:5s: an age is compared, age>5s or age<5s is wanted"],
    ["fn>5", 'Cannot read fn>5: ">" compares ages only, "fn:" is wanted'],
    ["fn:", 'Cannot read fn:: nothing follows ":", a value is wanted'],
    ["id:x", 'Cannot read id:x: "x" is no number, id:12 is wanted'],
    ['on:"sleep', 'Cannot read on:"sleep: a quote is open, a closing " is wanted'],
    [
      "name:x",
      'Cannot read name:x: "name" is no field, one of state, id, owner, age, fn, on, at, label is wanted',
    ],
  ] as const) {
    it(`says what is wrong with "${text}"`, () => {
      assert.throws(() => parseFilter(text), { name: "FilterError", message });
    });
  }

  it("knows what waits for a coroutine by its name, where that is known", () => {
    const names = new Map([[2, "readCache"]]);
    const test = parseFilter("on:readCache*", (id) => names.get(id));
    assert.deepEqual(
      rows.filter(test).map(({ id }) => id),
      [1],
    );
  });

  it("names the wrong term among others", () => {
    assert.throws(
      () => parseFilter("fn:a age>x on:b"),
      (error: unknown) => error instanceof FilterError && error.term === "age>x",
    );
  });

  it("matches a pattern of many stars on a long name at once", () => {
    const row = makeRow({ id: 1, name: "a".repeat(10_000) });
    assert.equal(parseFilter(`fn:${"*a".repeat(50)}*b`)(row), false);
    assert.equal(parseFilter(`fn:${"*a".repeat(50)}*`)(row), true);
  });

  it("does not let the ends of a pattern overlap", () => {
    assert.equal(parseFilter("fn:ab*ba")(makeRow({ id: 1, name: "aba" })), false);
    assert.equal(parseFilter("fn:ab*b*ba")(makeRow({ id: 1, name: "abba" })), false);
  });
});
