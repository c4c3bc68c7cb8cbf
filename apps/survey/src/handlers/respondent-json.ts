/** A respondent as programs get it. */
import { type Respondent, type Survey, submittedFiles } from "../model/index.ts";
import { fileUrl, thankYouUrl } from "../views/index.ts";

export interface FileJson {
  readonly question: string;
  readonly filename: string;
  readonly key: string;
  readonly url: string;
  /** Why it was not renamed. */
  readonly failure?: string;
}

export interface RespondentJson extends Omit<Respondent, "failedFiles"> {
  /** The page for a person. */
  readonly url: string;
  readonly files: readonly FileJson[];
}

export function respondentJson(survey: Survey, respondent: Respondent): RespondentJson {
  const { failedFiles: _told, ...rest } = respondent;
  return {
    ...rest,
    url: thankYouUrl(survey, respondent.oid),
    files: submittedFiles(survey, respondent).map(({ question, filename, key, failure }) => ({
      question: question.cid,
      filename,
      key,
      url: fileUrl(key),
      ...(failure === undefined ? {} : { failure }),
    })),
  };
}
