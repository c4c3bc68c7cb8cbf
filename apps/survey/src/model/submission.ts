/**
 * From the fields of a filled-in form to answers, or to a list of what is wrong.
 *
 * The fields are named `answer:CID`. A text sends its text, a choice the ids of
 * the chosen options, an upload one `key|filename` a file. Files are in the
 * store already when this is called; whether the keys exist there is the
 * caller's to ask.
 */
import type { FileAnswer, TotalAnswer } from "./answer.ts";
import { formatFileAnswers, parseFileAnswers } from "./answer.ts";
import { acceptsFile, quote } from "./file-name.ts";
import type { ChoiceQuestion, Question, Survey, TextQuestion, UploadQuestion } from "./survey.ts";
import { getQuestionByCid } from "./survey.ts";

/** Field name -> values, in the order they came. */
export type Fields = Readonly<Record<string, readonly string[]>>;

/** What is wrong with the answer to one question, as a sentence for the person who gave it. */
export interface Problem {
  readonly cid: string;
  readonly message: string;
}

export type Submission =
  | { readonly ok: true; readonly answer: TotalAnswer }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const answerPrefix = "answer:";
const longestFillMs = 24 * 60 * 60 * 1000;

/** The form field that holds the answer to a question. */
export function answerField(cid: string): string {
  return `${answerPrefix}${cid}`;
}

/** The form field that holds the files themselves, when no client script has sent them before. */
export function fileField(cid: string): string {
  return `file:${cid}`;
}

/** The values of one field; none when it was not sent. */
export function fieldValues(fields: Fields, name: string): readonly string[] {
  return Object.hasOwn(fields, name) ? (fields[name] ?? []) : [];
}

/**
 * Check a filled-in form against its survey.
 *
 * Empty values count as no answer. Line ends become "\n", as the browser
 * counted them. Every question is checked, so that one round shows all problems.
 */
export function readSubmission(survey: Survey, fields: Fields): Submission {
  const answer: TotalAnswer = {};
  const problems: Problem[] = [];
  for (const name of Object.keys(fields)) {
    const cid = name.slice(answerPrefix.length);
    if (name.startsWith(answerPrefix) && getQuestionByCid(survey, cid) === undefined) {
      problems.push({ cid, message: `This survey has no question ${quote(cid)}` });
    }
  }
  for (const question of survey.questions) {
    const values = fieldValues(fields, answerField(question.cid)).filter((value) => value.trim() !== "");
    const read = values.length === 0 ? readNothing(question) : readAnswer(question, values);
    if (typeof read === "string") problems.push({ cid: question.cid, message: read });
    else if (read !== undefined) answer[question.oid] = read;
  }
  return problems.length === 0 ? { ok: true, answer } : { ok: false, problems };
}

/**
 * The fields of a form, from the JSON `{"answers": {"Q1": "text", "Q2": ["a", "b"]}}`.
 *
 * @throws {TypeError} when `body` has another shape
 */
export function fieldsFromJson(body: unknown): Record<string, string[]> {
  const refuse = (is: string, wanted: string): never => {
    throw new TypeError(`Cannot read answers: ${is}, ${wanted}`);
  };
  const shape = 'wanted {"answers": {"Q1": "text", "Q2": ["option"]}}';
  if (!isRecord(body)) return refuse("the body is no JSON object", shape);
  const answers = body.answers;
  if (!isRecord(answers)) return refuse('the body has no object "answers"', shape);
  const fields: Record<string, string[]> = {};
  for (const [cid, given] of Object.entries(answers)) {
    const values: unknown[] = Array.isArray(given) ? given : [given];
    fields[answerField(cid)] = values.map((value) => {
      return typeof value === "string"
        ? value
        : refuse(`${quote(cid)} is of type ${typeof value}`, "wanted text or a list of texts");
    });
  }
  return fields;
}

/**
 * When the person opened the form, as the form itself says.
 *
 * The field comes from outside: an instant that cannot be true counts as now.
 */
export function readStartedAtMs(fields: Fields, nowMs: number): number {
  const startedAtMs = Number(fieldValues(fields, "startedAtMs")[0]);
  const isPossible =
    Number.isSafeInteger(startedAtMs) && startedAtMs <= nowMs && nowMs - startedAtMs <= longestFillMs;
  return isPossible ? startedAtMs : nowMs;
}

type Read = Record<string, string> | string | undefined;

function readNothing(question: Question): Read {
  if (!question.required) return undefined;
  if (question.kind === "upload") return question.maxFiles === 1 ? "Add a file" : "Add one file at least";
  if (question.kind === "choice")
    return question.multiple ? "Choose one option at least" : "Choose an option";
  return "Write an answer";
}

function readAnswer(question: Question, values: readonly string[]): Read {
  if (question.kind === "text") return readText(question, values);
  return question.kind === "choice" ? readChoice(question, values) : readUpload(question, values);
}

function readText(question: TextQuestion, values: readonly string[]): Read {
  const [first = "", ...rest] = values;
  if (rest.length > 0) return `Write one answer (${values.length} came)`;
  const text = first.replace(/\r\n?/g, "\n");
  if (text.length > question.maxLength) {
    return `Shorten this to ${question.maxLength} characters (it has ${text.length})`;
  }
  if (question.multiline !== true && text.includes("\n")) return "Write the answer on one line";
  if (/[^\P{Cc}\n\t]|\p{Cs}/u.test(text)) return "Leave out the control characters";
  return { [question.optionId]: text };
}

function readChoice(question: ChoiceQuestion, values: readonly string[]): Read {
  const chosen = new Set(values);
  if (!question.multiple && chosen.size > 1) return `Choose one option only (${chosen.size} came)`;
  for (const id of chosen) {
    if (!question.options.some((option) => option.id === id))
      return `${quote(id)} is no option of this question`;
  }
  const options = question.options.filter((option) => chosen.has(option.id));
  return Object.fromEntries(options.map((option) => [option.id, option.label]));
}

function readUpload(question: UploadQuestion, values: readonly string[]): Read {
  let files: FileAnswer[];
  try {
    files = values.flatMap(parseFileAnswers);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  if (files.length > question.maxFiles) {
    return `Keep ${question.maxFiles === 1 ? "one file" : `${question.maxFiles} files`} at most (${files.length} came)`;
  }
  const refused = files.find((file) => !acceptsFile(question, file.filename));
  if (refused !== undefined) {
    return `Cannot accept file ${quote(refused.filename)}: this question takes ${question.accept.join(", ")}`;
  }
  if (new Set(files.map((file) => file.key)).size !== files.length) return "The same upload came twice";
  return { [question.optionId]: formatFileAnswers(files) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
