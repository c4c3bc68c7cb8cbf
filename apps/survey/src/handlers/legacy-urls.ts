/** Where the old logic, and its author's mend, are posted to; with `--legacy` only. */
import type { Survey } from "../model/index.ts";

export function legacySurveyUrl(survey: Survey): string {
  return `/legacy/s/${survey.shortId}`;
}

export function callbackSurveyUrl(survey: Survey): string {
  return `/legacy/callback/s/${survey.shortId}`;
}
