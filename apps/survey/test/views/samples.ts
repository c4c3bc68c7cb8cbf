/**
 * Data for the tests of the pages: a survey, respondents and a queue whose every
 * text tries to break out of the page.
 */
import type { Respondent, ReviewItem, ReviewTask, Survey } from "../../src/model/index.ts";
import { defineSurvey } from "../../src/model/index.ts";

/** As a file name it can be uploaded: no bar, no comma, no slash. */
export const evil = `"><img src=x onerror=alert('1')>&`;
export const evilFile = `${evil}.png`;

export const oids = {
  text: "65f1c0de0000000000000301",
  choice: "65f1c0de0000000000000302",
  photos: "65f1c0de0000000000000303",
  lines: "65f1c0de0000000000000304",
} as const;

export const survey: Survey = defineSurvey({
  id: "evil",
  shortId: "evil1",
  projectId: "project",
  title: `Title ${evil}`,
  intro: `Intro ${evil}`,
  questions: [
    {
      oid: oids.text,
      cid: "Q1",
      title: `Name ${evil}`,
      help: `Help ${evil}`,
      required: true,
      kind: "text",
      optionId: "A1",
      maxLength: 90,
    },
    {
      oid: oids.choice,
      cid: "Q2",
      title: `Colours ${evil}`,
      required: false,
      kind: "choice",
      multiple: true,
      options: [
        { id: "red", label: `Red ${evil}` },
        { id: "blue", label: "Blue" },
      ],
    },
    {
      oid: oids.photos,
      cid: "Q3",
      title: `Photos ${evil}`,
      required: true,
      kind: "upload",
      customAttr: { dispType: "upload_file" },
      optionId: "A3",
      accept: [".png", ".mp4", ".pdf"],
      maxFiles: 4,
    },
    {
      oid: oids.lines,
      cid: "Q4",
      title: `Remarks ${evil}`,
      required: false,
      kind: "text",
      optionId: "A4",
      multiline: true,
      maxLength: 500,
    },
  ],
});

export const startedAtMs: number = Date.UTC(2025, 10, 23, 6, 1);

/** Sent three files, of which "late.mp4" could not be renamed. */
export const respondent: Respondent = {
  oid: "65f1c0de00000000000f0001",
  surveyId: survey.id,
  seq: 7,
  startedAtMs,
  finishedAtMs: startedAtMs + 130_000,
  answer: {
    [oids.text]: { A1: `Ann ${evil}` },
    [oids.choice]: { red: `Red ${evil}` },
    [oids.photos]: {
      A3: `7-Q3-${evil}-111111.png|${evilFile},tmp/2|late.mp4,7-Q3-letter-222222.pdf|letter.pdf`,
    },
    [oids.lines]: { A4: `one\n${evil}` },
  },
  failedFiles: [
    { questionOid: oids.photos, key: "tmp/2", filename: "late.mp4", reason: `No answer ${evil}` },
  ],
};

export const unfinished: Respondent = {
  oid: "65f1c0de00000000000f0002",
  surveyId: survey.id,
  seq: 8,
  startedAtMs,
  answer: {},
  failedFiles: [],
};

export function reviewTask(key: string, filename: string): ReviewTask {
  return {
    projectId: "project",
    questionOid: oids.photos,
    respondentOid: respondent.oid,
    file: { key, filename },
  };
}

export function reviewItem(key: string, filename: string): ReviewItem {
  return {
    task: reviewTask(key, filename),
    surveyTitle: survey.title,
    questionTitle: `Photos ${evil}`,
    seq: 7,
    sentAtMs: startedAtMs,
    sizeBytes: 3_400_000,
  };
}
