/**
 * The results of a survey: a chart for each choice question, and all answers in a table.
 *
 * Bars are SVG with widths as attributes, because a style attribute would need
 * a weaker content policy. The roles in the table repeat what the elements are:
 * on a phone the rows are laid out as cards, and browsers drop the meaning of a
 * table that is laid out as something else.
 */
import type {
  ChoiceQuestion,
  Decision,
  Question,
  Respondent,
  SubmittedFile,
  Survey,
} from "../model/index.ts";
import { isUploadQuestion, isVideoOrImage, mediaKind, submittedFiles } from "../model/index.ts";
import { formatCount, formatDuration, formatInstant } from "./format.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { icon } from "./icons.ts";
import { layout } from "./layout.ts";
import { fileUrl, surveyUrl } from "./urls.ts";

export interface ResultsPageData {
  readonly survey: Survey;
  /** In the order they are shown. */
  readonly respondents: readonly Respondent[];
  /** How many there are in all, when not all are shown. */
  readonly respondentCount?: number;
  /** What the review has decided, by file key; a photo or video that is missing here still waits. */
  readonly decisions: ReadonlyMap<string, Decision>;
}

interface Row {
  readonly respondent: Respondent;
  readonly files: readonly SubmittedFile[];
}

export function resultsPage(data: ResultsPageData): string {
  const { survey, respondents } = data;
  const rows = respondents.map(
    (respondent): Row => ({ respondent, files: submittedFiles(survey, respondent) }),
  );
  const body = html`
<p class="crumb">Results</p>
<h1>${survey.title}</h1>
${data.respondentCount !== undefined && html`<p class="lede">The latest ${rows.length} of ${data.respondentCount} respondents.</p>`}
${rows.length === 0 ? nothingYet(survey) : html`${tiles(rows)}${charts(data)}${answerTable(data, rows)}`}`;
  return layout({ title: `Results: ${survey.title}`, body, width: "wide", current: "surveys" });
}

function nothingYet(survey: Survey): Html {
  return html`
<div class="empty">${icon("spiral")}<h2>No answers yet</h2><p>The first one to arrive is shown here.</p><p class="actions centred"><a class="button primary" href="${surveyUrl(survey)}">Fill in this survey</a></p></div>`;
}

function tiles(rows: readonly Row[]): Html {
  const finished = rows.filter(({ respondent }) => respondent.finishedAtMs !== undefined).length;
  const files = rows.flatMap((row) => row.files);
  const failed = files.filter((file) => file.failure !== undefined).length;
  const tile = (count: number, label: string, tone = ""): Html =>
    html`<div class="tile ${tone}"><dt>${label}</dt><dd>${count}</dd></div>`;
  return html`
<dl class="tiles">
${tile(rows.length, rows.length === 1 ? "respondent" : "respondents")}
${tile(finished, "finished")}
${tile(files.length, files.length === 1 ? "file" : "files")}
${tile(failed, "not renamed", failed > 0 ? "danger" : "")}
</dl>`;
}

function charts({ survey, respondents }: ResultsPageData): Html | undefined {
  const choices = survey.questions.filter((question) => question.kind === "choice");
  if (choices.length === 0) return undefined;
  return html`<section class="charts" aria-label="Charts">${choices.map((question) => chart(question, respondents))}</section>`;
}

function chart(question: ChoiceQuestion, respondents: readonly Respondent[]): Html {
  const answers = respondents
    .map((respondent) => respondent.answer[question.oid])
    .filter((answer) => answer !== undefined);
  const bar = ({ id, label }: ChoiceQuestion["options"][number]): Html => {
    const count = answers.filter((answer) => Object.hasOwn(answer, id)).length;
    const percent = answers.length === 0 ? 0 : Math.round((count / answers.length) * 100);
    return html`
<li><span class="bar-label">${label}</span><span class="bar-value">${count} <span class="fine">· ${percent} %</span></span>
<svg class="bar" width="100%" height="10" aria-hidden="true" focusable="false"><rect class="bar-back" width="100%" height="10" rx="5"/>${count > 0 && html`<rect class="bar-fill" width="${percent}%" height="10" rx="5"/>`}</svg></li>`;
  };
  return html`
<figure class="panel plain">
<figcaption><h2>${question.title}</h2><p class="help fine">${formatCount(answers.length, "answer")}${question.multiple ? ", several choices each" : ""}</p></figcaption>
<ul class="bars">${question.options.map(bar)}</ul>
</figure>`;
}

function answerTable({ survey, decisions }: ResultsPageData, rows: readonly Row[]): Html {
  return html`
<h2 id="answers">All answers</h2>
<div class="table-frame" role="region" aria-labelledby="answers" tabindex="0">
<table role="table">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">No.</th>${survey.questions.map(
    (question) => html`<th role="columnheader" scope="col">${question.title}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    ({ respondent, files }) => html`
<tr role="row"><th role="rowheader" scope="row"><span class="seq">${respondent.seq}</span>${when(respondent)}</th>${survey.questions.map(
      (question) =>
        html`<td role="cell" data-label="${question.title}">${cell(question, respondent, files, decisions)}</td>`,
    )}</tr>`,
  )}</tbody>
</table>
</div>`;
}

function when({ startedAtMs, finishedAtMs }: Respondent): Html {
  const shownMs = finishedAtMs ?? startedAtMs;
  const took =
    finishedAtMs === undefined ? "not finished" : `took ${formatDuration(finishedAtMs - startedAtMs)}`;
  return html`<span class="when"><time datetime="${new Date(shownMs).toISOString()}">${formatInstant(shownMs)}</time><br>${took}</span>`;
}

function cell(
  question: Question,
  respondent: Respondent,
  files: readonly SubmittedFile[],
  decisions: ResultsPageData["decisions"],
): Html {
  const answer = respondent.answer[question.oid];
  if (answer === undefined) return html`<span class="none" aria-label="no answer">–</span>`;
  if (isUploadQuestion(question)) {
    const own = files.filter((file) => file.question === question);
    return html`<ul class="cell-files">${own.map((file) => fileEntry(file, decisions.get(file.key)))}</ul>`;
  }
  if (question.kind === "choice") {
    return html`<ul class="cell-choices">${Object.values(answer).map((label) => html`<li>${label}</li>`)}</ul>`;
  }
  return html`<div class="cell-text">${answer[question.optionId]}</div>`;
}

function fileEntry(file: SubmittedFile, decision: Decision | undefined): Html {
  if (file.failure !== undefined) {
    return html`<li>${icon("warning")}<div><span class="file-new">${file.filename}</span><span class="badge danger">not renamed</span><span class="fine">${file.failure}</span></div></li>`;
  }
  const waits = isVideoOrImage(file.filename) && decision === undefined;
  return html`<li>${icon(mediaKind(file.filename))}<div><a class="file-new" href="${fileUrl(file.key)}">${file.key}</a>${waits && html`<span class="badge">in review</span>`}${decision !== undefined && decisionBadge(decision)}</div></li>`;
}

/** What was decided, as a coloured word. */
export function decisionBadge(decision: Decision): Html {
  return html`<span class="badge ${decision === "approved" ? "good" : "danger"}">${decision}</span>`;
}
