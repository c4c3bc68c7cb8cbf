import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  formatFileAnswer,
  formatFileAnswers,
  parseFileAnswer,
  parseFileAnswers,
} from "../../src/model/index.ts";

const list = "tmp/1f0a|roof.jpg,tmp/2b7c|wall front.PNG";
const files = [
  { key: "tmp/1f0a", filename: "roof.jpg" },
  { key: "tmp/2b7c", filename: "wall front.PNG" },
];

describe("parseFileAnswers()", () => {
  it("reads every file of a list", () => {
    assert.deepEqual(parseFileAnswers(list), files);
  });

  it("reads the empty text as no files", () => {
    assert.deepEqual(parseFileAnswers(""), []);
  });

  for (const broken of [",", "k|a.jpg,", ",k|a.jpg", "k|a.jpg,,k2|b.jpg"]) {
    it(`throws SyntaxError for the empty entry in ${JSON.stringify(broken)}`, () => {
      assert.throws(() => parseFileAnswers(broken), {
        name: "SyntaxError",
        message: /it has 0 "\|", wanted key\|filename/,
      });
    });
  }
});

describe("parseFileAnswer()", () => {
  const broken: [string, RegExp][] = [
    ["roof.jpg", /Cannot read file answer "roof\.jpg": it has 0 "\|"/],
    ["a|b|c.jpg", /it has 2 "\|"/],
    ["|roof.jpg", /its key is empty/],
    ["key|", /its name is empty/],
    ["key|roof", /its name has no suffix/],
    ["../../etc/passwd|roof.jpg", /its key leads out of the store/],
    ["/etc/passwd|roof.jpg", /its key leads out of the store/],
    ["tmp//x|roof.jpg", /its key leads out of the store/],
    ["tmp\\..\\x|roof.jpg", /its key leads out of the store/],
    ["tmp/\u0000x|roof.jpg", /its key contains a character that cannot be seen/],
    [`${"k".repeat(401)}|roof.jpg`, /its key is too long, wanted at most 400 bytes/],
    ["a,b|roof.jpg", /its key contains/],
  ];
  for (const [text, message] of broken) {
    it(`throws SyntaxError for ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => parseFileAnswer(text), { name: "SyntaxError", message });
    });
  }
});

describe("formatFileAnswers()", () => {
  it("writes what parseFileAnswers() reads", () => {
    assert.equal(formatFileAnswers(files), list);
    assert.equal(formatFileAnswers([]), "");
  });

  it("throws SyntaxError for a file that could not be read back", () => {
    assert.throws(() => formatFileAnswers([{ key: "k", filename: "a,b.jpg" }]), {
      name: "SyntaxError",
      message: /","/,
    });
    assert.throws(() => formatFileAnswer({ key: "k|l", filename: "b.jpg" }), {
      name: "SyntaxError",
      message: /Cannot write file answer "k\|l\|b\.jpg": its key contains/,
    });
  });
});
