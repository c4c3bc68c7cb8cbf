import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { columnsOf, visible } from "../../src/base/words.ts";

describe("visible()", () => {
  it("keeps what can be seen as it is", () => {
    for (const text of ["fetchUser #2", "grüße", "猫🐈‍⬛", "e\u0301", "🇪🇺", "👍🏽"]) {
      assert.equal(visible(text, 40), text);
    }
  });

  it("escapes what acts on a terminal, turns the line, or has no shape", () => {
    assert.equal(visible("a\n\r\t\u001b[0m\u0000\u007f\u0085", 80), "a\\n\\r\\t\\x1b[0m\\x00\\x7f\\x85");
    assert.equal(visible("\u202e\u200b\u2028\ufeff\ud800", 80), "\\u202e\\u200b\\u2028\\ufeff\\ud800");
    assert.equal(visible("\u0301", 80), "\\u0301");
  });

  it("lets no more marks stand on a letter than can be read", () => {
    assert.equal(visible(`a${"\u0301".repeat(500)}b`, 80), `a${"\u0301".repeat(4)}b`);
  });

  it("cuts to the columns with an ellipsis, through no character", () => {
    assert.equal(visible("abcdef", 6), "abcdef");
    assert.equal(visible("abcdefg", 6), "abcde…");
    assert.equal(visible("猫猫猫猫", 6), "猫猫…");
    assert.equal(visible("a\nbcd", 4), "a\\n…");
    assert.equal(visible("x".repeat(10_000), 5), "xxxx…");
    assert.equal(visible("abcdefg", 6, true), "abc...");
  });

  it("has ASCII alone when asked", () => {
    assert.equal(visible("né🐈", 40, true), "n\\xe9\\u{1f408}");
  });
});

describe("columnsOf()", () => {
  it("counts two for wide characters and emoji, and none for marks", () => {
    assert.equal(columnsOf("abc"), 3);
    assert.equal(columnsOf("猫"), 2);
    assert.equal(columnsOf("ｆ"), 2);
    assert.equal(columnsOf("한글"), 4);
    assert.equal(columnsOf("e\u0301x"), 2);
    assert.equal(columnsOf("🐈‍⬛"), 2);
    assert.equal(columnsOf("🇪🇺"), 2);
    assert.equal(columnsOf("❤️"), 2);
    assert.equal(columnsOf("│█⋮"), 3);
  });
});
