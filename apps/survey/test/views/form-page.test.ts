import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stormSurvey, talkSurvey } from "../../src/model/index.ts";
import type { FormPageData } from "../../src/views/index.ts";
import { formPage } from "../../src/views/index.ts";
import { find, findOne, readPage } from "./page-reader.ts";
import { evil, startedAtMs, survey } from "./samples.ts";

const submissionToken = "token-1";
const data: FormPageData = {
  survey: stormSurvey,
  startedAtMs,
  submissionToken,
  maxFileBytes: 50_000_000,
};
const page = formPage(data);

describe("formPage()", () => {
  it("posts multipart to the survey's own address, so that it works without script", () => {
    const { attributes } = findOne(page, "form");
    assert.equal(attributes.get("method"), "post");
    assert.equal(attributes.get("action"), "/s/storm25");
    assert.equal(attributes.get("enctype"), "multipart/form-data");
  });

  it("tells the client script where uploads go and how large they may be", () => {
    const { attributes } = findOne(page, "form");
    assert.equal(attributes.get("data-upload-url"), "/api/uploads");
    assert.equal(attributes.get("data-survey"), "storm-damage-2025");
    assert.equal(attributes.get("data-max-file-bytes"), "50000000");
    assert.equal(findOne(page, "script").attributes.get("src"), "/static/survey.js");
  });

  it("sends back when it was opened", () => {
    assert.equal(
      findOne(page, "input", { name: "startedAtMs" }).attributes.get("value"),
      String(startedAtMs),
    );
  });

  it("sends its token back, which the browser must not fill in from before", () => {
    const { attributes } = findOne(page, "input", { name: "submissionToken" });
    assert.equal(attributes.get("value"), "token-1");
    assert.equal(attributes.get("autocomplete"), "off");
  });

  it("is sent to another address when it is given one", () => {
    const other = findOne(formPage({ ...data, action: "/legacy/s/storm25" }), "form");
    assert.equal(other.attributes.get("action"), "/legacy/s/storm25");
  });

  it("renders a text question as a field of its length", () => {
    const { attributes } = findOne(page, "input", { name: "answer:Q1" });
    assert.equal(attributes.get("type"), "text");
    assert.equal(attributes.get("maxlength"), "120");
    assert.ok(attributes.has("required"));
  });

  it("renders a text question of several lines as a textarea", () => {
    const { attributes } = findOne(page, "textarea", { name: "answer:Q7" });
    assert.equal(attributes.get("maxlength"), "1000");
    assert.ok(!attributes.has("required"));
  });

  it("renders a choice of several as boxes, none of them required by itself", () => {
    const boxes = find(page, "input", { name: "answer:Q2", type: "checkbox" });
    assert.deepEqual(
      boxes.map(({ attributes }) => attributes.get("value")),
      ["roof", "window", "tree", "power", "flood"],
    );
    assert.ok(boxes.every(({ attributes }) => !attributes.has("required")));
  });

  it("renders a choice of one as radio buttons", () => {
    const buttons = find(page, "input", { name: "answer:Q3", type: "radio" });
    assert.equal(buttons.length, 3);
    assert.ok(buttons.every(({ attributes }) => attributes.has("required")));
  });

  it("renders an upload question as a real file input with its suffixes", () => {
    const { attributes } = findOne(page, "input", { name: "file:Q4" });
    assert.equal(attributes.get("type"), "file");
    assert.equal(attributes.get("accept"), ".jpg,.jpeg,.png,.webp,.gif");
    assert.ok(attributes.has("multiple"));
    assert.ok(attributes.has("required"));
    assert.ok(page.includes("Up to 5 files, .jpg, .jpeg, .png, .webp or .gif, at most 50 MB each."));
  });

  it("lets one file only be picked where one is asked for", () => {
    assert.ok(!findOne(page, "input", { name: "file:Q5" }).attributes.has("multiple"));
  });

  it("marks the optional questions, and those only", () => {
    const marked = stormSurvey.questions.filter((question) => {
      const frame = readPage(page).find(
        ({ attributes }) => attributes.get("id") === `question-${question.cid}`,
      );
      return frame?.text.includes("optional");
    });
    assert.deepEqual(
      marked.map((question) => question.cid),
      ["Q5", "Q6", "Q7"],
    );
  });

  it("shows no problem on the first visit, but has a place for each", () => {
    const places = find(page, "p", { class: "problem" });
    assert.equal(places.length, stormSurvey.questions.length);
    assert.ok(places.every(({ attributes, text }) => attributes.has("hidden") && text === ""));
    assert.equal(find(page, "div", { "data-summary": "" }).length, 0);
  });

  it("announces uploads politely", () => {
    assert.equal(findOne(page, "p", { "aria-live": "polite" }).text, "");
  });

  it("renders each sample survey with a frame for each question", () => {
    for (const each of [stormSurvey, talkSurvey]) {
      const framed = readPage(formPage({ ...data, survey: each })).flatMap(
        ({ attributes }) => attributes.get("data-question") ?? [],
      );
      assert.deepEqual(
        framed,
        each.questions.map((question) => question.cid),
      );
    }
  });
});

describe("formPage() after a form with problems", () => {
  const again = formPage({
    survey,
    startedAtMs,
    submissionToken,
    maxFileBytes: 1_000_000,
    fields: {
      "answer:Q1": [`Ann ${evil}`],
      "answer:Q2": ["blue"],
      "answer:Q3": ["tmp/1|a.png,tmp/2|b.pdf", "not readable"],
      "answer:Q4": ["\nsecond line </textarea>"],
    },
    problems: [
      { cid: "Q1", message: "Too long" },
      { cid: "Q9", message: 'This survey has no question "Q9"' },
    ],
  });

  it("keeps the texts, a leading line end included", () => {
    assert.equal(findOne(again, "input", { name: "answer:Q1" }).attributes.get("value"), `Ann ${evil}`);
    // The first line end belongs to the markup.
    assert.equal(findOne(again, "textarea").text, "\n\nsecond line </textarea>");
  });

  it("keeps the chosen options", () => {
    const chosen = find(again, "input", { name: "answer:Q2" }).filter(({ attributes }) =>
      attributes.has("checked"),
    );
    assert.deepEqual(
      chosen.map(({ attributes }) => attributes.get("value")),
      ["blue"],
    );
  });

  it("keeps each readable file in a box that can be cleared, and demands no new one", () => {
    const kept = find(again, "input", { name: "answer:Q3", type: "checkbox" });
    assert.deepEqual(
      kept.map(({ attributes }) => [
        attributes.get("value"),
        attributes.get("data-kept"),
        attributes.has("checked"),
      ]),
      [
        ["tmp/1|a.png", "a.png", true],
        ["tmp/2|b.pdf", "b.pdf", true],
      ],
    );
    assert.ok(!findOne(again, "input", { name: "file:Q3" }).attributes.has("required"));
  });

  it("puts a problem beside its question and marks the field", () => {
    const { attributes, text } = findOne(again, "p", { id: "problem-Q1" });
    assert.equal(text, "Too long");
    assert.ok(!attributes.has("hidden"));
    assert.equal(findOne(again, "input", { name: "answer:Q1" }).attributes.get("aria-invalid"), "true");
  });

  it("lists all problems on top, with links to the questions there are", () => {
    const { text } = findOne(again, "div", { "data-summary": "" });
    assert.match(text, /2 answers need a second look/);
    assert.match(text, /Too long/);
    assert.match(text, /This survey has no question "Q9"/);
    assert.equal(find(again, "a", { href: "#question-Q1" }).length, 1);
    assert.equal(find(again, "a", { href: "#question-Q9" }).length, 0);
    assert.match(findOne(again, "title").text, /^Please check: /);
  });
});
