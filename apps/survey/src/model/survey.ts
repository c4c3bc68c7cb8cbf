/**
 * What a survey is: its questions, and how to find one of them.
 *
 * Leaves answers to `answer.ts` and the check of a filled-in form to
 * `submission.ts`. Source: the seed's `survey_utils.get_question` and its
 * `custom_attr["disp_type"] == "upload_file"`.
 */

interface QuestionBase {
  /** 24 lower-case hex digits; answers are stored under it. */
  readonly oid: string;
  /** Short id such as "Q3": names the form field, and stands in the name of a stored file. */
  readonly cid: string;
  readonly title: string;
  readonly help?: string;
  readonly required: boolean;
}

export interface TextQuestion extends QuestionBase {
  readonly kind: "text";
  readonly optionId: string;
  readonly multiline?: boolean;
  /** In UTF-16 code units, as the `maxlength` attribute counts. */
  readonly maxLength: number;
}

export interface ChoiceOption {
  readonly id: string;
  readonly label: string;
}

export interface ChoiceQuestion extends QuestionBase {
  readonly kind: "choice";
  readonly options: readonly ChoiceOption[];
  readonly multiple: boolean;
}

export interface UploadQuestion extends QuestionBase {
  readonly kind: "upload";
  readonly customAttr: { readonly dispType: "upload_file" };
  readonly optionId: string;
  /** Suffixes with their dot, lower case: ".png". Never empty: a survey says what it takes. */
  readonly accept: readonly string[];
  readonly maxFiles: number;
}

export type Question = TextQuestion | ChoiceQuestion | UploadQuestion;

export interface Survey {
  readonly id: string;
  /** What stands in the survey's address: `/s/SHORTID`. */
  readonly shortId: string;
  readonly projectId: string;
  readonly title: string;
  readonly intro: string;
  readonly questions: readonly Question[];
}

const oidPattern = /^[0-9a-f]{24}$/;
const cidPattern = /^[A-Za-z][A-Za-z0-9]{0,15}$/;
const plainIdPattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Whether `text` is an object id: 24 lower-case hex digits. */
export function isOid(text: string): boolean {
  return oidPattern.test(text);
}

/** Whether `text` is a short question id, such as "Q3". */
export function isCid(text: string): boolean {
  return cidPattern.test(text);
}

/** The question with this object id, if the survey has it. */
export function getQuestion(survey: Survey, oid: string): Question | undefined {
  return survey.questions.find((question) => question.oid === oid);
}

/** The question with this short id, if the survey has it. */
export function getQuestionByCid(survey: Survey, cid: string): Question | undefined {
  return survey.questions.find((question) => question.cid === cid);
}

/** Whether files answer `question`: told by its custom attribute, as in the seed. */
export function isUploadQuestion(question: Question): question is UploadQuestion {
  return "customAttr" in question && question.customAttr.dispType === "upload_file";
}

/**
 * Return `survey` itself once it has been checked.
 *
 * @throws {TypeError} when an id is malformed or used twice, or when a limit is no positive integer
 */
export function defineSurvey(survey: Survey): Survey {
  const fail = (is: string, wanted: string): never => {
    throw new TypeError(`Cannot define survey "${survey.title}": ${is}, ${wanted}`);
  };
  for (const field of ["id", "shortId", "projectId"] as const) {
    if (!plainIdPattern.test(survey[field])) {
      fail(`${field} is "${survey[field]}"`, "wanted 1 to 32 letters, digits, _ or -");
    }
  }
  if (survey.questions.length === 0) fail("it has no question", "wanted one at least");
  const seen = new Set<string>();
  for (const question of survey.questions) {
    if (!isOid(question.oid)) fail(`an oid is "${question.oid}"`, "wanted 24 hex digits");
    if (!isCid(question.cid))
      fail(`a cid is "${question.cid}"`, 'wanted a letter, then letters and digits, as in "Q3"');
    for (const id of [question.oid, question.cid]) {
      if (seen.has(id)) fail(`"${id}" names two questions`, "wanted a name for each");
      seen.add(id);
    }
    checkQuestion(question, (is, wanted) => fail(`question ${question.cid} ${is}`, wanted));
  }
  return survey;
}

function checkQuestion(question: Question, fail: (is: string, wanted: string) => never): void {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  const optionIds =
    question.kind === "choice" ? question.options.map((option) => option.id) : [question.optionId];
  if (optionIds.length === 0) fail("has no option", "wanted one at least");
  if (new Set(optionIds).size !== optionIds.length) fail("uses an option id twice", "wanted an id for each");
  for (const id of optionIds) {
    if (!plainIdPattern.test(id)) fail(`has option id "${id}"`, "wanted 1 to 32 letters, digits, _ or -");
  }
  if (question.kind === "text" && !isCount(question.maxLength)) {
    fail(`has maxLength ${question.maxLength}`, "wanted a positive integer");
  }
  if (question.kind !== "upload") return;
  if (!isCount(question.maxFiles)) fail(`has maxFiles ${question.maxFiles}`, "wanted a positive integer");
  if (question.accept.length === 0) fail("accepts no suffix", "wanted one at least");
  for (const suffix of question.accept) {
    if (!/^\.[a-z0-9]{1,16}$/.test(suffix))
      fail(`accepts "${suffix}"`, 'wanted lower case with a dot, as in ".png"');
  }
}
