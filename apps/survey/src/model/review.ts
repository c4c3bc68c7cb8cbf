/**
 * The queue's entry for a file that somebody has to look at:
 * `project||question||respondent||key|filename`.
 *
 * Source: the seed's "upload_file_check_task_queue".
 */
import type { FileAnswer } from "./answer.ts";
import { formatFileAnswer, parseFileAnswer } from "./answer.ts";
import { hasUnseenCharacters, quote } from "./file-name.ts";
import { isOid } from "./survey.ts";

export type Decision = "approved" | "rejected";

/** What a look into the file itself has shown. */
export type FileVerdict =
  | { readonly kind: "ok"; readonly found: string }
  /** `found`: the media type that it really has, or that nothing is known of it. */
  | { readonly kind: "mismatch"; readonly found: string }
  | { readonly kind: "missing" };

export interface ReviewTask {
  readonly projectId: string;
  readonly questionOid: string;
  readonly respondentOid: string;
  /** The file under its new key. */
  readonly file: FileAnswer;
}

/** A task with all that a person wants to know of it before deciding. */
export interface ReviewItem {
  readonly task: ReviewTask;
  readonly surveyTitle: string;
  readonly questionTitle: string;
  /** Number of the respondent who sent it. */
  readonly seq: number;
  readonly sentAtMs: number;
  readonly sizeBytes: number;
  /** What a look into the file has shown; absent until there was one. */
  readonly verdict?: FileVerdict;
}

/** A task that somebody has decided. */
export interface DecidedItem {
  readonly task: ReviewTask;
  readonly decision: Decision;
  readonly decidedAtMs: number;
}

/**
 * Write a task as one line; `parseReviewTask()` reads back the same.
 *
 * @throws {SyntaxError} when a part of the task could not be read back
 */
export function formatReviewTask(task: ReviewTask): string {
  const { projectId, questionOid, respondentOid } = task;
  checkIds(task, `${projectId}||${questionOid}||${respondentOid}`, "write");
  return `${projectId}||${questionOid}||${respondentOid}||${formatFileAnswer(task.file)}`;
}

/**
 * Read one line of the queue; `formatReviewTask()` writes back the same.
 *
 * @throws {SyntaxError} when the line is no review task
 */
export function parseReviewTask(line: string): ReviewTask {
  const [projectId, questionOid, respondentOid, answer, ...rest] = line.split("||");
  if (
    projectId === undefined ||
    questionOid === undefined ||
    respondentOid === undefined ||
    answer === undefined ||
    rest.length > 0
  ) {
    const parts = line.split("||").length;
    throw new SyntaxError(
      `Cannot read review task ${quote(line)}: it has ${parts} parts, wanted project||question||respondent||answer`,
    );
  }
  const ids = { projectId, questionOid, respondentOid };
  checkIds(ids, line, "read");
  return { ...ids, file: parseFileAnswer(answer) };
}

function checkIds(ids: Omit<ReviewTask, "file">, shown: string, action: "read" | "write"): void {
  const refuse = (is: string, wanted: string): never => {
    throw new SyntaxError(`Cannot ${action} review task ${quote(shown)}: ${is}, ${wanted}`);
  };
  if (ids.projectId === "" || ids.projectId.includes("|") || hasUnseenCharacters(ids.projectId)) {
    refuse(`project is ${quote(ids.projectId)}`, 'wanted an id without "|"');
  }
  if (!isOid(ids.questionOid)) refuse(`question is ${quote(ids.questionOid)}`, "wanted 24 hex digits");
  if (!isOid(ids.respondentOid)) refuse(`respondent is ${quote(ids.respondentOid)}`, "wanted 24 hex digits");
}
