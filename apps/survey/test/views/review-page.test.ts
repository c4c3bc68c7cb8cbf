import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseReviewTask } from "../../src/model/index.ts";
import { reviewPage } from "../../src/views/index.ts";
import { find, findOne } from "./page-reader.ts";
import { evil, evilFile, reviewItem, reviewTask, startedAtMs } from "./samples.ts";

const image = reviewItem(`7-Q3-${evil}-111111.png`, evilFile);
const video = reviewItem("7-Q3-late-333333.mp4", "late.mp4");
const decided = [
  { task: reviewTask("7-Q3-a-444444.png", "a.png"), decision: "approved", decidedAtMs: startedAtMs },
  { task: reviewTask("7-Q3-b-555555.png", "b.png"), decision: "rejected", decidedAtMs: startedAtMs },
] as const;
const page = reviewPage({ pending: [image, video], pendingCount: 5, decided });

describe("reviewPage()", () => {
  it("shows images as images and videos with controls", () => {
    assert.equal(
      findOne(page, "img").attributes.get("src"),
      `/files/${encodeURIComponent(image.task.file.key)}`,
    );
    const { attributes } = findOne(page, "video");
    assert.equal(attributes.get("src"), "/files/7-Q3-late-333333.mp4");
    assert.ok(attributes.has("controls"));
  });

  it("tells survey, question, respondent, instant, kind and size", () => {
    const text = find(page, "dl", { class: "meta" })[1]?.text.replace(/\s+/g, " ");
    assert.match(
      text ?? "",
      /SurveyTitle .* QuestionPhotos .* RespondentNumber 7 Sent23 Nov 2025, 06:01 UTC FileVideo, 3\.4 MB/,
    );
  });

  it("gives each file a form that posts its task and one of two decisions", () => {
    const forms = find(page, "form", { method: "post", action: "/review" });
    assert.equal(forms.length, 2);
    const tasks = find(page, "input", { name: "task" }).map(
      ({ attributes }) => attributes.get("value") ?? "",
    );
    assert.deepEqual(tasks.map(parseReviewTask), [image.task, video.task]);
    for (const decision of ["approved", "rejected"]) {
      assert.equal(find(page, "button", { type: "submit", name: "decision", value: decision }).length, 2);
    }
  });

  it("shows what a look into the file has found", () => {
    const verdicts = [
      [undefined, "not checked yet"],
      [{ kind: "ok", found: "image/png" }, "as named: image/png"],
      [{ kind: "mismatch", found: "application/zip" }, "not as named: it is application/zip"],
      [{ kind: "missing" }, "the file is missing"],
    ] as const;
    for (const [verdict, words] of verdicts) {
      const item = verdict === undefined ? image : { ...image, verdict };
      const one = reviewPage({ pending: [item], pendingCount: 1, decided: [] });
      assert.match(findOne(one, "dl").text, new RegExp(`Content${words}`));
    }
  });

  it("counts the whole queue and offers what does not fit on the page", () => {
    assert.equal(findOne(page, "p", { "data-count": "5" }).text, "5 files wait for your decision.");
    assert.match(findOne(page, "p", { "data-more": "" }).text, /Show the next 3 files/);
  });

  it("offers no more when the page shows all", () => {
    const all = reviewPage({ pending: [image], pendingCount: 1, decided: [] });
    assert.equal(find(all, "p", { "data-more": "" }).length, 0);
    assert.equal(findOne(all, "p", { "data-count": "1" }).text, "1 file waits for your decision.");
  });

  it("lists what was decided, with the decision in words", () => {
    const { text } = findOne(page, "section", { "data-decided": "" });
    assert.match(text, /7-Q3-a-444444\.pngapproved23 Nov 2025, 06:01 UTC/);
    assert.match(text, /7-Q3-b-555555\.pngrejected/);
  });

  it("names the keys, for the client script to show, and lets them be turned off", () => {
    const { attributes, text } = findOne(page, "div", { class: "keys" });
    assert.ok(attributes.has("hidden"));
    assert.match(text, /A approve R reject J next K previous/);
    assert.equal(find(page, "input", { "data-keys-switch": "" }).length, 1);
  });

  it("hides the empty state while there is work and shows it when there is none", () => {
    assert.ok(findOne(page, "div", { "data-empty": "" }).attributes.has("hidden"));
    const empty = reviewPage({ pending: [], pendingCount: 0, decided: [] });
    assert.ok(!findOne(empty, "div", { "data-empty": "" }).attributes.has("hidden"));
    assert.match(findOne(empty, "div", { "data-empty": "" }).text, /All caught up/);
    assert.ok(findOne(empty, "section", { "data-decided": "" }).attributes.has("hidden"));
    assert.equal(find(empty, "div", { class: "keys" }).length, 0);
  });
});
