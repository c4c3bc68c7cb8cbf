import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Decision, Respondent } from "../../src/model/index.ts";
import { resultsPage } from "../../src/views/index.ts";
import { find, findOne, readPage } from "./page-reader.ts";
import { evil, oids, respondent, survey, unfinished } from "./samples.ts";

function pageOf(respondents: readonly Respondent[], decisions: [string, Decision][] = []): string {
  return resultsPage({ survey, respondents, decisions: new Map(decisions) });
}

describe("resultsPage()", () => {
  const page = pageOf([respondent, unfinished]);

  it("counts respondents, finished ones, files and failed files", () => {
    const tiles = findOne(page, "dl", { class: "tiles" }).text.replace(/\s+/g, " ").trim();
    assert.equal(tiles, "respondents2 finished1 files3 not renamed1");
  });

  it("has a row for each respondent and a cell for each question", () => {
    assert.equal(find(page, "tr").length, 3);
    assert.equal(find(page, "th", { scope: "col" }).length, 1 + survey.questions.length);
    assert.equal(find(page, "td").length, 2 * survey.questions.length);
  });

  it("shows the answers of every kind", () => {
    const cells = find(page, "td").map(({ text }) => text);
    assert.equal(cells[0], `Ann ${evil}`);
    assert.equal(cells[1], `Red ${evil}`);
    assert.equal(cells[3], `one\n${evil}`);
    assert.equal(cells[4], "–");
  });

  it("says how long it took, or that it is not finished", () => {
    const heads = find(page, "th", { scope: "row" }).map(({ text }) => text);
    assert.match(heads[0] ?? "", /23 Nov 2025, 06:03 UTC\s*took 2 min 10 s/);
    assert.match(heads[1] ?? "", /not finished/);
  });

  it("links to renamed files and names the failed one without a link", () => {
    assert.equal(find(page, "a", { href: "/files/7-Q3-letter-222222.pdf" }).length, 1);
    const failed = find(page, "li").filter(({ text }) => text.startsWith("late.mp4"));
    assert.equal(failed.length, 1);
    assert.ok(failed[0]?.text.includes(`not renamed${`No answer ${evil}`}`));
    assert.ok(readPage(page).every(({ attributes }) => attributes.get("href") !== "/files/tmp/2"));
  });

  it("marks pictures as in review until something is decided", () => {
    const key = `7-Q3-${evil}-111111.png`;
    const badges = (html: string): string[] =>
      readPage(html)
        .filter(({ tag, attributes }) => tag === "span" && attributes.get("class")?.startsWith("badge"))
        .map(({ text }) => text);
    assert.deepEqual(badges(page), ["in review", "not renamed"]);
    assert.deepEqual(badges(pageOf([respondent], [[key, "approved"]])), ["approved", "not renamed"]);
    assert.deepEqual(badges(pageOf([respondent], [[key, "rejected"]])), ["rejected", "not renamed"]);
  });

  it("draws a bar for each option by the share of those who answered", () => {
    const blue: Respondent = { ...unfinished, answer: { [oids.choice]: { blue: "Blue" } } };
    const both: Respondent = { ...unfinished, answer: { [oids.choice]: { red: "Red", blue: "Blue" } } };
    const bars = pageOf([respondent, unfinished, blue, both]);
    assert.deepEqual(
      find(bars, "rect", { class: "bar-fill" }).map(({ attributes }) => attributes.get("width")),
      ["67%", "67%"],
    );
    assert.match(findOne(bars, "figcaption").text, /3 answers, several choices each/);
  });

  it("draws no bar for an option that nobody chose", () => {
    assert.deepEqual(
      find(page, "rect", { class: "bar-fill" }).map(({ attributes }) => attributes.get("width")),
      ["100%"],
    );
    assert.equal(find(page, "rect", { class: "bar-back" }).length, 2);
  });

  it("invites to fill in the survey when there is no answer yet", () => {
    const empty = pageOf([]);
    assert.match(findOne(empty, "main").text, /No answers yet/);
    assert.equal(find(empty, "table").length, 0);
    assert.equal(find(empty, "a", { href: "/s/evil1" }).length, 1);
  });
});
