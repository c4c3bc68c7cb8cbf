import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReviewTask } from "../../src/model/index.ts";
import { formatReviewTask, parseReviewTask } from "../../src/model/index.ts";

const question = "65f1c0de0000000000000104";
const respondent = "65f1c0de00000000000f0001";
const line = `neighbourhood||${question}||${respondent}||7-Q4-roof-123456.jpg|roof.jpg`;
const task: ReviewTask = {
  projectId: "neighbourhood",
  questionOid: question,
  respondentOid: respondent,
  file: { key: "7-Q4-roof-123456.jpg", filename: "roof.jpg" },
};

describe("formatReviewTask()", () => {
  it("joins project, question, respondent and answer with two bars", () => {
    assert.equal(formatReviewTask(task), line);
  });

  it("throws SyntaxError for a project that could not be read back", () => {
    for (const projectId of ["", "a|", "a||b", "a\nb"]) {
      assert.throws(() => formatReviewTask({ ...task, projectId }), {
        name: "SyntaxError",
        message: /project is/,
      });
    }
  });
});

describe("parseReviewTask()", () => {
  it("reads the parts of a line", () => {
    assert.deepEqual(parseReviewTask(line), task);
  });

  const broken: [string, RegExp][] = [
    ["", /it has 1 parts, wanted project\|\|question\|\|respondent\|\|answer/],
    [`p||${question}||${respondent}`, /it has 3 parts/],
    [`p||${question}||${respondent}||k|a.jpg||x`, /it has 5 parts/],
    [`||${question}||${respondent}||k|a.jpg`, /project is ""/],
    [`p||Q4||${respondent}||k|a.jpg`, /question is "Q4", wanted 24 hex digits/],
    [`p||${question}||7||k|a.jpg`, /respondent is "7", wanted 24 hex digits/],
    [`p||${question}||${respondent}||a.jpg`, /it has 0 "\|"/],
    [`p||${question}||${respondent}|||a.jpg`, /its key is empty/],
    [`p|||${question}||${respondent}||k|a.jpg`, /question is "\|/],
  ];
  for (const [text, message] of broken) {
    it(`throws SyntaxError for ${JSON.stringify(text.replaceAll(question, "Q").replaceAll(respondent, "R"))}`, () => {
      assert.throws(() => parseReviewTask(text), { name: "SyntaxError", message });
    });
  }
});

describe("formatReviewTask() and parseReviewTask()", () => {
  const projects = ["p", "a b", "项目", "a:b,c"];
  const names = ["roof.jpg", "屋顶 (1).MP4", "-.-.png", "a.b.c.gif"];
  const keys = ["k", "tmp/1f0a", "7-Q4-roof-123456.jpg", "a b-c"];

  it("are inverse to each other for every task that can be written", () => {
    for (const projectId of projects) {
      for (const filename of names) {
        for (const key of keys) {
          const each: ReviewTask = { ...task, projectId, file: { key, filename } };
          const written = formatReviewTask(each);
          assert.deepEqual(parseReviewTask(written), each);
          assert.equal(formatReviewTask(parseReviewTask(written)), written);
        }
      }
    }
  });

  it("agree on every line that differs from a good one by one character", () => {
    let read = 0;
    for (let at = 0; at <= line.length; at++) {
      for (const put of ["", "|", "||", ",", "/", "x", "\n"]) {
        const changed = line.slice(0, at) + put + line.slice(at + 1);
        let parsed: ReviewTask;
        try {
          parsed = parseReviewTask(changed);
        } catch (error) {
          assert.equal((error as Error).name, "SyntaxError");
          continue;
        }
        read++;
        assert.equal(formatReviewTask(parsed), changed);
      }
    }
    assert.ok(read > 50, `only ${read} lines were read`);
  });
});
