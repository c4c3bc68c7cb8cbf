/**
 * The seed's bug, kept so that it can be watched: `npm start -- --legacy`.
 *
 * The renames are started and never waited for, so what is cached is the total
 * answer from before them. Nothing fails and nothing is logged, except that
 * gyre reports the orphans when `post` ends.
 *
 * Source: the seed's `AssessHandler` without what its author marks as added later.
 */
import type { CoroutineGenerator } from "gyre";
import type { Survey } from "../model/index.ts";
import { cacheTotalAnswer } from "../service/total-answer-cache.ts";
import { uploadFileHandle } from "../service/upload-file-handle.ts";
import { AssessHandler } from "./assess-handler.ts";
import { legacySurveyUrl } from "./legacy-urls.ts";

export class LegacyAssessHandler extends AssessHandler {
  protected override formAction(survey: Survey): string {
    return legacySurveyUrl(survey);
  }

  override *post(shortId: string): CoroutineGenerator<void> {
    const { submissions, renameTools, tools } = this.service;
    const form = { ...(yield* this.receive(shortId)), token: undefined };
    const submission = yield* submissions.accept(form, yield* submissions.open(form));
    const { rspd, respondent, totalAnswer } = submission;
    yield* rspd.finish(tools.now(), []);
    yield* this.service.respondents.countFinished(rspd.respondent);

    uploadFileHandle(renameTools, submission); // what it returns is dropped: here is the bug
    yield* cacheTotalAnswer(tools.stores.keyValue, respondent.oid, totalAnswer);

    this.thank(form.survey, rspd.respondent, true);
  }
}
