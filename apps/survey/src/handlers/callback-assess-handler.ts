/**
 * The mend that the seed's author made: done callbacks count down, and the last one sets the cache.
 *
 * It does not wait: the answer is sent before the renames are over, and the
 * cache is set some time later.
 *
 * Source: the seed's `AssessHandler` with `upload_result_processor`.
 */
import type { CoroutineGenerator } from "gyre";
import type { Survey } from "../model/index.ts";
import { uploadFileHandle } from "../service/upload-file-handle.ts";
import { uploadResultProcessor } from "../service/upload-result-processor.ts";
import { AssessHandler } from "./assess-handler.ts";
import { callbackSurveyUrl } from "./legacy-urls.ts";

export class CallbackAssessHandler extends AssessHandler {
  protected override formAction(survey: Survey): string {
    return callbackSurveyUrl(survey);
  }

  override *post(shortId: string): CoroutineGenerator<void> {
    const { submissions, renameTools, tools } = this.service;
    const form = { ...(yield* this.receive(shortId)), token: undefined };
    const submission = yield* submissions.accept(form, yield* submissions.open(form));
    const { rspd, respondent, totalAnswer } = submission;
    yield* rspd.finish(tools.now(), []);
    yield* this.service.respondents.countFinished(rspd.respondent);

    uploadFileHandle(renameTools, submission, uploadResultProcessor(tools, respondent.oid, totalAnswer));
    this.thank(form.survey, rspd.respondent, true);
  }
}
