/**
 * One person's filled-in survey, and the files that came with it.
 */
import type { FileAnswer, TotalAnswer } from "./answer.ts";
import { parseFileAnswers } from "./answer.ts";
import type { Survey, UploadQuestion } from "./survey.ts";
import { isUploadQuestion } from "./survey.ts";

/** A file that could not be renamed. Its answer keeps the upload key, so that nothing is lost. */
export interface FailedFile extends FileAnswer {
  readonly questionOid: string;
  /** One sentence for the person who sent the file. */
  readonly reason: string;
}

export interface Respondent {
  readonly oid: string;
  readonly surveyId: string;
  /** Counts the respondents of one survey, from 1. */
  readonly seq: number;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly answer: TotalAnswer;
  readonly failedFiles: readonly FailedFile[];
}

/** A file of one respondent, with the question that it answers. */
export interface SubmittedFile extends FileAnswer {
  readonly question: UploadQuestion;
  /** Why it was not renamed; absent for a file that was. */
  readonly failure?: string;
}

/**
 * Every file that `respondent` sent, in the order of the questions, failed ones included.
 *
 * @throws {SyntaxError} when a stored answer is no list of `key|filename`
 */
export function submittedFiles(survey: Survey, respondent: Respondent): SubmittedFile[] {
  return survey.questions.filter(isUploadQuestion).flatMap((question) => {
    const stored = parseFileAnswers(respondent.answer[question.oid]?.[question.optionId] ?? "");
    return stored.map((file): SubmittedFile => {
      const failed = respondent.failedFiles.find(
        (each) => each.questionOid === question.oid && each.key === file.key,
      );
      return failed === undefined ? { ...file, question } : { ...file, question, failure: failed.reason };
    });
  });
}
