import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { shellWord } from "../../src/base/shell-word.ts";
import { visible } from "../../src/base/words.ts";

describe("shellWord()", () => {
  it("leaves alone what no shell takes for anything else", () => {
    for (const text of ["src/a-b_c.ts", "a@1:2,3", "--flag=50%"]) assert.equal(shellWord(text), text);
  });

  it("quotes what can be seen as it is", () => {
    assert.equal(shellWord("a b"), "'a b'");
    assert.equal(shellWord("it's"), "'it'\\''s'");
    assert.equal(shellWord("grüße 猫🐈‍⬛ e\u0301"), "'grüße 猫🐈‍⬛ e\u0301'");
    assert.equal(shellWord(""), "''");
  });

  it("escapes the bytes of what cannot be seen", () => {
    assert.equal(shellWord("a\u001b[2J\\'b"), "$'a\\x1b[2J\\\\\\'b'");
    assert.equal(shellWord("a\u0085b"), "$'a\\xc2\\x85b'");
    assert.equal(shellWord("a\u00a0b"), "$'a\\xc2\\xa0b'");
    assert.equal(shellWord("a\u{e0001}b"), "$'a\\xf3\\xa0\\x80\\x81b'");
  });

  const unseen = [
    "a\u0085b\u00a0c",
    "\u200b\u00ad9",
    "\ufeff'\\\n\t",
    "\u0301x\u3164",
    `${"e\u0301".repeat(2)}\u2028`,
  ];
  it("gives what is shown as it is", () => {
    for (const text of unseen) assert.equal(visible(shellWord(text), 1000), shellWord(text));
  });

  it("is read by bash as the text, in any locale", () => {
    for (const LC_ALL of ["C", "C.UTF-8"]) {
      for (const text of [...unseen, "a b", "it's", ""]) {
        const env = { ...process.env, LC_ALL };
        const read = execFileSync("bash", ["-c", `printf %s ${shellWord(text)}`], { env, encoding: "utf8" });
        assert.equal(read, text);
      }
    }
  });
});
