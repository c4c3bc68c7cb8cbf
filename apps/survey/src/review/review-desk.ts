/**
 * Where a person decides on photos and videos.
 *
 * An entry stays in the queue until somebody has decided; what the worker finds
 * out about the file is stored beside it and never takes the entry away.
 */
import { all, type CoroutineGenerator, coroutine, type Future } from "gyre";
import {
  type DecidedItem,
  type Decision,
  type FileVerdict,
  formatReviewTask,
  getQuestion,
  parseReviewTask,
  type ReviewItem,
  type ReviewTask,
  type Survey,
} from "../model/index.ts";
import { RefusedError } from "../service/refused-error.ts";
import type { Respondents } from "../service/respondents.ts";
import { decidedPrefix, keys, uploadFileCheckTaskQueue } from "../service/store-keys.ts";
import type { Tools } from "../service/tools.ts";
import type { QueuedTask } from "../stores/index.ts";

/** How a decision is stored. */
interface DecisionRecord {
  /** The line of the queue. */
  readonly task: string;
  readonly decision: Decision;
  readonly decidedAtMs: number;
}

export class ReviewDesk {
  readonly #tools: Tools;
  readonly #surveys: readonly Survey[];
  readonly #respondents: Respondents;

  constructor(tools: Tools, parts: { surveys: readonly Survey[]; respondents: Respondents }) {
    this.#tools = tools;
    this.#surveys = parts.surveys;
    this.#respondents = parts.respondents;
  }

  /** How many entries wait. */
  pendingCount(): Future<number> {
    return this.#tools.stores.queue.length(uploadFileCheckTaskQueue);
  }

  /** The oldest entries as they stand in the queue, at most `limit`. */
  entries(limit: number): Future<QueuedTask[]> {
    return this.#tools.stores.queue.list(uploadFileCheckTaskQueue, limit);
  }

  /** The oldest entries, at most `limit`. */
  readonly pending = coroutine(function* pendingReviews(
    this: ReviewDesk,
    limit: number,
  ): CoroutineGenerator<ReviewItem[]> {
    const entries = yield* this.entries(limit);
    return yield* all(entries.map(({ task }) => this.#describe(parseReviewTask(task))));
  });

  readonly #describe = coroutine(function* describeReview(
    this: ReviewDesk,
    task: ReviewTask,
  ): CoroutineGenerator<ReviewItem> {
    const { keyValue, objects } = this.#tools.stores;
    const { respondent, info, check } = yield* all({
      respondent: this.#respondents.find(task.respondentOid),
      info: objects.info(task.file.key),
      check: keyValue.get(keys.fileCheck(task.file.key)),
    });
    const survey = this.#surveys.find(({ id }) => id === respondent?.surveyId);
    const question = survey === undefined ? undefined : getQuestion(survey, task.questionOid);
    return {
      task,
      surveyTitle: survey?.title ?? "A survey that is gone",
      questionTitle: question?.title ?? "A question that is gone",
      seq: respondent?.seq ?? 0,
      sentAtMs: respondent?.finishedAtMs ?? respondent?.startedAtMs ?? 0,
      sizeBytes: info?.sizeBytes ?? 0,
      ...(check === undefined ? {} : { verdict: JSON.parse(check) as FileVerdict }),
    };
  });

  /** The latest decisions, at most `limit`, latest first. */
  readonly decided = coroutine(function* decidedReviews(
    this: ReviewDesk,
    limit: number,
  ): CoroutineGenerator<DecidedItem[]> {
    const entries = yield* this.#tools.stores.keyValue.entries(decidedPrefix, { limit });
    return entries.map(({ value }) => {
      const { task, ...rest } = JSON.parse(value) as DecisionRecord;
      return { task: parseReviewTask(task), ...rest };
    });
  });

  /** What was decided on the files with these keys; those that wait are not in it. */
  readonly decisions = coroutine(function* decisionsOf(
    this: ReviewDesk,
    fileKeys: readonly string[],
  ): CoroutineGenerator<Map<string, Decision>> {
    const { keyValue } = this.#tools.stores;
    const found = yield* all(fileKeys.map((key) => keyValue.get(keys.decision(key))));
    return new Map(
      fileKeys.flatMap((key, at): [string, Decision][] => {
        const text = found[at];
        return text === undefined ? [] : [[key, (JSON.parse(text) as DecisionRecord).decision]];
      }),
    );
  });

  /**
   * Store what somebody decided, and take the entry out of the queue. The same decision twice does no harm.
   *
   * @throws {RefusedError} when there is no such entry, or somebody else has decided otherwise
   */
  readonly decide = coroutine(function* decideReview(
    this: ReviewDesk,
    task: ReviewTask,
    decision: Decision,
  ): CoroutineGenerator<DecidedItem> {
    const line = formatReviewTask(task);
    const { queue } = this.#tools.stores;
    const isQueued = yield* queue.has(uploadFileCheckTaskQueue, line);
    const decided = yield* this.#storeDecision(task, decision, isQueued);
    // Last: who dies before has left an entry that the next decision finds decided, and takes away.
    if (isQueued) yield* queue.remove(uploadFileCheckTaskQueue, line);
    if (decided.decision === decision) return decided;
    throw new RefusedError(
      "CONFLICT",
      `Cannot decide on ${task.file.filename}: somebody else has ${decided.decision} it already`,
    );
  });

  *#storeDecision(task: ReviewTask, decision: Decision, isQueued: boolean): CoroutineGenerator<DecidedItem> {
    const { keyValue } = this.#tools.stores;
    const key = keys.decision(task.file.key);
    const decidedAtMs = this.#tools.now();
    const record: DecisionRecord = { task: formatReviewTask(task), decision, decidedAtMs };
    const text = JSON.stringify(record);
    if (isQueued && (yield* keyValue.setIfAbsent(key, text))) {
      yield* keyValue.set(keys.decided(decidedAtMs, task.file.key), text);
      return { task, decision, decidedAtMs };
    }
    const before = yield* keyValue.get(key);
    if (before !== undefined) return { ...(JSON.parse(before) as DecisionRecord), task };
    throw new RefusedError(
      "NOT_FOUND",
      `Cannot decide on ${task.file.filename}: it does not wait for a review`,
    );
  }
}
