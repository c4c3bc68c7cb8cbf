/** A search that runs a token: what it is asked for, and whether the run was that of the token. */
import { ReplayDivergence } from "./errors.ts";
import type { SearchSettings } from "./options.ts";
import { parseToken, type ReadToken } from "./token.ts";
import type { Records } from "./world.ts";

/** What a token says of its run. */
export type TokenRun = Pick<ReadToken, "choices" | "hash">;

/**
 * Read `token`, and have what is ready reordered as it was when the token was made.
 *
 * @throws {TokenError} when it cannot be read, or is another program's
 */
export function readRun(token: string, given: SearchSettings): { settings: SearchSettings; run: TokenRun } {
  const { reordersReady, ...run } = parseToken(token, given.name);
  return { settings: { ...given, limits: { ...given.limits, reordersReady } }, run };
}

/**
 * @param divergedAt - the first decision that could not be taken
 * @param enabled - what could happen there
 * @throws {ReplayDivergence} when what `records` have is another run than that of the token
 */
export function checkFollowed(
  { choices, hash }: TokenRun,
  { choices: taken, steps }: Records,
  divergedAt: number | undefined,
  enabled: () => readonly string[],
): void {
  const at = divergedAt ?? (taken.length < choices.length ? taken.length : undefined);
  if (at !== undefined) {
    throw new ReplayDivergence(at, `alternative ${choices[at]}`, divergedAt === undefined ? [] : enabled());
  }
  // A token has the last 24 bits.
  if ((steps.hash & 0xffffff) !== hash) throw new ReplayDivergence(undefined, "those of the token", []);
}
