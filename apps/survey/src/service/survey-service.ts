/** The service without the web: its parts, put together around three stores. */
import { type Survey, sampleSurveys } from "../model/index.ts";
import { ReviewDesk } from "../review/review-desk.ts";
import { Respondents } from "./respondents.ts";
import { Submissions } from "./submissions.ts";
import type { Tools } from "./tools.ts";
import { Uploads } from "./uploads.ts";

export interface SurveyServiceOptions {
  readonly tools: Tools;
  /** Default: the two samples. */
  readonly surveys?: readonly Survey[];
  /** Largest file, in bytes; default 50 MB. */
  readonly maxFileBytes?: number;
}

export class SurveyService {
  readonly tools: Tools;
  readonly surveys: readonly Survey[];
  readonly respondents: Respondents;
  readonly uploads: Uploads;
  readonly submissions: Submissions;
  readonly reviews: ReviewDesk;

  constructor({ tools, surveys = sampleSurveys, maxFileBytes = 50_000_000 }: SurveyServiceOptions) {
    this.tools = tools;
    this.surveys = surveys;
    this.respondents = new Respondents(tools.stores.keyValue);
    this.uploads = new Uploads(tools, { respondents: this.respondents, maxFileBytes });
    this.submissions = new Submissions(tools, this);
    this.reviews = new ReviewDesk(tools, this);
  }

  /** What the renames are given. */
  get renameTools(): Tools & { readonly uploads: Uploads; readonly respondents: Respondents } {
    return { ...this.tools, uploads: this.uploads, respondents: this.respondents };
  }

  findSurvey(test: (survey: Survey) => boolean): Survey | undefined {
    return this.surveys.find(test);
  }
}
