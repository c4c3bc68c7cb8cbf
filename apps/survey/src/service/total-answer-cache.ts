/** The cached total answer of a respondent. Source: the seed's `assess_total_answer:{rid}`. */
import { coroutine, type Future } from "gyre";
import { note } from "gyre/trace";
import type { TotalAnswer } from "../model/index.ts";
import type { KeyValueStore } from "../stores/index.ts";
import { keys, uploadsPrefix } from "./store-keys.ts";

export const cacheLimitMs = 2 * 3600 * 1000;

export interface CachedTotalAnswer {
  readonly totalAnswer: TotalAnswer;
  /** What is left of the two hours. */
  readonly ttlMs: number;
}

/**
 * Cache `totalAnswer` as it is *now*, for two hours.
 *
 * What changes afterwards is not seen: the seed's bug was to call this too early.
 */
export function cacheTotalAnswer(store: KeyValueStore, rid: string, totalAnswer: TotalAnswer): Future<void> {
  const text = JSON.stringify(totalAnswer);
  note(`> cache write${namesIn(text)}`);
  return store.set(keys.totalAnswer(rid), text, { ttlMs: cacheLimitMs });
}

/** Cache `totalAnswer` for what is left of its two hours, unless something is cached already; tells whether it was. */
export function cacheTotalAnswerIfMissing(
  store: KeyValueStore,
  rid: string,
  { totalAnswer, ttlMs }: CachedTotalAnswer,
): Future<boolean> {
  note("> cache write, if missing");
  return store.setIfAbsent(keys.totalAnswer(rid), JSON.stringify(totalAnswer), { ttlMs });
}

/** Which names the files in `text` have, for a drawing; the answer to a question without files has no "|". */
function namesIn(text: string): string {
  if (!text.includes("|")) return "";
  return text.includes(uploadsPrefix) ? ", old names" : ", new names";
}

/** What is cached for `rid`; `undefined` when nothing is, or no longer. */
export const readTotalAnswer = coroutine(function* readTotalAnswer(store: KeyValueStore, rid: string) {
  const text = yield* store.get(keys.totalAnswer(rid));
  const ttlMs = yield* store.ttlMs(keys.totalAnswer(rid));
  if (text === undefined || ttlMs === undefined) return undefined;
  return { totalAnswer: JSON.parse(text) as TotalAnswer, ttlMs } satisfies CachedTotalAnswer;
});
