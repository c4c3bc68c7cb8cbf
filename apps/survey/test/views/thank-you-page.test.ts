import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { thankYouPage } from "../../src/views/index.ts";
import { find, findOne } from "./page-reader.ts";
import { evil, evilFile, respondent, survey, unfinished } from "./samples.ts";

describe("thankYouPage()", () => {
  const page = thankYouPage({ survey, respondent });

  it("tells the respondent's number", () => {
    assert.match(findOne(page, "main").text, /You are respondent number 7\./);
  });

  it("lists the old and the new name of each renamed file, with a link", () => {
    const { text } = findOne(page, "section", { "aria-labelledby": "renamed" });
    assert.match(text, /2 files stored under a new name/);
    assert.ok(text.includes(`${evilFile} is now 7-Q3-${evil}-111111.png`));
    assert.ok(text.includes("letter.pdf is now 7-Q3-letter-222222.pdf"));
    assert.equal(find(page, "a", { href: "/files/7-Q3-letter-222222.pdf" }).length, 1);
    assert.equal(
      find(page, "a", { href: `/files/${encodeURIComponent(`7-Q3-${evil}-111111.png`)}` }).length,
      1,
    );
  });

  it("names each failed file with the reason, and does not list it as renamed", () => {
    const { text } = findOne(page, "section", { "aria-labelledby": "failed" });
    assert.match(text, /1 file could not be renamed/);
    assert.ok(text.includes("late.mp4"));
    assert.ok(text.includes(`No answer ${evil}`));
    assert.ok(!findOne(page, "section", { "aria-labelledby": "renamed" }).text.includes("late.mp4"));
  });

  it("says that pictures go to review, and counts no other files", () => {
    assert.match(
      findOne(page, "main").text,
      /One photo or video goes to review; until a person has decided, the results show it as in review\./,
    );
  });

  it("shows neither list for a respondent without files", () => {
    assert.equal(find(thankYouPage({ survey, respondent: unfinished }), "section").length, 0);
  });
});
