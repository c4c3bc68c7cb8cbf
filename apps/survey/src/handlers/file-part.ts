/** The name of a file in a multipart body, as its owner gave it. */
import type { Part } from "gyre/web";

const plain = /;\s*filename=("(?:[^"\\]|\\.)*"|[^;]*)/i;
/** The form for other scripts, which counts where both are given. Source: RFC 8187. */
const extended = /;\s*filename\*=[^';]*'[^';]*'([^;]*)/i;

/**
 * The name that the client gave.
 *
 * The web layer drops folders from it. Here a path is a mistake that its sender
 * is told of, so it is given back with its folders, for the check of names to refuse.
 */
export function chosenFileName(part: Part): string {
  const header = part.headers.get("Content-Disposition") ?? "";
  const encoded = extended.exec(header)?.[1];
  // A backslash before a quote or another backslash is only a way of writing them.
  const given = encoded === undefined ? (plain.exec(header)?.[1] ?? "") : decodeURIComponent(encoded);
  return /\/|\\(?!["\\])/.test(given) ? given.replace(/^"|"$/g, "") : (part.filename as string);
}
