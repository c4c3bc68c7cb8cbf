/** A sent form from its token to the finished respondent. */
import { type CoroutineGenerator, coroutine } from "gyre";
import type { Respondent } from "../model/index.ts";
import { cacheIfMissing, finishSubmission } from "./finish-submission.ts";
import type { SentForm } from "./submissions.ts";
import type { SurveyService } from "./survey-service.ts";

export interface SubmitResult {
  readonly respondent: Respondent;
  /** False when the same form was sent before: this is what came of it then. */
  readonly isNew: boolean;
}

/**
 * Take the answers of `form`, rename its files, and cache the total answer.
 *
 * @throws {RefusedError} when the answers are wrong, or the same form is still being saved
 * @throws {StoreError} when a store fails before the answers are safe
 */
export const submitForm = coroutine(
  function* submitForm(service: SurveyService, form: SentForm): CoroutineGenerator<SubmitResult> {
    const opened = yield* service.submissions.open(form);
    const keeping = service.submissions.keepOpen(opened);
    try {
      if (opened.begun?.finishedAtMs !== undefined) {
        yield* cacheIfMissing(service.tools, opened.begun);
        return { respondent: opened.begun, isNew: false };
      }
      const submission = yield* service.submissions.accept(form, opened);
      return { respondent: yield* finishSubmission(service.renameTools, submission), isNew: true };
    } finally {
      // First: it would take a lease that is let go for one that is lost.
      keeping.cancel("the submission has ended");
      yield* service.submissions.close(opened);
    }
  },
  // What keeps the form open ends with it, however soon that is.
  { orphans: "cancel" },
);
