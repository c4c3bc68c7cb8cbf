/**
 * The list of surveys, and what to try first.
 */
import type { Survey } from "../model/index.ts";
import { isUploadQuestion } from "../model/index.ts";
import { formatCount } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { icon } from "./icons.ts";
import { layout } from "./layout.ts";
import { resultsUrl, reviewUrl, surveyUrl } from "./urls.ts";

export interface SurveyCard {
  readonly survey: Survey;
  /** Respondents who have finished. */
  readonly responseCount: number;
}

export interface IndexPageData {
  readonly surveys: readonly SurveyCard[];
  /** Files that wait for a review. */
  readonly pendingCount: number;
  /** The console of this service, where it has one. */
  readonly consoleUrl?: string | undefined;
}

export function indexPage(data: IndexPageData): string {
  const body = html`
<div class="hero">
<h1>Ask. Collect. <span class="accent">Keep every file.</span></h1>
${firstSteps(data)}
</div>
${data.surveys.length === 0 ? emptyList() : html`<h2 class="visually-hidden">Surveys</h2><ul class="cards">${data.surveys.map(card)}</ul>`}
<a class="strip" href="${reviewUrl}">${icon("image")}<span><strong>${pendingText(data.pendingCount)}</strong> A person approves or rejects each photo and video; until then the results show it as in review.</span>${icon("arrow")}</a>
${data.consoleUrl !== undefined && consoleStrip(data.consoleUrl)}`;
  return layout({ title: "Surveys", body, width: "wide", current: "surveys" });
}

function firstSteps({ surveys }: IndexPageData): Html | undefined {
  const first = surveys.find(({ survey }) => survey.questions.some(isUploadQuestion))?.survey;
  if (first === undefined) return undefined;
  return html`<p class="lede">Try this first: fill in <a href="${surveyUrl(first)}">${first.title}</a>, add a photo, and see under which new name it is kept.</p>`;
}

/** The address has no token: whoever has opened the printed one has a cookie, and others are told to. */
function consoleStrip(url: string): Html {
  return html`<a class="strip" href="${url}">${icon("spiral")}<span><strong>Watch this service live.</strong> Which requests run, what each waits for, and a drawing of what it did. The first time, open the address that the start printed.</span>${icon("arrow")}</a>`;
}

function emptyList(): Html {
  return html`<div class="empty">${icon("spiral")}<h2>No survey yet</h2><p>As soon as one is defined, it stands here.</p></div>`;
}

function pendingText(pendingCount: number): string {
  return pendingCount === 0 ? "Nothing waits for review." : `${formatCount(pendingCount, "file")} to review.`;
}

function card({ survey, responseCount }: SurveyCard): Html {
  const uploads = survey.questions.filter(isUploadQuestion).length;
  return html`
<li class="card">
<h3>${survey.title}</h3>
<p>${survey.intro}</p>
<ul class="facts">
<li>${formatCount(survey.questions.length, "question")}</li>
${uploads > 0 && html`<li>${uploads === 1 ? "takes files" : `${uploads} of them take files`}</li>`}
<li>${responseCount === 0 ? "no answers yet" : formatCount(responseCount, "answer")}</li>
</ul>
<p class="actions"><a class="button primary" href="${surveyUrl(survey)}">Fill in<span class="visually-hidden"> ${survey.title}</span></a><a class="button" href="${resultsUrl(survey)}">Results<span class="visually-hidden"> of ${survey.title}</span></a></p>
</li>`;
}
