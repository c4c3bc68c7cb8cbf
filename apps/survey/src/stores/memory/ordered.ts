/** Pages of a map, in the order that all stores agree on. */
import type { Page } from "../checks.ts";

/** The order by code points, which is that of UTF-8 bytes; JavaScript's own differs beyond U+FFFF. */
export function compareKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** The keys of `page` among `keys`, those first for which `isThere` holds. */
export function pageOf(keys: Iterable<string>, page: Page, isThere: (key: string) => boolean): string[] {
  const { prefix, after, limit } = page;
  return Array.from(keys)
    .filter(
      (key) => key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0) && isThere(key),
    )
    .sort(compareKeys)
    .slice(0, limit);
}
