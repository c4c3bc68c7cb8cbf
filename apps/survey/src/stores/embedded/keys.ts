/** How keys become bytes: UTF-8, whose order by bytes is the order by code points. */
import type { Page } from "../checks.ts";

const NUL = Buffer.from([0]);
/** No UTF-8 text has this byte, so it is behind every text with the same beginning. */
const BEHIND = Buffer.from([0xff]);

/** The entries of `page`, as a range of a table. */
export function pageRange(page: Page): { start: Buffer; end: Buffer } {
  const prefix = Buffer.from(page.prefix);
  const end = Buffer.concat([prefix, BEHIND]);
  // Keys hold no NUL: the least text behind `after` is `after` and a NUL. A table wants a start of one byte at least.
  const first = prefix.length === 0 ? NUL : prefix;
  if (page.after === undefined) return { start: first, end };
  const after = Buffer.concat([Buffer.from(page.after), NUL]);
  return { start: Buffer.compare(after, first) > 0 ? after : first, end };
}

/** A whole number in 8 bytes, ordered by bytes as by size. */
export function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The number that `numberBytes` wrote at `offset`. */
export function bytesNumber(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64BE(offset));
}
