/**
 * A filled-in form out of a request: as a browser sends it with our script
 * (files went ahead), as it sends it without (files inside), or as JSON.
 */
import type { CoroutineGenerator } from "gyre";
import { HTTPError, type Part } from "gyre/web";
import {
  answerField,
  type Fields,
  fieldsFromJson,
  fieldValues,
  fileField,
  formatFileAnswer,
  isUploadQuestion,
  type Problem,
  type Survey,
  type UploadQuestion,
} from "../model/index.ts";
import { RefusedError } from "../service/refused-error.ts";
import type { SentForm } from "../service/submissions.ts";
import { chosenFileName } from "./file-part.ts";
import type { SurveyHandler } from "./survey-handler.ts";

/** The field of the form, the field of the JSON, and the header that make a repeated form one. */
export const tokenField = "submissionToken";
const jsonTokenField = "idempotencyKey";
const tokenHeader = "Idempotency-Key";

/** A form without its files. */
const bodyLimitBytes = 2_000_000;
const partLimit = 300;

/** A form whose files, if they came inside of it, are uploads by now. */
export interface ReceivedForm extends SentForm {
  readonly fields: Fields;
  readonly fileProblems: readonly Problem[];
  /** The keys of the uploads that were made of its files. */
  readonly uploadKeys: readonly string[];
}

/**
 * Read the body of `handler`'s request. A file with a mistake becomes a problem; the others are stored.
 *
 * @throws {RefusedError} for a body that is no form and no JSON of answers
 * @throws {HTTPError} for a body that is broken or too large; no file of it is stored then
 */
export function* readSentForm(handler: SurveyHandler, survey: Survey): CoroutineGenerator<ReceivedForm> {
  const type = handler.request.contentType;
  if (type === "multipart/form-data") return yield* new MultipartForm(handler, survey).read();
  if (type !== "application/x-www-form-urlencoded" && type !== "application/json") {
    throw new RefusedError(
      "UNSUPPORTED_MEDIA_TYPE",
      `Cannot read the answers: they are of type "${type}", a form or application/json is wanted`,
      { field: "Content-Type" },
    );
  }
  handler.request.body = yield* readBody(handler);
  const fields =
    type === "application/json"
      ? readJson(handler.request.json())
      : Object.fromEntries(handler.request.bodyArguments);
  return { survey, fields, token: tokenOf(handler, fields), fileProblems: [], uploadKeys: [] };
}

function* readBody({ request }: SurveyHandler): CoroutineGenerator<Buffer> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = yield* request.stream.read();
    if (chunk === undefined) return Buffer.concat(chunks);
    chunks.push(chunk);
    if (request.stream.receivedBytes > bodyLimitBytes) {
      throw new HTTPError(
        413,
        `Cannot read the answers: at most ${bodyLimitBytes / 1_000_000} MB are wanted`,
      );
    }
  }
}

function readJson(body: unknown): Fields {
  try {
    const fields = fieldsFromJson(body);
    const token = (body as Record<string, unknown>)[jsonTokenField];
    return token === undefined ? fields : { ...fields, [tokenField]: [String(token)] };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new RefusedError("BAD_REQUEST", error.message, { cause: error });
  }
}

function tokenOf(handler: SurveyHandler, fields: Fields): string | undefined {
  return handler.request.headers.get(tokenHeader) ?? fieldValues(fields, tokenField)[0];
}

/** The form of a browser without script: its files are stored as they come. */
class MultipartForm {
  readonly #handler: SurveyHandler;
  readonly #survey: Survey;
  readonly #fields = new Map<string, string[]>();
  readonly #problems: Problem[] = [];
  readonly #uploadKeys: string[] = [];

  constructor(handler: SurveyHandler, survey: Survey) {
    this.#handler = handler;
    this.#survey = survey;
  }

  *read(): CoroutineGenerator<ReceivedForm> {
    const { uploads } = this.#handler.service;
    // What is too large is read to its end, so that the form can be shown again; what is far too large is cut off.
    const limits = {
      maxParts: partLimit,
      maxFields: partLimit,
      maxFiles: partLimit,
      maxFileBytes: 2 * uploads.maxFileBytes,
    };
    try {
      for (;;) {
        const part = yield* this.#handler.nextPart(limits);
        if (part === undefined) break;
        if (part.isFile) yield* this.#takeFile(part);
        else this.#add(part.name, yield* part.text());
      }
    } catch (error) {
      for (const key of this.#uploadKeys) yield* uploads.discard(key);
      throw error;
    }
    const fields = Object.fromEntries(this.#fields);
    return {
      survey: this.#survey,
      fields,
      token: tokenOf(this.#handler, fields),
      fileProblems: this.#problems,
      uploadKeys: this.#uploadKeys,
    };
  }

  *#takeFile(part: Part): CoroutineGenerator<void> {
    const question = this.#survey.questions
      .filter(isUploadQuestion)
      .find(({ cid }) => fileField(cid) === part.name);
    if (part.filename === "") return; // nothing was chosen
    if (question === undefined) {
      this.#problems.push({ cid: part.name, message: `This survey takes no files as "${part.name}"` });
      return;
    }
    if (this.#countOf(question) >= question.maxFiles) {
      const { cid, maxFiles } = question;
      if (this.#problems.some((problem) => problem.cid === cid)) return;
      this.#problems.push({
        cid,
        message: `Keep ${maxFiles === 1 ? "one file" : `${maxFiles} files`} at most`,
      });
      return;
    }
    yield* this.#store(part, question);
  }

  *#store(part: Part, question: UploadQuestion): CoroutineGenerator<void> {
    const file = { survey: this.#survey, question, filename: chosenFileName(part) };
    try {
      const stored = yield* this.#handler.service.uploads.receive(file, part);
      this.#uploadKeys.push(stored.key);
      this.#add(answerField(question.cid), formatFileAnswer(stored));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#problems.push({ cid: question.cid, message: error.message });
    }
  }

  #countOf(question: UploadQuestion): number {
    return this.#fields.get(answerField(question.cid))?.length ?? 0;
  }

  #add(name: string, value: string): void {
    const values = this.#fields.get(name);
    if (values === undefined) this.#fields.set(name, [value]);
    else values.push(value);
  }
}
