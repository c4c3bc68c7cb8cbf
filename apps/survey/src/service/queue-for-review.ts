/** Puts photos and videos into the queue for a person. Source: the seed's `rpush` to "upload_file_check_task_queue". */
import { type CoroutineGenerator, coroutine } from "gyre";
import { note } from "gyre/trace";
import { formatReviewTask, isVideoOrImage, parseFileAnswer, type UploadQuestion } from "../model/index.ts";
import { StoreError } from "../stores/index.ts";
import { fileCheckQueue, keys, uploadFileCheckTaskQueue } from "./store-keys.ts";
import type { Tools } from "./tools.ts";

export interface FileForReview {
  /** `key|filename`, the key being the final one. */
  readonly answer: string;
  readonly projectId: string;
  readonly question: UploadQuestion;
  readonly respondent: { readonly oid: string };
}

/** Queue the file if it is a photo or a video. A store that fails is asked once more. */
export function* queueForReview(tools: Tools, file: FileForReview): CoroutineGenerator<void> {
  if (!isVideoOrImage(file.answer)) return;
  const { queue } = tools.stores;
  const entry = entryOf(file);
  try {
    note("> queue for review");
    yield queue.push(uploadFileCheckTaskQueue, entry);
    note("> queue for the worker");
    yield queue.push(fileCheckQueue, entry);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // It may have happened all the same, and only the answer be lost.
    yield* queueIfMissing(tools, file);
  }
}

/**
 * Queue the file unless that has been done: for a submission that goes on after it was cut off, or a store that failed.
 *
 * Each queue by itself, as the cut may be between the two. Looks into the queue first: who takes an entry out has
 * stored what came of it before.
 */
export const queueIfMissing = coroutine(function* queueIfMissing(
  tools: Tools,
  file: FileForReview,
): CoroutineGenerator<void> {
  if (!isVideoOrImage(file.answer)) return;
  const { queue, keyValue } = tools.stores;
  const entry = entryOf(file);
  const { key } = parseFileAnswer(file.answer);
  const isKnown = function* (name: string, outcome: string): CoroutineGenerator<boolean> {
    return (yield* queue.has(name, entry)) || (yield* keyValue.get(outcome)) !== undefined;
  };
  if (!(yield* isKnown(uploadFileCheckTaskQueue, keys.decision(key)))) {
    yield* queue.push(uploadFileCheckTaskQueue, entry);
  }
  try {
    if (!(yield* isKnown(fileCheckQueue, keys.fileCheck(key)))) yield* queue.push(fileCheckQueue, entry);
  } catch (error) {
    // A person sees the file all the same, with a note that nothing has looked into it.
    if (!(error instanceof StoreError)) throw error;
    tools.log.error(`Cannot queue ${file.answer} for the worker`, error);
  }
});

function entryOf({ answer, projectId, question, respondent }: FileForReview): string {
  return formatReviewTask({
    projectId,
    questionOid: question.oid,
    respondentOid: respondent.oid,
    file: parseFileAnswer(answer),
  });
}
