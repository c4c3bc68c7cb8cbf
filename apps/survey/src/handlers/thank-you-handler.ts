/** `GET /s/:shortId/thanks/:oid`: what a person sees after sending the answers, also when the page is loaded again. */
import type { CoroutineGenerator } from "gyre";
import { RefusedError } from "../service/refused-error.ts";
import { thankYouPage } from "../views/index.ts";
import { respondentJson } from "./respondent-json.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class ThankYouHandler extends SurveyHandler {
  *get(shortId: string, oid: string): CoroutineGenerator<void> {
    const survey = this.surveyOf(shortId);
    const respondent = yield* this.service.respondents.find(oid);
    if (respondent?.surveyId !== survey.id) {
      throw new RefusedError("NOT_FOUND", "Cannot find these answers: nobody has sent them to this survey");
    }
    if (this.wantsJson) this.write({ respondent: respondentJson(survey, respondent) });
    else this.write(thankYouPage({ survey, respondent }));
  }
}
