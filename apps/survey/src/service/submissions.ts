/**
 * From a filled-in form to a stored respondent, once, however often the form is sent.
 *
 * Each form carries a token. The first who comes with it fixes the id of the
 * respondent that it will become, and a lease keeps a second one out while the
 * first is at work; when that one dies, the next goes on where it stopped.
 *
 * The lease says whose it is, so that one who has lost it, by being slower than
 * it lasts, does not open the door that the next one has closed.
 */
import { all, type CoroutineGenerator, coroutine, sleep } from "gyre";
import {
  type Fields,
  type FileAnswer,
  isUploadQuestion,
  type Problem,
  parseFileAnswers,
  type Respondent,
  readStartedAtMs,
  readSubmission,
  type Survey,
  type TotalAnswer,
  type UploadQuestion,
} from "../model/index.ts";
import { StoreError } from "../stores/index.ts";
import { AnswerSheet } from "./answer-sheet.ts";
import { AnswersRefusedError, RefusedError } from "./refused-error.ts";
import type { Respondents, Unfinished } from "./respondents.ts";
import { keys } from "./store-keys.ts";
import type { Tools } from "./tools.ts";
import type { Submission } from "./upload-file-handle.ts";
import type { Uploads } from "./uploads.ts";

/** How long the same form counts as sent before. */
const tokenLimitMs = 24 * 3600 * 1000;
/** How long the next has to wait when a process dies, and how often one that lives renews its lease. */
export const leaseMs = 30_000;
const renewMs = 10_000;
/** So often: five minutes, far longer than the renames may take. One that hangs for ever keeps nobody out for ever. */
const renewalLimit = 30;
/** How long the second sender waits for the first, and how often it looks. */
const waitLimitMs = 15_000;
const waitStepMs = 50;
const tokenPattern = /^[\x21-\x7e]{1,128}$/;

export interface SubmissionParts {
  readonly respondents: Respondents;
  readonly uploads: Uploads;
}

/** What came: the fields, and the token of the form; without a token each one is new. */
export interface SentForm {
  readonly survey: Survey;
  readonly fields: Fields;
  readonly token: string | undefined;
  /** What is wrong with files that came inside of the form. */
  readonly fileProblems?: readonly Problem[];
}

/** A form whose turn it is. */
export interface OpenedForm {
  /** The id of the respondent that it is to become. */
  readonly oid: string;
  /** The respondent, when the form was sent before: finished, or cut off in the midst. */
  readonly begun: Respondent | undefined;
  readonly lease: Lease;
}

/** The right to work on a form, as long as `owner` stands under `key`. */
interface Lease {
  readonly key: string;
  /** Random: says who has it. */
  readonly owner: string;
}

interface FileOfQuestion {
  readonly question: UploadQuestion;
  readonly file: FileAnswer;
}

export class Submissions {
  readonly #tools: Tools;
  readonly #parts: SubmissionParts;

  constructor(tools: Tools, parts: SubmissionParts) {
    this.#tools = tools;
    this.#parts = parts;
  }

  /**
   * Begin, or find what came of it the first time.
   *
   * Suspends: while the same form is being saved for somebody else, at most `waitLimitMs`.
   * @throws {RefusedError} when it still is then, or when the token is none
   */
  readonly open = coroutine(function* openForm(
    this: Submissions,
    form: SentForm,
  ): CoroutineGenerator<OpenedForm> {
    const { survey, token } = form;
    const store = this.#tools.stores.keyValue;
    const newOid = this.#tools.randomHex(12);
    if (token === undefined) {
      // Nobody else has this id; the lease keeps those out who finish what was cut off.
      const own = this.#leaseOf(survey.id, newOid);
      yield* store.set(own.key, own.owner, { ttlMs: leaseMs });
      return { oid: newOid, begun: undefined, lease: own };
    }
    checkToken(token);
    const key = keys.submission(survey.id, token);
    const lease = this.#leaseOf(survey.id, token);
    const isFirst = yield* store.setIfAbsent(key, newOid, { ttlMs: tokenLimitMs });
    const oid = isFirst ? newOid : ((yield* store.get(key)) ?? newOid);
    try {
      for (let waitedMs = 0; ; waitedMs += waitStepMs) {
        if (yield* store.setIfAbsent(lease.key, lease.owner, { ttlMs: leaseMs })) break;
        if (waitedMs >= waitLimitMs) throw stillRunning();
        yield* sleep(waitStepMs);
      }
      // Asked by the first as well: the second may have overtaken it.
      return { oid, begun: yield* this.#parts.respondents.find(oid), lease };
    } catch (error) {
      yield* this.#letGo(lease);
      throw error;
    }
  });

  /** Go on with a submission that was cut off; `undefined` when somebody is at work on it. */
  readonly reopen = coroutine(function* reopenForm(
    this: Submissions,
    { oid, surveyId, token }: Unfinished,
  ): CoroutineGenerator<OpenedForm | undefined> {
    const lease = this.#leaseOf(surveyId, token ?? oid);
    const { key, owner } = lease;
    try {
      if (!(yield* this.#tools.stores.keyValue.setIfAbsent(key, owner, { ttlMs: leaseMs }))) return undefined;
      return { oid, begun: yield* this.#parts.respondents.find(oid), lease };
    } catch (error) {
      yield* this.#letGo(lease);
      throw error;
    }
  });

  /** A lease that nobody has taken yet. */
  #leaseOf(surveyId: string, token: string): Lease {
    return { key: keys.submissionLease(surveyId, token), owner: this.#tools.randomHex(12) };
  }

  /**
   * Renew the lease, again and again, until it is cancelled.
   *
   * Suspends: at most as long as a submission may keep others out.
   */
  readonly keepOpen = coroutine(function* keepFormOpen(
    this: Submissions,
    { lease }: OpenedForm,
  ): CoroutineGenerator<void> {
    for (let renewal = 0; renewal < renewalLimit; renewal++) {
      yield* sleep(renewMs);
      if (!(yield* this.#renew(lease))) return;
    }
  });

  *#renew({ key, owner }: Lease): CoroutineGenerator<boolean> {
    const { stores, log } = this.#tools;
    try {
      const isOwn = yield* stores.keyValue.setIfEqual(key, owner, { expected: owner, ttlMs: leaseMs });
      if (!isOwn) log.warn(`lost ${key} while its submission was being saved; another may go on with it`);
      return isOwn;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error(`Cannot renew ${key}`, error);
      return true; // the next time may be in time
    }
  }

  /** The lease is not needed any more; whatever came of the form. Does nothing where somebody else has it by now. */
  readonly close = coroutine(function* closeForm(
    this: Submissions,
    { lease }: OpenedForm,
  ): CoroutineGenerator<void> {
    yield* this.#letGo(lease);
  });

  *#letGo({ key, owner }: Lease): CoroutineGenerator<void> {
    try {
      yield* this.#tools.stores.keyValue.deleteIfEqual(key, owner);
    } catch (error) {
      // It ends by itself; what came of the form is what counts.
      if (!(error instanceof StoreError)) throw error;
      this.#tools.log.error(`Cannot let go of ${key}`, error);
    }
  }

  /**
   * Check the answers, claim the uploads, and store a respondent who has not finished yet.
   *
   * @throws {AnswersRefusedError} when an answer is wrong; nothing is stored then
   */
  readonly accept = coroutine(function* acceptForm(
    this: Submissions,
    form: SentForm,
    { oid, begun }: OpenedForm,
  ): CoroutineGenerator<Submission> {
    const respondent = begun ?? (yield* this.#accept(form, oid));
    return this.resume(form.survey, respondent);
  });

  /** A respondent who is stored, to be finished. */
  resume(survey: Survey, respondent: Respondent): Submission {
    const { oid, seq, answer } = respondent;
    return {
      survey,
      respondent: { oid, seq },
      rspd: new AnswerSheet(this.#parts.respondents, respondent),
      totalAnswer: structuredClone(answer),
    };
  }

  *#accept(form: SentForm, oid: string): CoroutineGenerator<Respondent> {
    const { survey, fields, token } = form;
    const { respondents } = this.#parts;
    const answer = readAnswers(form);
    const files = filesOf(survey, answer);
    const nowMs = this.#tools.now();
    const startedAtMs = readStartedAtMs(fields, nowMs);
    try {
      yield* this.#claimFiles(survey, files, oid);
    } catch (error) {
      yield* this.#releaseFiles(files, oid);
      throw error;
    }
    try {
      return yield* respondents.create({ oid, surveyId: survey.id, startedAtMs, answer, token }, nowMs);
    } catch (error) {
      if (yield* this.#takeBack(oid)) yield* this.#releaseFiles(files, oid);
      throw error;
    }
  }

  /**
   * Remove a respondent whose files are to be free again: a store that failed may have kept it all the same.
   *
   * @returns whether there is none; who resends the form goes on with one that there is
   */
  *#takeBack(oid: string): CoroutineGenerator<boolean> {
    try {
      yield* this.#parts.respondents.remove(oid);
      return true;
    } catch (error) {
      this.#tools.log.error(`Cannot remove rid:${oid} of a submission that failed`, error);
      return false;
    }
  }

  *#claimFiles(survey: Survey, files: readonly FileOfQuestion[], oid: string): CoroutineGenerator<void> {
    const { uploads } = this.#parts;
    const claims = yield* all(
      files.map(({ question, file }) => uploads.claim({ survey, question, file, oid })),
    );
    const problems = claims.flatMap((message, at): Problem[] => {
      return message === undefined ? [] : [{ cid: (files[at] as FileOfQuestion).question.cid, message }];
    });
    if (problems.length > 0) throw new AnswersRefusedError(problems);
  }

  *#releaseFiles(files: readonly FileOfQuestion[], oid: string): CoroutineGenerator<void> {
    try {
      yield* all(files.map(({ file }) => this.#parts.uploads.release(file.key, oid)));
    } catch (error) {
      // The first error is the one that counts; these files have to be uploaded again.
      this.#tools.log.error("Cannot let go of the uploads of a submission that failed", error);
    }
  }
}

/** @throws {AnswersRefusedError} when an answer, or a file that came with it, is wrong */
function readAnswers({ survey, fields, fileProblems = [] }: SentForm): TotalAnswer {
  const read = readSubmission(survey, fields);
  if (read.ok && fileProblems.length === 0) return read.answer;
  // That a file is missing need not be said where it is said why.
  const isTold = ({ cid }: Problem): boolean => fileProblems.some((told) => told.cid === cid);
  const others = read.ok ? [] : read.problems.filter((problem) => !isTold(problem));
  throw new AnswersRefusedError([...fileProblems, ...others]);
}

function filesOf(survey: Survey, answer: TotalAnswer): FileOfQuestion[] {
  return survey.questions.filter(isUploadQuestion).flatMap((question) => {
    const list = answer[question.oid]?.[question.optionId] ?? "";
    return parseFileAnswers(list).map((file) => ({ question, file }));
  });
}

function checkToken(token: string): void {
  if (tokenPattern.test(token)) return;
  throw new RefusedError(
    "BAD_REQUEST",
    "Cannot read the submission token: wanted 1 to 128 visible ASCII characters",
    { field: "submissionToken" },
  );
}

function stillRunning(): RefusedError {
  return new RefusedError(
    "SUBMISSION_RUNNING",
    "These answers have been sent already, and are still being saved; try again in a few seconds",
  );
}
