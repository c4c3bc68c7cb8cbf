/** `GET /`: the surveys. */
import { all, type CoroutineGenerator } from "gyre";
import { indexPage, type SurveyCard, surveyUrl } from "../views/index.ts";
import { type HandlerOptions, SurveyHandler } from "./survey-handler.ts";

export interface IndexHandlerOptions extends HandlerOptions {
  /** Where the console listens, without its token. */
  readonly consoleUrl?: string | undefined;
}

/** The names by which a browser on this machine reaches it; for others the console's address leads elsewhere. */
const ownNames = ["127.0.0.1", "localhost", "[::1]"];

export class IndexHandler extends SurveyHandler {
  private consoleUrl: string | undefined = undefined;

  override initialize(options: IndexHandlerOptions): void {
    super.initialize(options);
    if (ownNames.includes(this.request.host.replace(/:\d+$/, ""))) this.consoleUrl = options.consoleUrl;
  }

  *get(): CoroutineGenerator<void> {
    const { surveys, respondents, reviews } = this.service;
    const counts = yield* all(surveys.map(({ id }) => respondents.finishedCount(id)));
    const pendingCount = yield* reviews.pendingCount();
    const cards = surveys.map((survey, at): SurveyCard => ({ survey, responseCount: counts[at] as number }));
    if (!this.wantsJson) {
      this.write(indexPage({ surveys: cards, pendingCount, consoleUrl: this.consoleUrl }));
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
