/**
 * The addresses that the pages link to and post to. The routes have to agree.
 */
import type { Survey } from "../model/index.ts";

export const indexUrl = "/";
export const reviewUrl = "/review";
export const uploadUrl = "/api/uploads";

/** The form, and where it is posted to. */
export function surveyUrl(survey: Survey): string {
  return `/s/${survey.shortId}`;
}

/** What one person sees after sending the answers. */
export function thankYouUrl(survey: Survey, respondentOid: string): string {
  return `/s/${survey.shortId}/thanks/${respondentOid}`;
}

export function resultsUrl(survey: Survey): string {
  return `/s/${survey.shortId}/results`;
}

/** A stored file; "/" in its key stays a "/". */
export function fileUrl(key: string): string {
  return `/files/${key.split("/").map(encodeURIComponent).join("/")}`;
}

/** A file of the folder `public/`. */
export function staticUrl(name: string): string {
  return `/static/${name}`;
}
