/** What holds for all pages: well-formed, safe under a strict content policy, and usable without eyes or mouse. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import {
  errorPage,
  formPage,
  indexPage,
  resultsPage,
  reviewPage,
  thankYouPage,
} from "../../src/views/index.ts";
import { find, findOne, readPage } from "./page-reader.ts";
import {
  evil,
  evilFile,
  respondent,
  reviewItem,
  reviewTask,
  startedAtMs,
  survey,
  unfinished,
} from "./samples.ts";

const form = { survey, startedAtMs, submissionToken: evil, maxFileBytes: 50_000_000 };
const decidedAtMs = startedAtMs;
const pages: Record<string, string> = {
  index: indexPage({ surveys: [{ survey, responseCount: 2 }], pendingCount: 3 }),
  "empty index": indexPage({ surveys: [], pendingCount: 0 }),
  form: formPage(form),
  "form with problems": formPage({
    ...form,
    fields: {
      "answer:Q1": [evil],
      "answer:Q2": ["red", evil],
      "answer:Q3": [`tmp/1|${evilFile}`, evil],
      "answer:Q4": [`\n</textarea>${evil}`],
    },
    problems: [
      { cid: "Q1", message: `Shorten ${evil}` },
      { cid: evil, message: `No question ${evil}` },
    ],
  }),
  "thank-you": thankYouPage({ survey, respondent }),
  results: resultsPage({
    survey,
    respondents: [respondent, unfinished],
    decisions: new Map([["7-Q3-letter-222222.pdf", "rejected"]]),
  }),
  "empty results": resultsPage({ survey, respondents: [], decisions: new Map() }),
  review: reviewPage({
    pending: [
      reviewItem(`7-Q3-${evil}-111111.png`, evilFile),
      reviewItem("7-Q3-late-333333.mp4", "late.mp4"),
    ],
    pendingCount: 5,
    decided: [{ task: reviewTask(`7-Q3-${evil}-111111.png`, evilFile), decision: "approved", decidedAtMs }],
  }),
  "empty review": reviewPage({ pending: [], pendingCount: 0, decided: [] }),
  error: errorPage({ status: 400, message: `Cannot read ${evil}` }),
};

for (const [name, page] of Object.entries(pages)) {
  describe(`the ${name} page`, () => {
    it("is well-formed, with one title, one main and one h1", () => {
      assert.match(page, /^<!doctype html>\n<html lang="en">/);
      for (const tag of ["title", "main", "h1"]) assert.notEqual(findOne(page, tag).text.trim(), "");
    });

    it("holds the text of people as text only", () => {
      assert.ok(!page.includes("<img src=x"));
      for (const element of readPage(page)) {
        for (const attribute of element.attributes.keys()) assert.doesNotMatch(attribute, /^on|^style$/);
      }
    });

    it("loads nothing from elsewhere and has no inline script", () => {
      for (const { tag, attributes, text } of readPage(page)) {
        if (tag === "script") assert.equal(text, "");
        for (const attribute of ["src", "href", "action"]) {
          const value = attributes.get(attribute);
          if (value !== undefined) assert.match(value, /^(\/(?!\/)|#)/);
        }
      }
    });

    it("links only to static files that exist", () => {
      const files = readPage(page)
        .flatMap(({ attributes }) => [attributes.get("src") ?? "", attributes.get("href") ?? ""])
        .filter((url) => url.startsWith("/static/"));
      assert.ok(files.length >= 2);
      for (const file of files) {
        assert.ok(
          existsSync(new URL(`../../public/${file.slice("/static/".length)}`, import.meta.url)),
          file,
        );
      }
    });

    it("uses each id once, and names only ids that exist", () => {
      const elements = readPage(page);
      const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
      assert.equal(new Set(ids).size, ids.length, ids.join(" "));
      for (const { attributes } of elements) {
        const named = ["for", "aria-describedby", "aria-labelledby"].flatMap(
          (attribute) => attributes.get(attribute)?.split(" ") ?? [],
        );
        const href = attributes.get("href") ?? "";
        if (href.startsWith("#")) named.push(href.slice(1));
        for (const id of named) assert.ok(ids.includes(id), `nothing has id ${id}`);
      }
    });

    it("has a name for every field, button, link and picture", () => {
      const labelled = new Set(find(page, "label").flatMap(({ attributes }) => attributes.get("for") ?? []));
      for (const { tag, attributes, text } of readPage(page)) {
        if (tag === "button") assert.notEqual(text.trim(), "");
        if (tag === "a" && attributes.has("href")) assert.notEqual(text.trim(), "");
        if (tag === "img") assert.notEqual(attributes.get("alt") ?? "", "");
        if (tag === "video") assert.notEqual(attributes.get("aria-label") ?? "", "");
        const isField = tag === "textarea" || (tag === "input" && attributes.has("id"));
        if (isField)
          assert.ok(labelled.has(attributes.get("id") ?? ""), `no label for ${attributes.get("id")}`);
      }
    });
  });
}
