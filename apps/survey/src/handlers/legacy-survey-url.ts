/** Where the old logic is posted to; it exists with `--legacy` only. */
import type { Survey } from "../model/index.ts";

export function legacySurveyUrl(survey: Survey): string {
  return `/legacy/s/${survey.shortId}`;
}
