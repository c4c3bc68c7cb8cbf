/**
 * The queue of photos and videos that somebody has to look at.
 *
 * Each has a form of its own with two buttons, so it works without client
 * script; `public/review.js` adds keys, and decides without loading the page again.
 */
import type { DecidedItem, Decision, FileVerdict, ReviewItem } from "../model/index.ts";
import { formatReviewTask, mediaKind } from "../model/index.ts";
import { formatBytes, formatCount, formatInstant } from "./format.ts";
import type { Html } from "./html.ts";
import { attributes, html } from "./html.ts";
import { icon } from "./icons.ts";
import { layout } from "./layout.ts";
import { decisionBadge } from "./results-page.ts";
import { fileUrl, indexUrl, reviewUrl } from "./urls.ts";

export interface ReviewPageData {
  /** The head of the queue, oldest first: as many as one page should show. */
  readonly pending: readonly ReviewItem[];
  /** Length of the whole queue. */
  readonly pendingCount: number;
  /** Latest first. */
  readonly decided: readonly DecidedItem[];
}

export function reviewPage(data: ReviewPageData): string {
  const { pending, pendingCount, decided } = data;
  const more = pendingCount - pending.length;
  const body = html`
<h1>Review</h1>
<p class="lede" aria-live="polite" data-count="${pendingCount}">${pendingCount === 0 ? "Nothing waits." : `${formatCount(pendingCount, "file waits", "files wait")} for your decision.`}</p>
${pending.length > 0 && keyHints()}
<p class="problem" role="alert" data-review-problem hidden></p>
<ol class="reviews" data-reviews>${pending.map(reviewCard)}</ol>
${more > 0 && html`<p class="actions" data-more><a class="button" href="${reviewUrl}">Show the next ${formatCount(more, "file")}</a></p>`}
${emptyQueue(pendingCount > 0)}
${decidedList(decided)}`;
  return layout({ title: "Review", body, width: "wide", current: "review", script: "review.js" });
}

function keyHints(): Html {
  return html`
<div class="keys" data-keys hidden>
<p><span><kbd>A</kbd> approve</span> <span><kbd>R</kbd> reject</span> <span><kbd>J</kbd> next</span> <span><kbd>K</kbd> previous</span></p>
<label><input type="checkbox" checked data-keys-switch> Keys on</label>
</div>`;
}

/** Rendered hidden while there is work, so that the client script can show it after the last decision. */
function emptyQueue(isHidden: boolean): Html {
  return html`
<div class="empty" tabindex="-1" data-empty${attributes({ hidden: isHidden })}>${icon("check")}<h2>All caught up</h2><p>New photos and videos appear here as soon as somebody sends them.</p><p class="actions centred"><a class="button primary" href="${indexUrl}">To the surveys</a></p></div>`;
}

function reviewCard(item: ReviewItem): Html {
  const { file } = item.task;
  const url = fileUrl(file.key);
  const kind = mediaKind(file.filename);
  return html`
<li class="review" tabindex="-1" data-review>
<div class="stage">${
    kind === "video"
      ? html`<video src="${url}" controls preload="metadata" playsinline aria-label="Video ${file.filename}"></video>`
      : html`<img src="${url}" alt="${file.filename}, sent by respondent ${item.seq}" loading="lazy">`
  }</div>
<div class="review-side">
<h2>${file.filename}</h2>
<dl class="meta">
<div><dt>Survey</dt><dd>${item.surveyTitle}</dd></div>
<div><dt>Question</dt><dd>${item.questionTitle}</dd></div>
<div><dt>Respondent</dt><dd>Number ${item.seq}</dd></div>
<div><dt>Sent</dt><dd><time datetime="${new Date(item.sentAtMs).toISOString()}">${formatInstant(item.sentAtMs)}</time></dd></div>
<div><dt>File</dt><dd>${kind === "video" ? "Video" : "Image"}, ${formatBytes(item.sizeBytes)}</dd></div>
<div><dt>Stored as</dt><dd>${storedLink(file.key)}</dd></div>
<div><dt>Content</dt><dd>${verdictBadge(item.verdict)}</dd></div>
</dl>
<form class="actions" method="post" action="${reviewUrl}">
<input type="hidden" name="task" value="${formatReviewTask(item.task)}">
<button class="button good" type="submit" name="decision" value="approved">Approve<span class="visually-hidden"> ${file.filename}</span></button>
<button class="button bad" type="submit" name="decision" value="rejected">Reject<span class="visually-hidden"> ${file.filename}</span></button>
</form>
</div>
</li>`;
}

/** Is the file what its name says? */
function verdictBadge(verdict: FileVerdict | undefined): Html {
  if (verdict === undefined) return html`<span class="badge">not checked yet</span>`;
  if (verdict.kind === "missing") return html`<span class="badge danger">the file is missing</span>`;
  if (verdict.kind === "ok") return html`<span class="badge good">as named: ${verdict.found}</span>`;
  return html`<span class="badge danger">not as named: it is ${verdict.found}</span>`;
}

/** Hidden while there is none, so that the client script can show the first. */
function decidedList(decided: readonly DecidedItem[]): Html {
  const rows = decided.map(({ task, decision, decidedAtMs }) =>
    decidedRow(
      decision,
      storedLink(task.file.key),
      html`<time class="fine" datetime="${new Date(decidedAtMs).toISOString()}">${formatInstant(decidedAtMs)}</time>`,
    ),
  );
  const prepared = (["approved", "rejected"] as const).map(
    (decision) =>
      html`<template data-decided-row="${decision}">${decidedRow(decision, html`<a data-stored></a>`, html`<time class="fine"></time>`)}</template>`,
  );
  return html`
<section class="decided" aria-labelledby="decided" data-decided${attributes({ hidden: decided.length === 0 })}>
<h2 id="decided">Decided</h2>
<ul>${rows}</ul>
${prepared}
</section>`;
}

function decidedRow(decision: Decision, link: Html, time: Html): Html {
  return html`<li class="${decision}">${icon(decision === "approved" ? "check" : "cross")}${link}${decisionBadge(decision)}${time}</li>`;
}

function storedLink(key: string): Html {
  return html`<a class="file-new" href="${fileUrl(key)}" data-stored>${key}</a>`;
}
