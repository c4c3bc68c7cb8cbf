/** A sent form from its token to the finished respondent. */
import { type CoroutineGenerator, coroutine, type Future } from "gyre";
import type { Respondent } from "../model/index.ts";
import { StoreError } from "../stores/index.ts";
import { cacheIfMissing, finishSubmission } from "./finish-submission.ts";
import { leaseMs, type OpenedForm, type SentForm } from "./submissions.ts";
import type { SurveyService } from "./survey-service.ts";

export interface SubmitResult {
  readonly respondent: Respondent;
  /** False when the same form was sent before: this is what came of it then. */
  readonly isNew: boolean;
}

/** So many that were cut off are finished in one go. */
const resumeLimit = 100;

/**
 * Take the answers of `form`, rename its files, and cache the total answer.
 *
 * @throws {RefusedError} when the answers are wrong, or the same form is still being saved
 * @throws {StoreError} when a store fails before the answers are safe
 */
export const submitForm = coroutine(
  function* submitForm(service: SurveyService, form: SentForm): CoroutineGenerator<SubmitResult> {
    const opened = yield* service.submissions.open(form);
    return yield* withLease(service, opened, function* () {
      if (opened.begun?.finishedAtMs !== undefined) {
        return { respondent: yield* finishAgain(service, opened.begun), isNew: false };
      }
      const submission = yield* service.submissions.accept(form, opened);
      const respondent = yield* finishSubmission(service.renameTools, submission);
      yield* noteDone(service, respondent);
      return { respondent, isNew: true };
    });
  },
  // What keeps the form open ends with it, however soon that is.
  { orphans: "cancel" },
);

/**
 * Finish the submissions that were cut off, as when a process died, also where nobody sends the form again.
 *
 * @returns how many
 */
export const resumeSubmissions = coroutine(
  function* resumeSubmissions(service: SurveyService): CoroutineGenerator<number> {
    const { respondents, submissions, tools } = service;
    let count = 0;
    for (const each of yield* respondents.unfinished(resumeLimit)) {
      // Younger ones may be about to be stored.
      if (each.atMs > tools.now() - leaseMs) continue;
      const opened = yield* submissions.reopen(each);
      if (opened === undefined) continue;
      if (yield* withLease(service, opened, () => resume(service, each.surveyId, opened))) count++;
    }
    return count;
  },
  { orphans: "cancel" },
);

/** @returns whether there was something to finish */
function* resume(
  service: SurveyService,
  surveyId: string,
  { oid, begun }: OpenedForm,
): CoroutineGenerator<boolean> {
  const survey = service.findSurvey(({ id }) => id === surveyId);
  if (begun === undefined || survey === undefined) {
    // Cut off before it was a respondent; or its survey is gone, and nobody can finish it.
    yield* service.respondents.noteDone(oid);
    return false;
  }
  if (begun.finishedAtMs !== undefined) {
    yield* finishAgain(service, begun);
    return false;
  }
  const submission = service.submissions.resume(survey, begun);
  yield* noteDone(service, yield* finishSubmission(service.renameTools, submission));
  return true;
}

/** Do `work` on a form, whose lease is renewed as long as it takes, and let go at its end. */
function* withLease<T>(
  { submissions }: SurveyService,
  opened: OpenedForm,
  work: () => CoroutineGenerator<T>,
): CoroutineGenerator<T> {
  const keeping: Future<void> = submissions.keepOpen(opened);
  try {
    return yield* work();
  } finally {
    // First: it would take a lease that is let go for one that is lost.
    keeping.cancel("the submission has ended");
    yield* submissions.close(opened);
  }
}

/** It has finished: what may be missing behind that is the cache. */
function* finishAgain(service: SurveyService, respondent: Respondent): CoroutineGenerator<Respondent> {
  yield* cacheIfMissing(service.tools, respondent);
  yield* noteDone(service, respondent);
  return respondent;
}

/** Whoever looks for what was cut off looks once more if this fails. */
function* noteDone({ respondents, tools }: SurveyService, { oid }: Respondent): CoroutineGenerator<void> {
  try {
    yield* respondents.noteDone(oid);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    tools.log.error(`Cannot note that rid:${oid} is done`, error);
  }
}
