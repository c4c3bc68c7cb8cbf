import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Texts } from "../../src/trace/texts.ts";

describe("Texts", () => {
  it("gives one text one number, and others others", () => {
    const texts = new Texts(1000);
    const one = texts.number("one");
    const two = texts.number("two");
    assert.notEqual(one, two);
    assert.deepEqual([texts.number("one"), texts.number("two"), texts.number("two")], [one, two, two]);
    assert.deepEqual([texts.text(one), texts.text(two)], ["one", "two"]);
  });

  it("has 0 for the empty text", () => {
    assert.equal(new Texts(10).number(""), 0);
  });

  it("forgets passing texts when there are too many, the oldest first", () => {
    const texts = new Texts(80);
    const numbers = ["aaaa", "bbbb", "cccc"].map((text) => texts.pass(text));
    assert.deepEqual(
      numbers.map((number) => texts.text(number)),
      [undefined, "bbbb", "cccc"],
    );
  });

  it("forgets passing texts that have no characters, too", () => {
    const texts = new Texts(100);
    const numbers = Array.from({ length: 5 }, () => texts.pass(""));
    assert.deepEqual(
      numbers.map((number) => texts.text(number)),
      [undefined, undefined, "", "", ""],
    );
  });

  it("cuts a passing text that is longer than half of the room for all", () => {
    const texts = new Texts(100);
    assert.equal(texts.text(texts.pass("a".repeat(80))), `${"a".repeat(49)}…`);
  });

  it("has a bound for texts that come again, too, and lets the others pass", () => {
    const texts = new Texts(100);
    const numbers = Array.from({ length: 20_000 }, (_, at) => texts.number(`text ${at}`));
    assert.equal(texts.text(numbers[0] as number), "text 0");
    assert.equal(texts.text(numbers[19_999] as number), "text 19999");
    assert.equal(texts.text(numbers[10_000] as number), undefined);
  });
});
