/** `GET /api/respondents/:oid`: one respondent as stored now. */
import type { CoroutineGenerator } from "gyre";
import { RefusedError } from "../service/refused-error.ts";
import { respondentJson } from "./respondent-json.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class RespondentHandler extends SurveyHandler {
  override get wantsJson(): boolean {
    return true;
  }

  *get(oid: string): CoroutineGenerator<void> {
    const respondent = yield* this.service.respondents.find(oid);
    const survey = this.service.surveys.find(({ id }) => id === respondent?.surveyId);
    if (respondent === undefined || survey === undefined) {
      throw new RefusedError("NOT_FOUND", `Cannot find the respondent "${oid}": there is none with this id`);
    }
    this.write({ respondent: respondentJson(survey, respondent) });
  }
}
