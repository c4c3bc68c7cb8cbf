import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Row } from "../../bench/row.ts";
import { formatFigure, formatRatio, toCells, toMarkdown, toNotes, toText } from "../../tools/bench-table.mjs";

const call: Row = {
  title: "call",
  unit: "us",
  figures: { gyre: 12, native: 6, Effect: 90 },
  ratios: { native: 0.5, Effect: 7.5 },
  goals: [{ against: "native", atLeast: 1 }],
  versions: {},
  absent: ["Tornado"],
};

function verdictOf(row: Partial<Row>): string | undefined {
  return toCells([{ ...call, ...row }])[1]?.at(-1);
}

describe("formatRatio()", () => {
  it("shows fewer digits the greater the ratio", () => {
    assert.deepEqual([0.614, 1.957, 4.26, 262.66].map(formatRatio), ["0.61x", "1.96x", "4.3x", "263x"]);
  });

  it("shows a dash where nothing was measured", () => {
    assert.equal(formatRatio(undefined), "-");
  });
});

describe("formatFigure()", () => {
  it("shows many microseconds as milliseconds", () => {
    assert.equal(formatFigure(12.34, "us"), "12.3 us");
    assert.equal(formatFigure(417.3, "us"), "417 us");
    assert.equal(formatFigure(13_321, "us"), "13.3 ms");
  });

  it("shows bytes without a fraction, and kilobytes with one", () => {
    assert.equal(formatFigure(39, "B"), "39 B");
    assert.equal(formatFigure(18.905, "kB"), "18.9 kB");
  });
});

describe("toCells()", () => {
  it("has no columns for peers that none of the rows has", () => {
    const cost: Row = { ...call, unit: "%", figures: { gyre: 3.21 }, ratios: {}, goals: [{ atMost: 5 }] };
    assert.deepEqual(toCells([cost]), [
      ["", "gyre", "goal", "holds"],
      ["call", "3.2 %", "<= 5 %", "yes"],
    ]);
    assert.equal(toMarkdown(toCells([cost])).split("\n")[1], "| ---- | ----: | ------ | ----- |");
  });

  it("gives gyre's figure, a ratio for each peer in the order of the columns, and the goal", () => {
    const [heading, line] = toCells([call]);
    assert.equal(heading?.length, line?.length);
    assert.deepEqual(heading?.slice(1, 5), ["gyre", "native", "co", "bluebird"]);
    assert.deepEqual(line, [
      "call",
      "12.0 us",
      "0.50x",
      "-",
      "-",
      "7.5x",
      "-",
      "-",
      "-",
      "native >= 1x",
      "not against native",
    ]);
  });

  it("leaves out a contender that has no column", () => {
    const [, line] = toCells([{ ...call, ratios: { native: 0.5, "Effect, eager": 3.25 } }]);
    assert.equal(line?.includes("3.3x"), false);
  });

  it("says that a goal holds when each of its ratios is reached", () => {
    const goals = [
      { against: "native", atLeast: 0.5 },
      { against: "Effect", atLeast: 5 },
    ];
    assert.equal(verdictOf({ goals }), "yes");
  });

  it("says against whom a goal does not hold", () => {
    const goals = [
      { against: "native", atLeast: 1 },
      { against: "Effect", atLeast: 5 },
    ];
    assert.equal(verdictOf({ goals }), "not against native");
  });

  it("compares with every library, and with native not, where the goal is against libraries", () => {
    const goals = [{ against: "libraries", atLeast: 1 }];
    const ratios = { native: 0.5, co: 1.1, bluebird: 0.9, Tornado: 30 };
    assert.equal(verdictOf({ goals, ratios }), "not against bluebird");
    assert.equal(verdictOf({ goals, ratios: { ...ratios, bluebird: 1.2 } }), "yes");
  });

  it("compares gyre's own figure with a goal that is one", () => {
    assert.equal(verdictOf({ goals: [{ atMost: 12 }] }), "yes");
    assert.equal(verdictOf({ goals: [{ atMost: 11 }] }), "no");
  });

  it("says nothing about a row without a goal", () => {
    assert.equal(verdictOf({ goals: [] }), "");
  });

  it("does not count a goal against one that was not measured", () => {
    assert.equal(verdictOf({ goals: [{ against: "Tornado", atLeast: 5 }] }), "yes");
  });
});

describe("toMarkdown()", () => {
  it("draws a table with figures to the right", () => {
    assert.equal(
      toMarkdown([
        ["", "gyre"],
        ["call", "12.0 us"],
      ]),
      ["|      |    gyre |", "| ---- | ------: |", "| call | 12.0 us |"].join("\n"),
    );
  });
});

describe("toText()", () => {
  it("draws the same cells under each other, without blanks at the end", () => {
    assert.equal(toText(toCells([call])).split("\n").length, 2);
    assert.equal(
      toText([
        ["", "gyre"],
        ["call", "12.0 us"],
      ]),
      "           gyre\n  call  12.0 us",
    );
  });
});

describe("toNotes()", () => {
  it("names the versions, also those that only a row knows", () => {
    const [versions] = toNotes([{ ...call, versions: { Tornado: "6.2" }, absent: [] }], { Node: "20.1.0" });
    assert.equal(versions, "Node 20.1.0, Tornado 6.2.");
  });

  it("says once who is not on this machine", () => {
    assert.deepEqual(toNotes([call, call], { Node: "20.1.0" }).slice(1), [
      "Tornado is not on this machine: see CONTRIBUTING.md.",
    ]);
  });
});
