/** A sent form from its token to the finished respondent. */
import { type CoroutineGenerator, coroutine } from "gyre";
import type { Respondent } from "../model/index.ts";
import { finishSubmission } from "./finish-submission.ts";
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
export const submitForm = coroutine(function* submitForm(
  service: SurveyService,
  form: SentForm,
): CoroutineGenerator<SubmitResult> {
  const opened = yield* service.submissions.open(form);
  try {
    if (opened.begun?.finishedAtMs !== undefined) return { respondent: opened.begun, isNew: false };
    const submission = yield* service.submissions.accept(form, opened);
    return { respondent: yield* finishSubmission(service.renameTools, submission), isNew: true };
  } finally {
    yield* service.submissions.close(opened);
  }
});
