/** What a client is shown when something went wrong: a small page, or JSON where it asks for that. */
import { HTTPError } from "./http-error.ts";
import type { HttpRequest } from "./request.ts";
import { reasonOf } from "./status.ts";

export interface ErrorPage {
  readonly contentType: string;
  readonly body: string;
}

/** `text` inside HTML, also inside quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Would the client rather have JSON than a page?
 *
 * It would when it accepts JSON and no HTML, or sent JSON and does not ask for HTML.
 */
export function wantsJson(request: HttpRequest): boolean {
  const accept = (request.headers.get("Accept") ?? "").toLowerCase();
  if (accept.includes("text/html")) return false;
  const type = request.contentType;
  return /[/+]json\b/.test(accept) || type === "application/json" || type.endsWith("+json");
}

/** The page for `error`. Only an HTTPError's own message is shown; of others the client learns nothing. */
export function errorPage(request: HttpRequest, status: number, error: unknown): ErrorPage {
  const shown = error instanceof HTTPError ? error.message : reasonOf(status);
  if (wantsJson(request)) {
    const code = error instanceof HTTPError ? error.code : "GYRE_HTTP";
    return {
      contentType: "application/json; charset=UTF-8",
      body: JSON.stringify({ error: { status, code, message: shown } }),
    };
  }
  const title = `${status} ${escapeHtml(reasonOf(status))}`;
  const detail = shown === reasonOf(status) ? "" : `\n<p>${escapeHtml(shown)}</p>`;
  return {
    contentType: "text/html; charset=UTF-8",
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body>
<h1>${title}</h1>${detail}
</body>
</html>
`,
  };
}
