/** What blocks, and when: a time that another process understands. */

/** How long, in milliseconds: well above the threshold. */
export const BLOCK_MS = 600;

/** Milliseconds since 1970, with a fraction. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Keep the thread busy. */
export function blockFor(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
