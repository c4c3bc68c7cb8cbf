/** The `Range` header: one part of a body. Source: RFC 9110 (14), Tornado `httputil._parse_request_range`. */

/** From byte `start` to before byte `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What `header` asks for, of a body of `sizeBytes`.
 *
 * @returns `undefined` for all of it, as for several ranges and for what is no range; "unsatisfiable" for a 416
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = /^\s*bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return undefined;
    if (Number(last) === 0) return "unsatisfiable";
    return partOf(Math.max(sizeBytes - Number(last), 0), sizeBytes, sizeBytes);
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return start >= end ? "unsatisfiable" : partOf(start, end, sizeBytes);
}

/** All of it is no part. */
function partOf(start: number, end: number, sizeBytes: number): ByteRange | undefined {
  return start === 0 && end === sizeBytes ? undefined : { start, end };
}
