/** Percent-encoding, and the form that queries and simple forms share. Source: WHATWG URL, application/x-www-form-urlencoded. */
import { HTTPError, MissingArgumentError } from "./http-error.ts";

/** Values under each name, in order. */
export type Arguments = ReadonlyMap<string, readonly string[]>;

/**
 * Decode `%XX`.
 *
 * @throws {HTTPError} 400, when a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8
 */
export function decodePercent(text: string, what: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new HTTPError(400, `Cannot read ${what}: its percent-encoding is broken, UTF-8 is wanted`, {
      cause,
    });
  }
}

/**
 * Read `a=1&b=2`.
 *
 * Fields are counted before any is decoded, so too many cost nothing.
 *
 * @param what - for messages, such as "the query"
 * @throws {HTTPError} 400, for broken percent-encoding or more than `maxFields` fields
 */
export function parseUrlencoded(text: string, maxFields: number, what: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (text === "") return found;
  let count = 1;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) count++;
  if (count > maxFields) {
    throw new HTTPError(400, `Cannot read ${what}: it has ${count} fields, at most ${maxFields} are wanted`);
  }
  for (const field of text.split("&")) {
    if (field === "") continue;
    const equals = field.indexOf("=");
    const name = decodeField(equals < 0 ? field : field.slice(0, equals), what);
    const value = equals < 0 ? "" : decodeField(field.slice(equals + 1), what);
    addArgument(found, name, value);
  }
  return found;
}

/** Add one more value under `name`. */
export function addArgument(found: Map<string, string[]>, name: string, value: string): void {
  const values = found.get(name);
  if (values === undefined) found.set(name, [value]);
  else values.push(value);
}

/** The values under one name as handlers get them: without white space around them. */
export function trimArguments(values: readonly string[] | undefined): string[] {
  return values === undefined ? [] : values.map((value) => value.trim());
}

/**
 * The last of `values`, else the fallback.
 *
 * @param given - what the caller passed: a fallback that is `undefined` is one, too
 * @throws {MissingArgumentError} when there is neither
 */
export function lastArgument(
  values: readonly string[],
  given: readonly [name: string, fallback?: unknown],
): unknown {
  const last = values.at(-1);
  if (last !== undefined) return last;
  if (given.length > 1) return given[1];
  throw new MissingArgumentError(given[0]);
}

/** Write `record` as a form; an array gives several fields of one name. */
export function encodeForm(record: FormRecord): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(record)) {
    for (const each of Array.isArray(value) ? value : [value]) form.append(name, String(each));
  }
  return form.toString();
}

/** What `encodeForm` writes. */
export interface FormRecord {
  readonly [name: string]: string | number | boolean | readonly (string | number | boolean)[];
}

function decodeField(text: string, what: string): string {
  return decodePercent(text.includes("+") ? text.replaceAll("+", " ") : text, what);
}
