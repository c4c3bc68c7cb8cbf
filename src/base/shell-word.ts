import { visible } from "./words.ts";

/**
 * `text` as one word of a line for a shell: as it is, or quoted, with what cannot be seen escaped.
 *
 * An escape stands for a byte of UTF-8, so that the word is the same in every locale. It is understood by bash and
 * zsh, and not by dash: there is no form for all shells that can be read.
 */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (visible(text, Number.POSITIVE_INFINITY) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${text.replace(/[\\']/g, "\\$&").replace(UNCLEAR, inBytes)}'`;
}

/** More than `visible` escapes, which keeps marks and joiners where they belong to a letter. */
const UNCLEAR = /[^\p{L}\p{N}\p{P}\p{S} ]|[\u115f\u1160\u3164\uffa0]/gu;

function inBytes(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
