import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UploadQuestion } from "../../src/model/index.ts";
import {
  acceptsFile,
  destinationKey,
  fileNameProblem,
  isVideoOrImage,
  maxFileNameBytes,
  mediaKind,
  splitFileName,
  stormSurvey,
} from "../../src/model/index.ts";

describe("fileNameProblem()", () => {
  for (const name of [
    "roof.jpg",
    "two words.PNG",
    "a.b.tar.gz",
    "屋顶.jpg",
    "x-1_(2)[3].pdf",
    "..roof.jpg",
    "👩‍🔧.png",
  ]) {
    it(`has nothing against ${JSON.stringify(name)}`, () => {
      assert.equal(fileNameProblem(name), undefined);
    });
  }

  const refused: [string, string, RegExp][] = [
    ["a way out of the folder", "../../etc/passwd.txt", /its name is a path, wanted a plain name/],
    ["a path of another system", "C:\\roof.jpg", /its name is a path/],
    ["a bar", "a|b.jpg", /its name contains "\|", wanted a name without it/],
    ["a comma", "a,b.jpg", /its name contains ",", wanted a name without it/],
    ["NUL", "a\0.jpg", /contains a character that cannot be seen/],
    ["a line end", "a\r\nSet-Cookie: b.jpg", /contains a character that cannot be seen/],
    ["a mark that turns the text round", "a\u202egpj.exe", /contains a character that cannot be seen/],
    ["half a character", "a\ud83d.jpg", /contains a character that cannot be seen/],
    ["300 characters", `${"a".repeat(296)}.jpg`, /its name is 300 bytes long, wanted at most 200/],
    ["298 bytes in 102 characters", `${"屋".repeat(98)}.jpg`, /its name is 298 bytes long/],
    ["no suffix", "roof", /its name has no suffix, wanted one such as ".jpg"/],
    ["an empty suffix", "roof.", /its name has no suffix/],
    ["a suffix of words", "Mr. Miller", /its name has no suffix/],
    ["only a suffix", ".jpg", /its name is only a suffix, wanted a name before ".jpg"/],
    ["two dots", "..", /its name has no suffix/],
    ["nothing", "", /its name is empty/],
    ["only spaces", "   ", /its name is empty/],
  ];
  for (const [what, name, message] of refused) {
    it(`refuses a name with ${what}`, () => {
      const problem = fileNameProblem(name);
      assert.match(problem ?? "", /^Cannot accept file "/);
      assert.match(problem ?? "", message);
    });
  }

  it("shows unseen characters as escapes and cuts a long name", () => {
    assert.match(fileNameProblem("a\u202eb.jpg") ?? "", /"a\\u202eb\.jpg"/);
    assert.ok((fileNameProblem("a".repeat(5000)) ?? "").length < 200);
  });

  it("takes a name of exactly the longest length", () => {
    assert.equal(fileNameProblem(`${"a".repeat(maxFileNameBytes - 4)}.jpg`), undefined);
    assert.notEqual(fileNameProblem(`${"a".repeat(maxFileNameBytes - 3)}.jpg`), undefined);
  });
});

describe("splitFileName()", () => {
  it("cuts at the last dot", () => {
    assert.deepEqual(splitFileName("a.b.tar.gz"), { name: "a.b.tar", suffix: "gz" });
  });

  it("throws SyntaxError for a name that cannot be taken", () => {
    assert.throws(() => splitFileName("roof"), { name: "SyntaxError", message: /has no suffix/ });
  });
});

describe("mediaKind()", () => {
  it("tells images, videos and others by their suffix in any case", () => {
    const names = ["a.JPG", "a.webp", "a.mp4", "a.MOV", "a.pdf", "mp4", "a.mp4.pdf"];
    assert.deepEqual(names.map(mediaKind), ["image", "image", "video", "video", "other", "other", "other"]);
  });
});

describe("isVideoOrImage()", () => {
  it("reads a whole key|filename answer, as the seed does", () => {
    assert.equal(isVideoOrImage("7-Q4-roof-123456.jpg|roof.jpg"), true);
    assert.equal(isVideoOrImage("7-Q6-letter-123456.pdf|letter.pdf"), false);
  });
});

describe("acceptsFile()", () => {
  const pdfQuestion = stormSurvey.questions.find((question) => question.cid === "Q6") as UploadQuestion;

  it("compares suffixes without regard to case", () => {
    assert.equal(acceptsFile(pdfQuestion, "LETTER.PDF"), true);
  });

  it("refuses a suffix that only ends like an accepted one, and a name without any", () => {
    assert.equal(acceptsFile(pdfQuestion, "letter.xpdf"), false);
    assert.equal(acceptsFile(pdfQuestion, "pdf"), false);
  });
});

describe("destinationKey()", () => {
  const parts = { seq: 7, cid: "Q4", name: "roof", random: 123_456, suffix: "jpg" };

  it("joins seq, cid, name, random and suffix", () => {
    assert.equal(destinationKey(parts), "7-Q4-roof-123456.jpg");
  });

  it("leaves the name as its owner wrote it", () => {
    assert.equal(destinationKey({ ...parts, name: "Dach – vorn (1)" }), "7-Q4-Dach – vorn (1)-123456.jpg");
  });

  it("throws RangeError when random has no six digits", () => {
    for (const random of [99_999, 1_000_000, 123_456.5, Number.NaN]) {
      assert.throws(() => destinationKey({ ...parts, random }), { name: "RangeError", message: /random is/ });
    }
  });

  it("throws RangeError when seq is no positive integer", () => {
    for (const seq of [0, -1, 1.5]) {
      assert.throws(() => destinationKey({ ...parts, seq }), { name: "RangeError", message: /seq is/ });
    }
  });

  it("throws SyntaxError when a part would change the key's meaning", () => {
    assert.throws(() => destinationKey({ ...parts, cid: "../Q4" }), {
      name: "SyntaxError",
      message: /cid is/,
    });
    assert.throws(() => destinationKey({ ...parts, name: "../roof" }), {
      name: "SyntaxError",
      message: /is a path/,
    });
    assert.throws(() => destinationKey({ ...parts, suffix: "jpg/x" }), {
      name: "SyntaxError",
      message: /is a path/,
    });
  });
});
