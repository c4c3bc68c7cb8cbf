// @ts-check
/**
 * The filter language: `state:waiting fn:fetch* age>5s on:sleep`.
 *
 * Terms stand apart by spaces and must all hold; `-` before a term turns it round. Text with a space in it stands in
 * quotes. `*` stands for any text; a pattern without it is looked for anywhere. A word alone looks everywhere.
 */

/** @import { Row } from "../../../trace/live.ts" */

/** @typedef {(row: Row) => boolean} Test */

/** A mistake in a filter, and where it is. */
export class FilterError extends Error {
  /** @override */
  name = "FilterError";

  /**
   * @param {string} message
   * @param {string} term the term that is wrong
   */
  constructor(message, term) {
    super(message);
    this.term = term;
  }
}

const states = ["running", "ready", "waiting"];
/** In milliseconds. @type {Record<string, number>} */
const units = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** The name of a coroutine that others wait for. @typedef {(id: number) => string | undefined} NameOf */

/**
 * What may stand before the colon, and what of a row it looks at.
 *
 * @type {Record<string, (row: Row, nameOf: NameOf) => string[]>}
 */
const texts = {
  fn: (row) => [row.name],
  on: (row, nameOf) =>
    row.on.length === 0 && row.state === "waiting"
      ? ["its turn"]
      : row.on.map((one) => (typeof one === "number" ? `${nameOf(one) ?? "a coroutine"} #${one}` : one)),
  at: (row) => (row.at === undefined ? [] : [row.at]),
  label: (row) => [...row.labels],
};

/** For people: the terms there are. */
export const filterHelp =
  "state:waiting  fn:fetch*  on:sleep  at:app.ts  label:req-7  id:12  owner:3  age>5s";

/**
 * @param {string} text
 * @param {NameOf} [nameOf] for `on:fetch*`
 * @returns {Test}
 * @throws {FilterError} when it is no filter
 */
export function parseFilter(text, nameOf = () => undefined) {
  const tests = split(text).map((term) => parseTerm(term, nameOf));
  return (row) => tests.every((test) => test(row));
}

/**
 * Terms are split at spaces that no quotes surround.
 *
 * @param {string} text
 * @returns {string[]}
 */
function split(text) {
  const terms = text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  for (const term of terms) {
    if ((term.split('"').length - 1) % 2 === 1) {
      throw new FilterError(`Cannot read ${term}: a quote is open, a closing " is wanted`, term);
    }
  }
  return terms;
}

/**
 * @param {string} term
 * @param {NameOf} nameOf
 * @returns {Test}
 */
function parseTerm(term, nameOf) {
  if (term.startsWith("-") && term.length > 1) {
    const test = parseTerm(term.slice(1), nameOf);
    return (row) => !test(row);
  }
  const [, key = "", sign = "", quoted = ""] = /^([a-z]+)(:|[<>]=?|=)(.*)$/is.exec(term) ?? [];
  const value = quoted.replaceAll('"', "");
  if (sign === "") return anywhere(term.replaceAll('"', ""), nameOf);
  if (value === "")
    throw new FilterError(`Cannot read ${term}: nothing follows "${sign}", a value is wanted`, term);
  const name = key.toLowerCase();
  if (name === "age") return parseAge(term, sign, value);
  if (sign !== ":" && sign !== "=") {
    throw new FilterError(`Cannot read ${term}: "${sign}" compares ages only, "${name}:" is wanted`, term);
  }
  if (name === "state") return parseState(term, value);
  if (name === "id" || name === "owner") return parseId(term, name, value);
  const read = texts[name];
  if (read === undefined) {
    const known = ["state", "id", "owner", "age", ...Object.keys(texts)].join(", ");
    throw new FilterError(`Cannot read ${term}: "${key}" is no field, one of ${known} is wanted`, term);
  }
  const matches = pattern(value);
  return (row) => read(row, nameOf).some(matches);
}

/** @param {string} value @param {NameOf} nameOf @returns {Test} */
function anywhere(value, nameOf) {
  const matches = pattern(value);
  return (row) =>
    matches(`#${row.id}`) || Object.values(texts).some((read) => read(row, nameOf).some(matches));
}

/** @param {string} term @param {string} value @returns {Test} */
function parseState(term, value) {
  const wanted = value.toLowerCase().split(",");
  for (const one of wanted) {
    if (states.includes(one)) continue;
    throw new FilterError(`Cannot read ${term}: "${one}" is no state, ${states.join(", ")} is wanted`, term);
  }
  return (row) => wanted.includes(row.state);
}

/** @param {string} term @param {"id" | "owner"} name @param {string} value @returns {Test} */
function parseId(term, name, value) {
  const id = Number(value.replace(/^#/, ""));
  if (!Number.isInteger(id)) {
    throw new FilterError(`Cannot read ${term}: "${value}" is no number, ${name}:12 is wanted`, term);
  }
  return (row) => (name === "id" ? row.id : row.ownerId) === id;
}

/** @param {string} term @param {string} sign @param {string} value @returns {Test} */
function parseAge(term, sign, value) {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(value) ?? [];
  const factor = units[unit.toLowerCase()];
  if (digits === "" || factor === undefined) {
    throw new FilterError(
      `Cannot read ${term}: "${value}" is no duration, one such as 200ms, 5s or 2min is wanted`,
      term,
    );
  }
  const limitMs = Number(digits) * factor;
  if (sign === ":" || sign === "=") {
    throw new FilterError(
      `Cannot read ${term}: an age is compared, age>${value} or age<${value} is wanted`,
      term,
    );
  }
  return ({ ageMs }) => {
    if (ageMs === undefined) return false;
    if (sign === ">") return ageMs > limitMs;
    if (sign === ">=") return ageMs >= limitMs;
    return sign === "<" ? ageMs < limitMs : ageMs <= limitMs;
  };
}

/**
 * A look for text, upper and lower case alike.
 *
 * Not a regular expression made from it: `*a*a*a*b` would then take for ever on a long name.
 *
 * @param {string} value
 * @returns {(text: string) => boolean}
 */
function pattern(value) {
  const pieces = value.toLowerCase().split("*");
  if (pieces.length === 1) return (text) => text.toLowerCase().includes(value.toLowerCase());
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  return (text) => {
    const lower = text.toLowerCase();
    if (lower.length < first.length + last.length) return false;
    if (!lower.startsWith(first) || !lower.endsWith(last)) return false;
    let from = first.length;
    for (const piece of pieces.slice(1, -1)) {
      const at = lower.indexOf(piece, from);
      if (at < 0) return false;
      from = at + piece.length;
    }
    return from <= lower.length - last.length;
  };
}
