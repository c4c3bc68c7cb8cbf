/**
 * Names and texts of a program, made fit to be drawn: what cannot be seen is
 * shown escaped, what is too long is cut, and the width is known in columns.
 *
 * Nothing here trusts a name: it may be 10 kB of line breaks and terminal codes.
 */

/** What has no shape of its own: control, format and private characters, lone surrogates, line and paragraph ends. */
const UNSEEN = /^(?:\p{C}|\p{Zl}|\p{Zp}|\u00a0|\u115f|\u1160|\u3164|\uffa0)/u;
const MARKS_ONLY = /^\p{M}/u;
const EMOJI = /^\p{Extended_Pictographic}|^\p{Regional_Indicator}/u;
/** Two columns wide: East Asian wide and fullwidth, without emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI_LOOKS = /^\p{Emoji_Presentation}|^\p{Regional_Indicator}|\ufe0f/u;
/** Marks that are kept on one letter; more of them only climb over other lines. */
const MOST_MARKS = 4;

/** Made when it is needed: that takes a millisecond, and most programs never draw. */
let segmenter: Intl.Segmenter | undefined;

function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/**
 * `text` as it can be drawn on one line, in at most `mostColumns` columns.
 *
 * @param isAscii - show each character beyond ASCII escaped as well
 */
export function visible(text: string, mostColumns: number, isAscii = false): string {
  const ellipsis = isAscii ? "..." : "…";
  // Each character takes a column or more, so what is past this cannot be seen; a cluster has few code units.
  const isLong = text.length > mostColumns * 16 + 16;
  const head = isLong ? text.slice(0, mostColumns * 16 + 16) : text;
  const shown: { text: string; columns: number }[] = [];
  let columns = 0;
  for (const { segment } of segments(head)) {
    for (const piece of visiblePieces(segment, isAscii)) {
      const pieceColumns = columnsOf(piece);
      shown.push({ text: piece, columns: pieceColumns });
      columns += pieceColumns;
    }
    if (columns > mostColumns) break;
  }
  if (columns <= mostColumns && !isLong) return shown.map((piece) => piece.text).join("");
  while (shown.length > 0 && columns + ellipsis.length > mostColumns) columns -= shown.pop()?.columns ?? 0;
  return columns + ellipsis.length > mostColumns
    ? ellipsis.slice(0, mostColumns)
    : shown.map((piece) => piece.text).join("") + ellipsis;
}

/** One grapheme as what is shown of it: itself, or each of its characters escaped. */
function visiblePieces(segment: string, isAscii: boolean): string[] {
  if (isAscii) return [...segment].map((one) => (/^[\x20-\x7e]$/.test(one) ? one : escaped(one)));
  if (EMOJI.test(segment)) return [segment];
  const [first = "", ...marks] = [...segment];
  if (UNSEEN.test(first) || MARKS_ONLY.test(first)) return [first, ...marks].map(escaped);
  const kept = marks.filter((mark) => !UNSEEN.test(mark));
  return [first + kept.slice(0, MOST_MARKS).join("")];
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** How many columns `text`, which is `visible`, takes on a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of segments(text)) {
    columns += WIDE.test(segment) || EMOJI_LOOKS.test(segment) ? 2 : 1;
  }
  return columns;
}
