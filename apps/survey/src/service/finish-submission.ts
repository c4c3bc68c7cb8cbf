/** Ours: wait for the renames, then cache. The waiting is one `yield`. */
import { all, CancelledError, type CoroutineGenerator, coroutine, type Future, TimeoutError } from "gyre";
import { type FailedFile, formatFileAnswer, type Respondent } from "../model/index.ts";
import { ObjectNotFoundError, StoreError, StoreFullError } from "../stores/index.ts";
import { fileAt } from "./file-position.ts";
import { type RenameTools, type RespondentRef, renameLimitMs } from "./rename-upload-file.ts";
import type { Respondents } from "./respondents.ts";
import { uploadsPrefix } from "./store-keys.ts";
import type { Tools } from "./tools.ts";
import { cacheLimitMs, cacheTotalAnswer, cacheTotalAnswerIfMissing } from "./total-answer-cache.ts";
import { positionOf, type Renames, type Submission, uploadFileHandle } from "./upload-file-handle.ts";

/**
 * Rename the files of `submission`, wait for all of them, and then cache the total answer.
 *
 * A rename that fails is logged and kept with the respondent; the submission is kept all the same.
 *
 * Suspends: until every rename has settled, at most `renameLimitMs` for each, all at the same time.
 * @returns the finished respondent
 * @throws {StoreError} when the respondent cannot be stored
 */
export const finishSubmission = coroutine(function* finishSubmission(
  tools: RenameTools & { readonly respondents: Respondents },
  submission: Submission,
): CoroutineGenerator<Respondent> {
  const { rspd, totalAnswer, respondent } = submission;
  const renames = uploadFileHandle(tools, submission);
  try {
    yield* all(renames, { quietErrors: [Error] });
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    // One of them has failed, perhaps several: failedFiles asks each.
  }
  const failed = failedFiles(tools, submission, renames);
  // Counted first: who is finished is counted, and who was cut off in between is not counted again.
  yield* tools.respondents.countFinished(rspd.respondent);
  yield* rspd.finish(tools.now(), failed);
  yield* cacheOrLog(tools, respondent, cacheTotalAnswer(tools.stores.keyValue, respondent.oid, totalAnswer));
  return rspd.respondent;
});

/**
 * Cache the total answer of a respondent who has finished, if that went wrong the first time.
 *
 * What is cached goes when it would have gone: two hours after the answers came.
 */
export const cacheIfMissing = coroutine(function* cacheIfMissing(
  tools: Tools,
  respondent: Respondent,
): CoroutineGenerator<void> {
  const ttlMs = (respondent.finishedAtMs ?? 0) + cacheLimitMs - tools.now();
  if (ttlMs <= 0) return;
  const { oid, answer } = respondent;
  yield* cacheOrLog(
    tools,
    respondent,
    cacheTotalAnswerIfMissing(tools.stores.keyValue, oid, { totalAnswer: answer, ttlMs }),
  );
});

/** The cache is a convenience: the answers are stored. */
function* cacheOrLog(
  { log }: Tools,
  { oid }: RespondentRef,
  caching: Future<unknown>,
): CoroutineGenerator<void> {
  try {
    yield* caching;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.error(`Cannot cache the total answer of rid:${oid}`, error);
  }
}

function failedFiles(tools: RenameTools, submission: Submission, renames: Renames): FailedFile[] {
  const { survey, totalAnswer, respondent } = submission;
  return Object.entries(renames).flatMap(([name, rename]) => {
    const error = rename.error();
    if (error === undefined) return [];
    const position = positionOf(survey, name);
    const file = fileAt(totalAnswer, position);
    tools.log.error(`rename upload for rid:${respondent.oid} answer:${formatFileAnswer(file)} err`, error);
    return [{ ...file, questionOid: position.question.oid, reason: reasonOf(error, file.key) }];
  });
}

/** Why a file was not renamed, for the person who sent it. */
function reasonOf(error: unknown, key: string): string {
  if (!key.startsWith(uploadsPrefix)) {
    return "It has its new name, but could not be put into the queue for review.";
  }
  if (error instanceof TimeoutError) {
    return `The file store did not answer within ${renameLimitMs / 1000} seconds.`;
  }
  if (error instanceof ObjectNotFoundError) return "The uploaded file is no longer there.";
  if (error instanceof StoreFullError) return "The file store has no room left.";
  return "The file store could not rename it.";
}
