import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Problem } from "../../src/model/index.ts";
import {
  answerField,
  fieldsFromJson,
  fileField,
  readStartedAtMs,
  readSubmission,
  stormSurvey,
  talkSurvey,
} from "../../src/model/index.ts";

const good = {
  "answer:Q1": ["12 Mill Lane"],
  "answer:Q2": ["tree", "roof"],
  "answer:Q3": ["soon"],
  "answer:Q4": ["tmp/a|roof.jpg", "tmp/b|wall.PNG"],
};

function problemsOf(fields: Record<string, string[]>): readonly Problem[] {
  const read = readSubmission(stormSurvey, { ...good, ...fields });
  return read.ok ? [] : read.problems;
}

describe("readSubmission()", () => {
  it("gives the answers of all kinds by object id and option id", () => {
    assert.deepEqual(readSubmission(stormSurvey, good), {
      ok: true,
      answer: {
        "65f1c0de0000000000000101": { A1: "12 Mill Lane" },
        "65f1c0de0000000000000102": { roof: "Roof or chimney", tree: "Fallen tree or branches" },
        "65f1c0de0000000000000103": { soon: "It gets worse with every rain" },
        "65f1c0de0000000000000104": { A4: "tmp/a|roof.jpg,tmp/b|wall.PNG" },
      },
    });
  });

  it("takes files as one list as well as one by one", () => {
    const fields = { ...good, "answer:Q4": ["tmp/a|roof.jpg,tmp/b|wall.PNG"] };
    assert.deepEqual(readSubmission(stormSurvey, fields), readSubmission(stormSurvey, good));
  });

  it("counts empty values as no answer and fields of other names not at all", () => {
    const fields = {
      ...good,
      "answer:Q5": [""],
      "answer:Q7": [" \r\n"],
      startedAtMs: ["1"],
      "file:Q4": ["x"],
    };
    assert.deepEqual(readSubmission(stormSurvey, fields), readSubmission(stormSurvey, good));
  });

  it("names every required question that has no answer", () => {
    const read = readSubmission(stormSurvey, {});
    assert.deepEqual(read, {
      ok: false,
      problems: [
        { cid: "Q1", message: "Write an answer" },
        { cid: "Q2", message: "Choose one option at least" },
        { cid: "Q3", message: "Choose an option" },
        { cid: "Q4", message: "Add one file at least" },
      ],
    });
  });

  it("turns line ends into newlines before it counts characters", () => {
    const fields = { "answer:Q1": ["great"], "answer:Q3": [`a\r\n${"b".repeat(598)}`] };
    const read = readSubmission(talkSurvey, fields);
    assert.equal(read.ok && read.answer["65f1c0de0000000000000203"]?.A3?.length, 600);
  });

  const broken: [string, Record<string, string[]>, Problem][] = [
    [
      "a text that is too long",
      { "answer:Q1": ["x".repeat(121)] },
      { cid: "Q1", message: "Shorten this to 120 characters (it has 121)" },
    ],
    ["a text sent twice", { "answer:Q1": ["a", "b"] }, { cid: "Q1", message: "Write one answer (2 came)" }],
    [
      "two lines where one is asked for",
      { "answer:Q1": ["a\nb"] },
      { cid: "Q1", message: "Write the answer on one line" },
    ],
    [
      "a control character",
      { "answer:Q7": ["a\u0007b"] },
      { cid: "Q7", message: "Leave out the control characters" },
    ],
    [
      "an unknown option",
      { "answer:Q2": ["lava"] },
      { cid: "Q2", message: '"lava" is no option of this question' },
    ],
    [
      "a label in place of an option id",
      { "answer:Q2": ["Roof or chimney"] },
      { cid: "Q2", message: '"Roof or chimney" is no option of this question' },
    ],
    [
      "two options of a single choice",
      { "answer:Q3": ["soon", "later"] },
      { cid: "Q3", message: "Choose one option only (2 came)" },
    ],
    [
      "too many files",
      { "answer:Q5": ["k1|a.mp4", "k2|b.mp4"] },
      { cid: "Q5", message: "Keep one file at most (2 came)" },
    ],
    [
      "a file of another kind",
      { "answer:Q6": ["k|letter.docx"] },
      { cid: "Q6", message: 'Cannot accept file "letter.docx": this question takes .pdf' },
    ],
    [
      "one upload twice",
      { "answer:Q6": ["k|a.pdf", "k|b.pdf"] },
      { cid: "Q6", message: "The same upload came twice" },
    ],
    [
      "a file answer without a key",
      { "answer:Q6": ["letter.pdf"] },
      { cid: "Q6", message: 'Cannot read file answer "letter.pdf": it has 0 "|", wanted key|filename' },
    ],
    [
      "an unknown question",
      { "answer:Q99": ["x"] },
      { cid: "Q99", message: 'This survey has no question "Q99"' },
    ],
    [
      "a question named like a property of every object",
      { "answer:__proto__": ["x"] },
      { cid: "__proto__", message: 'This survey has no question "__proto__"' },
    ],
  ];
  for (const [what, fields, problem] of broken) {
    it(`finds ${what}`, () => {
      assert.deepEqual(problemsOf(fields), [problem]);
    });
  }
});

describe("fieldsFromJson()", () => {
  it("makes fields of texts and lists of texts", () => {
    const fields = fieldsFromJson({ answers: { Q1: "here", Q2: ["a", "b"], Q3: [] } });
    assert.deepEqual(fields, { "answer:Q1": ["here"], "answer:Q2": ["a", "b"], "answer:Q3": [] });
  });

  const broken: [unknown, RegExp][] = [
    [null, /the body is no JSON object/],
    [[], /the body is no JSON object/],
    [{}, /the body has no object "answers"/],
    [{ answers: ["x"] }, /the body has no object "answers"/],
    [{ answers: { Q1: 7 } }, /"Q1" is of type number, wanted text or a list of texts/],
    [{ answers: { Q1: ["a", null] } }, /"Q1" is of type object/],
  ];
  for (const [body, message] of broken) {
    it(`throws TypeError for ${JSON.stringify(body)}`, () => {
      assert.throws(() => fieldsFromJson(body), { name: "TypeError", message });
    });
  }
});

describe("readStartedAtMs()", () => {
  const nowMs = 1_700_000_000_000;

  it("believes an instant of the last day", () => {
    assert.equal(readStartedAtMs({ startedAtMs: [`${nowMs - 90_000}`] }, nowMs), nowMs - 90_000);
  });

  for (const said of [undefined, "", "soon", "1", `${nowMs + 1}`, "1e400", `${nowMs - 0.5}`]) {
    it(`takes ${JSON.stringify(said)} as now`, () => {
      assert.equal(readStartedAtMs(said === undefined ? {} : { startedAtMs: [said] }, nowMs), nowMs);
    });
  }
});

describe("answerField() and fileField()", () => {
  it("name the fields of one question", () => {
    assert.deepEqual([answerField("Q3"), fileField("Q3")], ["answer:Q3", "file:Q3"]);
  });
});
