/** The table of routes, and the application around it. */
import { fileURLToPath } from "node:url";
import { Application, type RouteRow } from "gyre/web";
import { uploadFileCheckTaskQueue } from "../service/store-keys.ts";
import type { SurveyService } from "../service/survey-service.ts";
import { AssessHandler } from "./assess-handler.ts";
import { CallbackAssessHandler } from "./callback-assess-handler.ts";
import { FaviconHandler } from "./favicon-handler.ts";
import { FileHandler } from "./file-handler.ts";
import { IndexHandler } from "./index-handler.ts";
import { LegacyAssessHandler } from "./legacy-assess-handler.ts";
import { NotFoundHandler } from "./not-found-handler.ts";
import { PublicFileHandler } from "./public-file-handler.ts";
import { QueueHandler } from "./queue-handler.ts";
import { RespondentHandler } from "./respondent-handler.ts";
import { ResultsHandler } from "./results-handler.ts";
import { ReviewHandler } from "./review-handler.ts";
import type { HandlerOptions } from "./survey-handler.ts";
import { ThankYouHandler } from "./thank-you-handler.ts";
import { TotalAnswerHandler } from "./total-answer-handler.ts";
import { UploadHandler } from "./upload-handler.ts";

/** `src/` and `dist/` are at the same depth. */
const publicFolder = fileURLToPath(new URL("../../public", import.meta.url));

export interface ApplicationOptions {
  /** Add the seed's old logic and its author's mend, to be compared with ours. */
  readonly hasLegacy?: boolean;
  /** Where the console listens, without its token; the list of surveys then links to it. */
  readonly consoleUrl?: string | undefined;
}

/** The service as an application; it listens when it is told to. */
export function makeApplication(service: SurveyService, options: ApplicationOptions = {}): Application {
  const given: HandlerOptions = { service };
  const legacy: RouteRow[] = [
    ["/legacy/s/:shortId", LegacyAssessHandler, given],
    ["/legacy/callback/s/:shortId", CallbackAssessHandler, given],
  ];
  return new Application(
    [
      ["/", IndexHandler, { ...given, consoleUrl: options.consoleUrl }],
      ["/s/:shortId", AssessHandler, given],
      ["/s/:shortId/thanks/:oid", ThankYouHandler, given],
      ["/s/:shortId/results", ResultsHandler, given],
      ["/review", ReviewHandler, given],
      ["/files/*key", FileHandler, given],
      ["/favicon.ico", FaviconHandler, given],
      ["/static/*path", PublicFileHandler, { root: publicFolder }],
      ["/api/uploads", UploadHandler, given],
      ["/api/respondents/:oid", RespondentHandler, given],
      ["/api/cache/assess_total_answer/:rid", TotalAnswerHandler, given],
      [`/api/queue/${uploadFileCheckTaskQueue}`, QueueHandler, given],
      ...(options.hasLegacy === true ? legacy : []),
    ],
    { log: service.tools.log, notFoundHandler: NotFoundHandler },
  );
}
