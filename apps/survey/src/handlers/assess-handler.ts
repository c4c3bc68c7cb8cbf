/**
 * `GET /s/:shortId`: the form. `POST /s/:shortId`: the answers.
 *
 * Source: the seed's `AssessHandler`; the cache is set by `finishSubmission`,
 * when every rename has settled.
 */
import { all, type CoroutineGenerator } from "gyre";
import {
  answerField,
  type Fields,
  fieldValues,
  isUploadQuestion,
  parseFileAnswers,
  type Respondent,
  readStartedAtMs,
  type Survey,
} from "../model/index.ts";
import { AnswersRefusedError } from "../service/refused-error.ts";
import { submitForm } from "../service/submit-form.ts";
import { formPage, thankYouUrl } from "../views/index.ts";
import { respondentJson } from "./respondent-json.ts";
import { type ReceivedForm, readSentForm } from "./sent-form.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class AssessHandler extends SurveyHandler {
  static override readonly streamBody: boolean = true;
  /** Answers that have come are saved, also when their sender has gone. */
  static override readonly cancelOnClose: boolean = false;

  /** Where the form is sent; the survey's own address if absent. */
  protected formAction(_survey: Survey): string | undefined {
    return undefined;
  }

  /** The form, once it is read: shown again when there is something wrong with it. */
  private received: ReceivedForm | undefined = undefined;

  *get(shortId: string): CoroutineGenerator<void> {
    const survey = this.surveyOf(shortId);
    if (this.wantsJson) this.write({ survey });
    else this.write(this.renderForm(survey));
  }

  *post(shortId: string): CoroutineGenerator<void> {
    const form = yield* this.receive(shortId);
    const { respondent, isNew } = yield* submitForm(this.service, form);
    if (!isNew) yield* this.discardUploads(form);
    this.thank(form.survey, respondent, isNew);
  }

  /** Read what was sent. */
  protected *receive(shortId: string): CoroutineGenerator<ReceivedForm> {
    this.received = yield* readSentForm(this, this.surveyOf(shortId));
    return this.received;
  }

  /** The files that came with a form for the second time. */
  private *discardUploads({ uploadKeys }: ReceivedForm): CoroutineGenerator<void> {
    yield* all(uploadKeys.map((key) => this.service.uploads.discard(key)));
  }

  protected thank(survey: Survey, respondent: Respondent, isNew: boolean): void {
    const url = thankYouUrl(survey, respondent.oid);
    if (!this.wantsJson) {
      this.redirect(url, { status: 303 });
      return;
    }
    this.setStatus(isNew ? 201 : 200);
    this.setHeader("Location", url);
    this.write({ respondent: respondentJson(survey, respondent) });
  }

  override writeError(status: number, error: unknown): unknown {
    const form = this.received;
    if (form === undefined || this.wantsJson || !(error instanceof AnswersRefusedError)) {
      return super.writeError(status, error);
    }
    return this.showAgain(form, error);
  }

  /** The form with what was filled in, and with what is wrong about it. */
  private *showAgain(form: ReceivedForm, error: AnswersRefusedError): CoroutineGenerator<void> {
    const fields = yield* this.withFreeUploads(form);
    this.setStatus(error.status);
    this.write(this.renderForm(form.survey, { ...form, fields }, error));
  }

  /** The fields without files that could not be submitted the next time either. */
  private *withFreeUploads({ survey, fields }: ReceivedForm): CoroutineGenerator<Fields> {
    const kept: Record<string, readonly string[]> = { ...fields };
    for (const question of survey.questions.filter(isUploadQuestion)) {
      const name = answerField(question.cid);
      const values = fieldValues(fields, name).filter((value) => value !== "");
      const free = yield* all(values.map((value) => this.isFree(value)));
      kept[name] = values.filter((_, at) => free[at]);
    }
    return kept;
  }

  private *isFree(answer: string): CoroutineGenerator<boolean> {
    try {
      const files = parseFileAnswers(answer);
      const free = yield* all(files.map(({ key }) => this.service.uploads.isFree(key)));
      return free.every(Boolean);
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  }

  private renderForm(survey: Survey, form?: ReceivedForm, error?: AnswersRefusedError): string {
    const { tools, uploads } = this.service;
    const nowMs = tools.now();
    const action = this.formAction(survey);
    return formPage({
      survey,
      startedAtMs: form === undefined ? nowMs : readStartedAtMs(form.fields, nowMs),
      submissionToken: form?.token ?? tools.randomHex(16),
      maxFileBytes: uploads.maxFileBytes,
      ...(action === undefined ? {} : { action }),
      ...(form === undefined ? {} : { fields: form.fields }),
      ...(error === undefined ? {} : { problems: error.problems }),
    });
  }
}
