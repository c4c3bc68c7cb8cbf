/**
 * Starts the renames of a submission, all at the same time.
 *
 * Source: the seed's `upload_file_handel`, which took the first file of each
 * question only; here all are taken.
 */
import type { Coroutine } from "gyre";
import {
  formatFileAnswer,
  isUploadQuestion,
  parseFileAnswers,
  type Survey,
  type TotalAnswer,
} from "../model/index.ts";
import type { AnswerSheet } from "./answer-sheet.ts";
import type { FilePosition } from "./file-position.ts";
import { queueIfMissing } from "./queue-for-review.ts";
import { type RenameTools, type RespondentRef, renameUploadFile } from "./rename-upload-file.ts";
import { uploadsPrefix } from "./store-keys.ts";

/** Answers that are stored, with files that wait for their final names. */
export interface Submission {
  readonly survey: Survey;
  readonly respondent: RespondentRef;
  /** The respondent as stored. */
  readonly rspd: AnswerSheet;
  /** The answers; the renames write the new names into them. */
  readonly totalAnswer: TotalAnswer;
}

/** `QUESTION_OID OPTION_ID INDEX` -> the rename of that file. */
export type Renames = Record<string, Coroutine<void>>;

/**
 * Start the rename of every file of `submission`, and wait for none.
 *
 * What becomes of them is up to the caller: `resultProcessor` is called with
 * them, as in the seed, and they are returned, so that they can be yielded.
 */
export function uploadFileHandle(
  tools: RenameTools,
  submission: Submission,
  resultProcessor?: (renames: Renames) => void,
): Renames {
  const { survey, totalAnswer, rspd, respondent } = submission;
  const renames: Renames = {};
  for (const question of survey.questions) {
    if (!isUploadQuestion(question)) continue;
    const files = parseFileAnswers(totalAnswer[question.oid]?.[question.optionId] ?? "");
    for (const [index, file] of files.entries()) {
      const name = nameOf({ question, index });
      const answer = formatFileAnswer(file);
      const { projectId } = survey;
      // Has its name already: a submission goes on that was cut off before.
      if (!file.key.startsWith(uploadsPrefix)) {
        renames[name] = queueIfMissing(tools, { answer, projectId, question, respondent });
        continue;
      }
      renames[name] = renameUploadFile(tools, {
        answer,
        totalAnswer,
        rspd,
        respondent,
        projectId,
        question,
        index,
      });
    }
  }
  resultProcessor?.(renames);
  return renames;
}

function nameOf({ question, index }: FilePosition): string {
  return `${question.oid} ${question.optionId} ${index}`;
}

/** The file that `name` stands for, in the `Renames` of a submission of `survey`. */
export function positionOf(survey: Survey, name: string): FilePosition {
  const [oid, , index] = name.split(" ");
  const question = survey.questions.filter(isUploadQuestion).find((each) => each.oid === oid);
  if (question !== undefined) return { question, index: Number(index) };
  throw new RangeError(`Cannot find the file of the rename "${name}": ${survey.id} has no such question`);
}
