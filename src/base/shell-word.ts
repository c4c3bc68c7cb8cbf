/** `text` as one word of a line for a shell: as it is, or quoted, with what cannot be seen escaped. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const shown = text
    .replace(/[\\']/g, "\\$&")
    .replace(CONTROLS, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `$'${shown}'`;
}

const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}/gu;
