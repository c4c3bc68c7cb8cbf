/**
 * What a person sees after sending the answers: the new name of each file, and
 * the files that did not get one.
 */
import type { Respondent, SubmittedFile, Survey } from "../model/index.ts";
import { isVideoOrImage, mediaKind, submittedFiles } from "../model/index.ts";
import { formatCount } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { icon } from "./icons.ts";
import { layout } from "./layout.ts";
import { fileUrl, indexUrl, resultsUrl, surveyUrl } from "./urls.ts";

export interface ThankYouPageData {
  readonly survey: Survey;
  readonly respondent: Respondent;
}

export function thankYouPage({ survey, respondent }: ThankYouPageData): string {
  const files = submittedFiles(survey, respondent);
  const renamed = files.filter((file) => file.failure === undefined);
  const failed = files.filter((file) => file.failure !== undefined);
  const body = html`
<div class="done">${icon("check")}</div>
<h1 class="centred">Thank you</h1>
<p class="lede centred">Your answers to <strong>${survey.title}</strong> are saved. You are respondent number <strong>${respondent.seq}</strong>.</p>
${failed.length > 0 && failedPanel(failed)}
${renamed.length > 0 && renamedPanel(renamed)}
<p class="actions centred"><a class="button primary" href="${resultsUrl(survey)}">See the results</a><a class="button" href="${surveyUrl(survey)}">Fill in again</a><a class="button" href="${indexUrl}">All surveys</a></p>`;
  return layout({ title: `Thank you: ${survey.title}`, body });
}

function renamedPanel(files: readonly SubmittedFile[]): Html {
  const mediaCount = files.filter((file) => isVideoOrImage(file.filename)).length;
  return html`
<section class="panel plain" aria-labelledby="renamed">
<h2 id="renamed">${formatCount(files.length, "file")} stored under a new name</h2>
<ul class="renamed">${files.map(
    (file) => html`
<li>${icon(mediaKind(file.filename))}<div><p class="file-old">${file.filename}<span class="visually-hidden"> is now </span></p><p class="file-new"><a href="${fileUrl(file.key)}">${file.key}</a></p></div></li>`,
  )}</ul>
${mediaCount > 0 && html`<p class="help">${mediaCount === 1 ? "One photo or video goes" : `${mediaCount} photos or videos go`} to review; until a person has decided, the results show ${mediaCount === 1 ? "it" : "them"} as in review.</p>`}
</section>`;
}

function failedPanel(files: readonly SubmittedFile[]): Html {
  return html`
<section class="panel danger" aria-labelledby="failed">
${icon("warning")}
<div>
<h2 id="failed">${formatCount(files.length, "file")} could not be renamed</h2>
<ul class="failed">${files.map((file) => html`<li><strong>${file.filename}</strong> <span>${file.failure}</span></li>`)}</ul>
<p>Your answers are safe, and so ${files.length === 1 ? "is the file: it keeps its" : "are the files: they keep their"} upload name. You need not send anything again.</p>
</div>
</section>`;
}
