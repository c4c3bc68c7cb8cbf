/** The respondents of all surveys, in the key-value store. */
import { all, coroutine, type Future } from "gyre";
import type { Respondent, TotalAnswer } from "../model/index.ts";
import type { KeyValueStore } from "../stores/index.ts";
import { keys, unfinishedPrefix } from "./store-keys.ts";

/** As many as a store lists at once. */
const countPageSize = 10_000;

export interface NewRespondent {
  readonly oid: string;
  readonly surveyId: string;
  readonly startedAtMs: number;
  readonly answer: TotalAnswer;
  /** Of the form, where it has one. */
  readonly token: string | undefined;
}

/** A respondent whose form is being saved, or was when the process died. */
export interface Unfinished {
  readonly oid: string;
  readonly surveyId: string;
  readonly token?: string;
  readonly atMs: number;
}

export class Respondents {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Give the next number of its survey to a new respondent, and store it, unfinished. */
  readonly create = coroutine(function* createRespondent(
    this: Respondents,
    { token, ...given }: NewRespondent,
    atMs: number,
  ) {
    const { oid, surveyId } = given;
    const seq = yield* this.#store.increment(keys.seq(surveyId));
    const respondent: Respondent = { ...given, seq, failedFiles: [] };
    const unfinished: Unfinished = { oid, surveyId, ...(token === undefined ? {} : { token }), atMs };
    // First: when the process dies in between, both lead to nothing, which does no harm.
    yield* all([
      this.#store.set(keys.respondentByOid(oid), keys.respondent(surveyId, seq)),
      this.#store.set(keys.unfinished(oid), JSON.stringify(unfinished)),
    ]);
    yield* this.save(respondent);
    return respondent;
  });

  save(respondent: Respondent): Future<void> {
    return this.#store.set(keys.respondent(respondent.surveyId, respondent.seq), JSON.stringify(respondent));
  }

  /** The respondent with this id, if there is one. */
  readonly find = coroutine(function* findRespondent(this: Respondents, oid: string) {
    const key = yield* this.#store.get(keys.respondentByOid(oid));
    const text = key === undefined ? undefined : yield* this.#store.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as Respondent);
  });

  /** Remove the respondent with this id, if there is one. */
  readonly remove = coroutine(function* removeRespondent(this: Respondents, oid: string) {
    const key = yield* this.#store.get(keys.respondentByOid(oid));
    if (key !== undefined) yield* this.#store.delete(key);
    yield* this.noteDone(oid);
  });

  /** The form is saved, as far as it can be. */
  noteDone(oid: string): Future<boolean> {
    return this.#store.delete(keys.unfinished(oid));
  }

  /** Those that are not saved to their end, at most `limit`. */
  readonly unfinished = coroutine(function* unfinishedRespondents(this: Respondents, limit: number) {
    const entries = yield* this.#store.entries(unfinishedPrefix, { limit });
    return entries.map(({ value }) => JSON.parse(value) as Unfinished);
  });

  /** The `limit` respondents of a survey with the highest numbers, lowest first. */
  readonly latest = coroutine(function* latestRespondents(
    this: Respondents,
    surveyId: string,
    limit: number,
  ) {
    const lastSeq = Number((yield* this.#store.get(keys.seq(surveyId))) ?? 0);
    const after = keys.respondent(surveyId, Math.max(lastSeq - limit, 0));
    const entries = yield* this.#store.entries(keys.respondents(surveyId), { after, limit });
    return entries.map(({ value }) => JSON.parse(value) as Respondent);
  });

  /** Count one more that has finished; once for each respondent, however often it is called. */
  countFinished({ surveyId, seq, oid }: Respondent): Future<void> {
    // A mark each, and no counter: who is cut off between a mark and a counter leaves one too few, or counts twice.
    return this.#store.set(keys.finished(surveyId, seq), oid);
  }

  /** How many respondents of a survey have finished. */
  readonly finishedCount = coroutine(function* finishedCount(this: Respondents, surveyId: string) {
    const prefix = keys.finishedOnes(surveyId);
    let count = 0;
    for (let after: string | undefined; ; ) {
      const options = { limit: countPageSize, ...(after === undefined ? {} : { after }) };
      const page = yield* this.#store.entries(prefix, options);
      count += page.length;
      if (page.length < countPageSize) return count;
      after = page.at(-1)?.key;
    }
  });
}
