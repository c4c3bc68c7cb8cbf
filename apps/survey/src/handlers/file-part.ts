/** The name of a file in a multipart body, as its owner gave it. */
import type { Part } from "gyre/web";

/** The value of `filename` or `filename*`, quotes and all. */
const filenameValue = /;\s*filename\*?=("(?:[^"\\]|\\.)*"|[^;]*)/i;

/**
 * The name that the client gave.
 *
 * The web layer drops folders from it. Here a path is a mistake that its sender
 * is told of, so it is given back with its folders, for the check of names to refuse.
 */
export function chosenFileName(part: Part): string {
  const given = filenameValue.exec(part.headers.get("Content-Disposition") ?? "")?.[1] ?? "";
  // A backslash before a quote or another backslash is only a way of writing them.
  const isPath = /\/|\\(?!["\\])|%2f|%5c/i.test(given);
  return isPath ? given.replace(/^"|"$/g, "") : (part.filename as string);
}
