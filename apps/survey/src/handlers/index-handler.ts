/** `GET /`: the surveys. */
import { all, type CoroutineGenerator } from "gyre";
import { indexPage, type SurveyCard, surveyUrl } from "../views/index.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class IndexHandler extends SurveyHandler {
  *get(): CoroutineGenerator<void> {
    const { surveys, respondents, reviews } = this.service;
    const counts = yield* all(surveys.map(({ id }) => respondents.finishedCount(id)));
    const pendingCount = yield* reviews.pendingCount();
    const cards = surveys.map((survey, at): SurveyCard => ({ survey, responseCount: counts[at] as number }));
    if (!this.wantsJson) {
      this.write(indexPage({ surveys: cards, pendingCount }));
      return;
    }
    const list = cards.map(({ survey, responseCount }) => ({
      id: survey.id,
      shortId: survey.shortId,
      title: survey.title,
      url: surveyUrl(survey),
      responseCount,
    }));
    this.write({ surveys: list, pendingCount });
  }
}
