/**
 * What all pages have in common: head, header, footer. Nothing here or in the
 * pages is inline script or style, so `default-src 'self'` is policy enough.
 */
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { icon } from "./icons.ts";
import { indexUrl, reviewUrl, staticUrl } from "./urls.ts";

export interface LayoutData {
  readonly title: string;
  readonly body: Html;
  /** "narrow" for reading and filling in, "wide" for tables and pictures. */
  readonly width?: "narrow" | "wide";
  /** The entry of the navigation that this page is. */
  readonly current?: "surveys" | "review";
  /** Name of a module in `public/`. */
  readonly script?: string;
}

/** A whole document. */
export function layout(data: LayoutData): string {
  const link = (name: LayoutData["current"], url: string, label: string): Html =>
    data.current === name
      ? html`<a href="${url}" aria-current="page">${label}</a>`
      : html`<a href="${url}">${label}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f6f4ef" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#12181b" media="(prefers-color-scheme: dark)">
<title>${data.title} · Gyre Survey</title>
<link rel="icon" href="${staticUrl("favicon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${staticUrl("survey.css")}">
${data.script !== undefined && html`<script type="module" src="${staticUrl(data.script)}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<div class="wrap">
<a class="brand" href="${indexUrl}">${icon("spiral")}<span>Gyre Survey</span></a>
<nav aria-label="Main">${link("surveys", indexUrl, "Surveys")}${link("review", reviewUrl, "Review")}</nav>
</div>
</header>
<main id="main" class="wrap ${data.width ?? "narrow"}" tabindex="-1">
${data.body}
</main>
<footer class="bottom"><div class="wrap"><p>A small survey service that runs on gyre: every file that you send gets a name of its own, and you see which.</p></div></footer>
</body>
</html>
`.toString();
}
