/**
 * What went wrong, for a person: what happened, and what can be done now.
 */
import { html } from "./html.ts";
import { layout } from "./layout.ts";
import { indexUrl } from "./urls.ts";

export interface ErrorPageData {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** What exactly was wrong, when the person may know it. */
  readonly message?: string;
}

interface Wording {
  readonly title: string;
  readonly advice: string;
}

const wordings: Readonly<Record<number, Wording>> = {
  400: {
    title: "That could not be read",
    advice:
      "Something about the request is not as it should be. Go back, load the page again, and try once more.",
  },
  404: {
    title: "Nothing here",
    advice: "The address may be mistyped, or the survey or file may be gone.",
  },
  413: {
    title: "That is too large",
    advice:
      "Nothing was saved. Go back and send a smaller file, or fewer at once: a photo in a lower resolution, a shorter video.",
  },
  500: {
    title: "That was our mistake",
    advice:
      "The error has been written down. What you sent may not be saved: go back and try again in a minute.",
  },
  503: {
    title: "One moment, please",
    advice: "The service cannot save anything right now. Go back and try again in a minute.",
  },
  507: {
    title: "No room left",
    advice: "The store for files is full, so nothing was saved. Please try again later.",
  },
};

const anyRequestFault: Wording = {
  title: "That did not work",
  advice: "The service cannot do this. Go back and try another way.",
};

export function errorPage({ status, message }: ErrorPageData): string {
  const { title, advice } = wordings[status] ?? wordings[status >= 500 ? 500 : 0] ?? anyRequestFault;
  const body = html`
<div class="error">
<p class="status" aria-hidden="true">${status}</p>
<h1>${title}</h1>
${message !== undefined && html`<p class="lede">${message}</p>`}
<p>${advice}</p>
<p class="actions centred"><a class="button primary" href="${indexUrl}">All surveys</a></p>
</div>`;
  return layout({ title: `${title} (${status})`, body });
}
