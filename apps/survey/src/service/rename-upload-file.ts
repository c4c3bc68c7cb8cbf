/**
 * Gives an uploaded file its final name.
 *
 * Source: the seed's `rename_upload_file` and `rename_upload_file_func`, with
 * the object store's rename in the place of the call to the file server.
 */
import { type CoroutineGenerator, coroutine, type Future, Task, TimeoutError, withTimeout } from "gyre";
import { note } from "gyre/trace";
import {
  destinationKey,
  formatFileAnswer,
  parseFileAnswer,
  splitFileName,
  type TotalAnswer,
  type UploadQuestion,
} from "../model/index.ts";
import { ObjectExistsError, StoreError } from "../stores/index.ts";
import type { AnswerSheet } from "./answer-sheet.ts";
import { putFile } from "./file-position.ts";
import { queueForReview } from "./queue-for-review.ts";
import type { Tools } from "./tools.ts";
import type { Uploads } from "./uploads.ts";

/** How long the object store may take over one rename. */
export const renameLimitMs = 10_000;
/** So many random numbers are tried when a name is taken: the chance is one in 900,000 each time. */
const nameAttempts = 5;

/** Whose file it is. Source: the seed's `respondent`. */
export interface RespondentRef {
  readonly oid: string;
  readonly seq: number;
}

/** One file of a submission. */
export interface UploadedAnswer {
  /** `key|filename` */
  readonly answer: string;
  readonly totalAnswer: TotalAnswer;
  readonly rspd: AnswerSheet;
  readonly respondent: RespondentRef;
  readonly projectId: string;
  readonly question: UploadQuestion;
  /** Its place among the files of the question, from 0. */
  readonly index: number;
}

export interface RenameTools extends Tools {
  readonly uploads: Uploads;
}

/**
 * Rename one file, write its new answer into the total answer and onto the sheet, and queue photos and videos.
 *
 * Fails as the rename or a store does; the answer then keeps what it had.
 */
export const renameUploadFile = coroutine(function* renameUploadFile(
  tools: RenameTools,
  upload: UploadedAnswer,
): CoroutineGenerator<void> {
  const { answer, totalAnswer, respondent, question, index } = upload;
  const newAnswer: string = yield new Task(renameUploadFileFunc, tools, answer, respondent.seq, question.cid);

  putFile(totalAnswer, { question, index }, newAnswer);
  yield* setAnswer(upload, totalAnswer[question.oid] as Record<string, string>);
  yield* queueForReview(tools, { ...upload, answer: newAnswer });
  try {
    yield tools.uploads.forget(parseFileAnswer(answer).key);
  } catch (error) {
    // All that counts is done; the sweep removes what is left.
    if (!(error instanceof StoreError)) throw error;
    tools.log.error(`Cannot forget the upload of rid:${respondent.oid} answer:${newAnswer}`, error);
  }
});

/** Once more where the store fails: the file has its new name already. */
function* setAnswer(
  { rspd, question }: UploadedAnswer,
  answer: Record<string, string>,
): CoroutineGenerator<void> {
  try {
    yield rspd.setAnswer(question.oid, answer);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    yield rspd.setAnswer(question.oid, answer);
  }
}

/**
 * Move the object of `answer` to `seq-cid-name-random.suffix`. @returns its new `key|filename`
 *
 * Finds one that was moved already, when the submission was cut off right behind that.
 *
 * @throws {TimeoutError} when the object store takes longer than `renameLimitMs`
 */
export const renameUploadFileFunc = coroutine(function* renameUploadFileFunc(
  tools: RenameTools,
  answer: string,
  seq: number,
  cid: string,
): CoroutineGenerator<string> {
  const { key, filename } = parseFileAnswer(answer);
  const moved = yield* tools.uploads.movedTo(key);
  if (moved !== undefined) return formatFileAnswer({ key: moved, filename });
  for (let attempt = 1; ; attempt++) {
    const destKey = destinationKey({ ...splitFileName(filename), seq, cid, random: tools.randomNumber() });
    yield* tools.uploads.noteDestination(key, destKey);
    note("> rename file");
    const renaming = tools.stores.objects.rename(key, destKey);
    try {
      yield* withTimeout(renameLimitMs, renaming, { quietErrors: [Error] });
      note("< renamed");
      return formatFileAnswer({ key: destKey, filename });
    } catch (error) {
      if (error instanceof TimeoutError) takeBackIfLate(tools, renaming, { from: destKey, to: key });
      if (error instanceof ObjectExistsError && attempt < nameAttempts) continue;
      // It may have been moved all the same, and only the answer be lost.
      if (!(error instanceof StoreError) || (yield* tools.uploads.movedTo(key)) !== destKey) throw error;
      return formatFileAnswer({ key: destKey, filename });
    }
  }
});

/**
 * Undo a rename that ends after its limit: the answer has kept the old key by then, and has to stay true.
 *
 * By a callback, because no coroutine should wait for a store that may never answer.
 */
function takeBackIfLate(
  { stores, log }: Tools,
  renaming: Future<unknown>,
  { from, to }: { from: string; to: string },
): void {
  renaming.addDoneCallback((late) => {
    if (late.error() !== undefined) return; // it has failed, as was said
    stores.objects.rename(from, to).addDoneCallback((back) => {
      const error = back.error();
      if (error !== undefined) log.error(`Cannot take back the late rename of ${to} to ${from}`, error);
    });
  });
}
