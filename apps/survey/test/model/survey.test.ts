import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Question, Survey, UploadQuestion } from "../../src/model/index.ts";
import {
  defineSurvey,
  getQuestion,
  getQuestionByCid,
  isUploadQuestion,
  sampleSurveys,
  stormSurvey,
} from "../../src/model/index.ts";

const textQuestion: Question = {
  oid: "0123456789abcdef01234567",
  cid: "Q1",
  title: "Why?",
  required: true,
  kind: "text",
  optionId: "A1",
  maxLength: 10,
};
const uploadQuestion: UploadQuestion = {
  oid: "0123456789abcdef01234568",
  cid: "Q2",
  title: "Show it",
  required: false,
  kind: "upload",
  customAttr: { dispType: "upload_file" },
  optionId: "A2",
  accept: [".png"],
  maxFiles: 1,
};

function surveyOf(...questions: Question[]): Survey {
  return { id: "s", shortId: "abcd", projectId: "p", title: "T", intro: "", questions };
}

describe("getQuestion()", () => {
  it("finds a question by its object id", () => {
    assert.equal(getQuestion(stormSurvey, "65f1c0de0000000000000104")?.cid, "Q4");
  });

  it("gives undefined for an object id of another survey", () => {
    assert.equal(getQuestion(stormSurvey, "65f1c0de0000000000000204"), undefined);
  });
});

describe("getQuestionByCid()", () => {
  it("finds a question by its short id", () => {
    assert.equal(getQuestionByCid(stormSurvey, "Q4")?.oid, "65f1c0de0000000000000104");
  });

  it("gives undefined for names that every object has", () => {
    assert.equal(getQuestionByCid(stormSurvey, "constructor"), undefined);
  });
});

describe("isUploadQuestion()", () => {
  it("tells uploads by their custom attribute", () => {
    assert.equal(isUploadQuestion(uploadQuestion), true);
    assert.equal(isUploadQuestion(textQuestion), false);
  });
});

describe("defineSurvey()", () => {
  it("returns the survey that it has checked", () => {
    const survey = surveyOf(textQuestion, uploadQuestion);
    assert.equal(defineSurvey(survey), survey);
  });

  const broken: [string, Survey, RegExp][] = [
    ["no question", surveyOf(), /Cannot define survey "T": it has no question/],
    ["a malformed short id", { ...surveyOf(textQuestion), shortId: "a/b" }, /shortId is "a\/b"/],
    ["a malformed oid", surveyOf({ ...textQuestion, oid: "7" }), /an oid is "7", wanted 24 hex digits/],
    ["a malformed cid", surveyOf({ ...textQuestion, cid: "Q-1" }), /a cid is "Q-1"/],
    [
      "a cid used twice",
      surveyOf(textQuestion, { ...uploadQuestion, cid: "Q1" }),
      /"Q1" names two questions/,
    ],
    ["a text without room", surveyOf({ ...textQuestion, maxLength: 0 }), /question Q1 has maxLength 0/],
    ["an upload of no files", surveyOf({ ...uploadQuestion, maxFiles: 0.5 }), /question Q2 has maxFiles 0.5/],
    [
      "an upload without suffixes",
      surveyOf({ ...uploadQuestion, accept: [] }),
      /question Q2 accepts no suffix/,
    ],
    [
      "a suffix without its dot",
      surveyOf({ ...uploadQuestion, accept: ["png"] }),
      /question Q2 accepts "png"/,
    ],
    [
      "an option id used twice",
      surveyOf({
        ...textQuestion,
        kind: "choice",
        multiple: false,
        options: [
          { id: "a", label: "A" },
          { id: "a", label: "B" },
        ],
      }),
      /question Q1 uses an option id twice/,
    ],
  ];
  for (const [what, survey, message] of broken) {
    it(`throws TypeError for ${what}`, () => {
      assert.throws(() => defineSurvey(survey), { name: "TypeError", message });
    });
  }
});

describe("sampleSurveys", () => {
  it("differ in every id that names a survey", () => {
    for (const field of ["id", "shortId", "projectId"] as const) {
      assert.equal(new Set(sampleSurveys.map((survey) => survey[field])).size, sampleSurveys.length);
    }
  });

  it("share no object id, so that an answer belongs to one survey", () => {
    const oids = sampleSurveys.flatMap((survey) => survey.questions.map((question) => question.oid));
    assert.equal(new Set(oids).size, oids.length);
  });

  it("ask the storm's witnesses for a photo, a video and a PDF", () => {
    const accepted = stormSurvey.questions.filter(isUploadQuestion).map((question) => question.accept);
    for (const suffix of [".jpg", ".mp4", ".pdf"]) {
      assert.equal(accepted.filter((list) => list.includes(suffix)).length, 1, suffix);
    }
  });
});
