/** One file among the files that answer a question: `{optionId: "key|filename,key2|filename2"}`. */
import { type FileAnswer, parseFileAnswers, type TotalAnswer, type UploadQuestion } from "../model/index.ts";

export interface FilePosition {
  readonly question: UploadQuestion;
  /** From 0. */
  readonly index: number;
}

/** The file at `position` as the answer stands now. */
export function fileAt(totalAnswer: TotalAnswer, { question, index }: FilePosition): FileAnswer {
  const file = parseFileAnswers(totalAnswer[question.oid]?.[question.optionId] ?? "")[index];
  if (file !== undefined) return file;
  throw new RangeError(`Cannot find file ${index} of question ${question.cid}: its answer has fewer files`);
}

/**
 * Put `answer` (`key|filename`) in the place of the file at `position`.
 *
 * The question gets a new record, so that who holds the old one sees no half change.
 */
export function putFile(totalAnswer: TotalAnswer, { question, index }: FilePosition, answer: string): void {
  const list = (totalAnswer[question.oid]?.[question.optionId] ?? "").split(",");
  list[index] = answer;
  totalAnswer[question.oid] = { [question.optionId]: list.join(",") };
}
