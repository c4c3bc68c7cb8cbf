import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stormSurvey, talkSurvey } from "../../src/model/index.ts";
import { indexPage } from "../../src/views/index.ts";
import { find, findOne } from "./page-reader.ts";

const page = indexPage({
  surveys: [
    { survey: stormSurvey, responseCount: 1 },
    { survey: talkSurvey, responseCount: 0 },
  ],
  pendingCount: 2,
});

describe("indexPage()", () => {
  it("says what to try first: the first survey that takes files", () => {
    const { text } = findOne(page, "p", { class: "lede" });
    assert.match(text, /^Try this first: fill in Neighbourhood damage report after the storm, add a photo/);
  });

  it("links each survey's form and results", () => {
    for (const shortId of ["storm25", "talk25"]) {
      assert.ok(find(page, "a", { href: `/s/${shortId}` }).length > 0);
      assert.equal(find(page, "a", { href: `/s/${shortId}/results` }).length, 1);
    }
  });

  it("counts questions, questions for files, and answers", () => {
    const facts = find(page, "ul", { class: "facts" }).map(({ text }) => text.trim().split(/\s*\n\s*/));
    assert.deepEqual(facts, [
      ["7 questions", "3 of them take files", "1 answer"],
      ["4 questions", "takes files", "no answers yet"],
    ]);
  });

  it("tells how many files wait for review", () => {
    const { text } = findOne(page, "a", { class: "strip" });
    assert.match(text, /2 files to review\./);
    assert.match(text, /until then the results show it as in review\./);
    const idle = indexPage({ surveys: [], pendingCount: 0 });
    assert.match(findOne(idle, "a", { class: "strip" }).text, /Nothing waits for review\./);
  });

  it("links the console where there is one", () => {
    const consoleUrl = "http://127.0.0.1:4000/";
    const watched = indexPage({ surveys: [], pendingCount: 0, consoleUrl });
    assert.match(findOne(watched, "a", { href: consoleUrl }).text, /Watch this service live/);
    assert.doesNotMatch(page, /Watch this service/);
  });

  it("says so when there is no survey", () => {
    assert.match(findOne(indexPage({ surveys: [], pendingCount: 0 }), "main").text, /No survey yet/);
  });
});
