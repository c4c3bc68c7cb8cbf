import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Respondent } from "../../src/model/index.ts";
import { stormSurvey, submittedFiles } from "../../src/model/index.ts";

const photos = "65f1c0de0000000000000104";
const letters = "65f1c0de0000000000000106";
const respondent: Respondent = {
  oid: "65f1c0de00000000000f0001",
  surveyId: stormSurvey.id,
  seq: 7,
  startedAtMs: 1_700_000_000_000,
  answer: {
    [letters]: { A6: "7-Q6-letter-222222.pdf|letter.pdf" },
    [photos]: { A4: "7-Q4-roof-111111.jpg|roof.jpg,tmp/2b7c|wall.jpg" },
    "65f1c0de0000000000000101": { A1: "12 Mill Lane" },
  },
  failedFiles: [
    { questionOid: photos, key: "tmp/2b7c", filename: "wall.jpg", reason: "The store did not answer" },
  ],
};

describe("submittedFiles()", () => {
  it("lists all files in the order of the questions", () => {
    const names = submittedFiles(stormSurvey, respondent).map(
      (file) => `${file.question.cid} ${file.filename}`,
    );
    assert.deepEqual(names, ["Q4 roof.jpg", "Q4 wall.jpg", "Q6 letter.pdf"]);
  });

  it("gives a failed file its reason, and no other", () => {
    const failures = submittedFiles(stormSurvey, respondent).map((file) => file.failure);
    assert.deepEqual(failures, [undefined, "The store did not answer", undefined]);
  });

  it("is empty for a respondent without files", () => {
    assert.deepEqual(submittedFiles(stormSurvey, { ...respondent, answer: {} }), []);
  });

  it("throws SyntaxError for a stored answer that is no list of files", () => {
    const answer = { [photos]: { A4: "roof.jpg" } };
    assert.throws(() => submittedFiles(stormSurvey, { ...respondent, answer }), { name: "SyntaxError" });
  });
});
