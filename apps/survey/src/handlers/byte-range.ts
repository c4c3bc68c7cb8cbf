/** The part of a file that a client asks for. Source: RFC 9110, section 14; Tornado `httputil._parse_request_range`. */

/** `start` is the first byte, `end` the one behind the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Read a `Range` header against a file of `sizeBytes`.
 *
 * @returns `undefined` for no range, several, or junk: the whole file is sent then;
 *   "unsatisfiable" when nothing of the file lies in it
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(" ", "") ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return start >= sizeBytes || end <= start ? "unsatisfiable" : { start, end };
}
