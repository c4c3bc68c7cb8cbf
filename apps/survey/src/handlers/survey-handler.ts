/**
 * What all handlers of the service have in common: the id of a request, who may
 * post, what a browser may do with an answer, and how errors look.
 */
import { TimeoutError } from "gyre";
import { label } from "gyre/trace";
import { HTTPError, RequestHandler } from "gyre/web";
import type { Problem, Survey } from "../model/index.ts";
import { AnswersRefusedError, RefusedError } from "../service/refused-error.ts";
import type { SurveyService } from "../service/survey-service.ts";
import { ObjectNotFoundError, StoreError, StoreFullError } from "../stores/index.ts";
import { errorPage } from "../views/index.ts";
import { readRequestId, requestIdHeader } from "./request-id.ts";

/** What routes give to every handler. */
export interface HandlerOptions {
  readonly service: SurveyService;
}

/** An error as the sender is told of it. */
interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly field?: string | undefined;
  readonly problems?: readonly Problem[];
}

/** Pages run our own scripts and styles only, post to us only, and stand in nobody's frame. */
const pagePolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
const storeRetryS = 5;

export class SurveyHandler extends RequestHandler {
  service!: SurveyService;
  protected readonly requestId: string = readRequestId(this.request);

  override initialize({ service }: HandlerOptions): void {
    this.service = service;
    label(this.requestId);
  }

  override summary(): string {
    return `${super.summary()} [${this.requestId}]`;
  }

  override setDefaultHeaders(): void {
    this.setHeader(requestIdHeader, this.requestId);
    this.setHeader("Content-Security-Policy", pagePolicy);
    // Not no-referrer: that would make browsers send "Origin: null" with our own forms.
    this.setHeader("Referrer-Policy", "same-origin");
    this.setHeader("Cache-Control", "no-store");
  }

  override prepare(): unknown {
    if (!["GET", "HEAD", "OPTIONS"].includes(this.request.method)) this.checkOrigin();
    return undefined;
  }

  /**
   * Refuse what another site makes a browser send.
   *
   * Browsers say where a request comes from; who says nothing is no browser, and has nobody's rights but its own.
   */
  private checkOrigin(): void {
    const { headers, host } = this.request;
    const site = headers.get("Sec-Fetch-Site");
    const origin = headers.get("Origin");
    const isOwn =
      site === undefined
        ? origin === undefined || origin.replace(/^https?:\/\//, "") === host
        : site === "same-origin" || site === "none";
    if (isOwn) return;
    throw new RefusedError(
      "FORBIDDEN",
      "Cannot take this from another site: send it from a page of this service",
    );
  }

  /** Would the client rather have JSON than a page? */
  get wantsJson(): boolean {
    const accept = (this.request.headers.get("Accept") ?? "").toLowerCase();
    if (accept.includes("text/html")) return false;
    return accept.includes("json") || this.request.contentType === "application/json";
  }

  /** The survey with this short id. @throws {RefusedError} when there is none */
  protected surveyOf(shortId: string): Survey {
    const survey = this.service.surveys.find((each) => each.shortId === shortId);
    if (survey !== undefined) return survey;
    throw new RefusedError(
      "NOT_FOUND",
      `Cannot find the survey "${shortId}": there is none with this address`,
    );
  }

  override logException(error: unknown): void {
    if (error instanceof RefusedError) return;
    super.logException(error);
  }

  override writeError(status: number, error: unknown): unknown {
    const answer = answerFor(status, error);
    this.setStatus(answer.status);
    if (answer.status === 503) this.setHeader("Retry-After", storeRetryS);
    if (this.wantsJson) {
      const { code, message, field, problems } = answer;
      this.write({ error: { code, message, field, problems } });
    } else this.write(errorPage({ status: answer.status, message: answer.message }));
    return undefined;
  }
}

function answerFor(status: number, error: unknown): Answer {
  if (error instanceof AnswersRefusedError) {
    const { code, message, problems } = error;
    return { status: error.status, code, message, problems };
  }
  if (error instanceof RefusedError) {
    return { status: error.status, code: error.code, message: error.message, field: error.field };
  }
  if (error instanceof HTTPError) return { status, code: httpCode(status), message: error.message };
  if (error instanceof ObjectNotFoundError) {
    return { status: 404, code: "NOT_FOUND", message: "Cannot find the file: there is none with this name" };
  }
  if (error instanceof StoreFullError) {
    return { status: 507, code: "STORE_FULL", message: "Cannot save this: the store has no room left" };
  }
  if (error instanceof StoreError || error instanceof TimeoutError) {
    return {
      status: 503,
      code: "STORE_FAILED",
      message: "Cannot reach the store: it does not answer as it should",
    };
  }
  return { status: 500, code: "INTERNAL", message: "Something went wrong in the service itself" };
}

/** A word for a status that the web layer chose. */
function httpCode(status: number): string {
  const words: Readonly<Record<number, string>> = {
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    408: "TOO_SLOW",
    413: "TOO_LARGE",
  };
  return words[status] ?? "BAD_REQUEST";
}
