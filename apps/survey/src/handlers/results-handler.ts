/** `GET /s/:shortId/results`: all answers of a survey. */
import type { CoroutineGenerator } from "gyre";
import { submittedFiles } from "../model/index.ts";
import { resultsPage } from "../views/index.ts";
import { respondentJson } from "./respondent-json.ts";
import { SurveyHandler } from "./survey-handler.ts";

/** More on one page nobody reads. */
const respondentLimit = 500;

export class ResultsHandler extends SurveyHandler {
  *get(shortId: string): CoroutineGenerator<void> {
    const { respondents, reviews } = this.service;
    const survey = this.surveyOf(shortId);
    const shown = yield* respondents.latest(survey.id, respondentLimit);
    const count = yield* respondents.finishedCount(survey.id);
    if (this.wantsJson) {
      const list = shown.map((respondent) => respondentJson(survey, respondent));
      this.write({ survey: survey.id, responseCount: count, respondents: list });
      return;
    }
    const files = shown.flatMap((respondent) => submittedFiles(survey, respondent));
    const decisions = yield* reviews.decisions(files.map(({ key }) => key));
    const rest = count > shown.length ? { respondentCount: count } : {};
    this.write(resultsPage({ survey, respondents: shown, decisions, ...rest }));
  }
}
