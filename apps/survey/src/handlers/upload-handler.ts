/** `POST /api/uploads?survey=ID&question=CID`: one file, streamed into the object store. */
import type { CoroutineGenerator } from "gyre";
import {
  formatFileAnswer,
  getQuestionByCid,
  isUploadQuestion,
  type Survey,
  type UploadQuestion,
} from "../model/index.ts";
import { RefusedError } from "../service/refused-error.ts";
import type { StoredUpload } from "../service/uploads.ts";
import { fileUrl } from "../views/index.ts";
import { chosenFileName } from "./file-part.ts";
import { SurveyHandler } from "./survey-handler.ts";

/** What a multipart body has besides the file itself. */
const envelopeBytes = 16_384;

export class UploadHandler extends SurveyHandler {
  static override readonly streamBody = true;
  /** The body of a client that has gone ends by itself; what was written is removed then. */
  static override readonly cancelOnClose = false;

  override get wantsJson(): boolean {
    return true;
  }

  *post(): CoroutineGenerator<void> {
    const [survey, question] = this.readQuestion();
    this.checkLength();
    const { uploads } = this.service;
    let stored: StoredUpload | undefined;
    try {
      for (;;) {
        // The service counts a file's bytes itself, and names the file when it refuses it.
        const part = yield* this.nextPart({ maxFileBytes: uploads.maxFileBytes + envelopeBytes });
        if (part === undefined) break;
        if (!part.isFile) continue;
        if (stored !== undefined) {
          throw new RefusedError(
            "BAD_REQUEST",
            "Cannot take two files at once: send each in a request of its own",
          );
        }
        stored = yield* uploads.receive({ survey, question, filename: chosenFileName(part) }, part);
      }
    } catch (error) {
      if (stored !== undefined) yield* uploads.discard(stored.key);
      throw error;
    }
    if (stored === undefined) {
      throw new RefusedError(
        "FILE_MISSING",
        "Cannot find a file in the request: a multipart part with a filename is wanted",
      );
    }
    const { key, filename, sizeBytes } = stored;
    this.setStatus(201);
    this.write({ key, filename, sizeBytes, answer: formatFileAnswer(stored), url: fileUrl(key) });
  }

  private readQuestion(): [Survey, UploadQuestion] {
    const id = this.getQueryArgument("survey");
    const cid = this.getQueryArgument("question");
    const survey = this.service.surveys.find((each) => each.id === id || each.shortId === id);
    if (survey === undefined) {
      throw new RefusedError("NOT_FOUND", `Cannot find the survey "${id}": there is none with this id`, {
        field: "survey",
      });
    }
    const question = getQuestionByCid(survey, cid);
    if (question !== undefined && isUploadQuestion(question)) return [survey, question];
    throw new RefusedError(
      "NOT_FOUND",
      `Cannot find the question "${cid}": the survey has no such one for files`,
      {
        field: "question",
      },
    );
  }

  /** A body that says itself that it is too long need not be read at all. */
  private checkLength(): void {
    const { maxFileBytes } = this.service.uploads;
    if (Number(this.request.headers.get("Content-Length") ?? 0) <= maxFileBytes + envelopeBytes) return;
    throw new RefusedError(
      "FILE_TOO_LARGE",
      `Cannot accept the file: it is too large, wanted at most ${maxFileBytes / 1_000_000} MB`,
    );
  }
}
