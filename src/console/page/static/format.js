// @ts-check
/** Numbers, times and names as a person reads them. */

/** Longer names are cut: a name may have 10 kB, and a row has one line. */
const mostCharacters = 120;

/**
 * A duration, in the largest unit that leaves something before the point.
 *
 * @param {number | undefined} ms
 */
export function duration(ms) {
  if (ms === undefined) return "";
  if (ms < 0.0995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min${rest(whole % 60, "s")}`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h${rest(minutes % 60, "min")}`
    : `${Math.floor(hours / 24)} d${rest(hours % 24, "h")}`;
}

/** @param {number} value @param {string} unit */
function rest(value, unit) {
  return value === 0 ? "" : ` ${value} ${unit}`;
}

/**
 * Words in which milliseconds are as a person says them.
 *
 * @param {string} text such as "sleep, 3600000 ms left"
 */
export function timed(text) {
  return text.replace(/(\d+) ms\b/g, (_, ms) => duration(Number(ms)));
}

/**
 * A whole number with its thousands apart.
 *
 * @param {number} value
 */
export function count(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/**
 * @param {number} value
 * @param {string} one
 * @param {string} [many]
 */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * A name in one line: control characters and those that turn the direction of writing are shown as signs.
 *
 * @param {string} text
 */
export function plain(text) {
  const cut = text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202f\u2066-\u2069\u200b-\u200f]/g, (sign) => {
    const code = sign.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

/**
 * A frame of a stack, without the word before it.
 *
 * @param {string} text such as "    at parse (src/app.ts:13:5)"
 */
export function frame(text) {
  return text.trim().replace(/^at /, "");
}

/**
 * A path with its last two folders, which is what tells files apart.
 *
 * @param {string} at such as "src/app.ts:13:5"
 */
export function shortLine(at) {
  const parts = at.replace(/:\d+$/, "").split("/");
  return parts.length <= 3 ? parts.join("/") : `…/${parts.slice(-2).join("/")}`;
}

/**
 * Text in columns, for the clipboard.
 *
 * @param {(string | number)[][]} lines
 */
export function columns(lines) {
  /** @type {number[]} */
  const widths = [];
  for (const line of lines) {
    for (const [at, cell] of line.entries()) widths[at] = Math.max(widths[at] ?? 0, String(cell).length);
  }
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          typeof cell === "number" ? String(cell).padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
