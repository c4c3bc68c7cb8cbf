/**
 * One respondent while the answers are being completed: several coroutines write on one sheet.
 *
 * Source: the seed's `rspd.set_answer`.
 */
import { coroutine, detach, type Future } from "gyre";
import { note } from "gyre/trace";
import type { FailedFile, Respondent } from "../model/index.ts";
import type { Respondents } from "./respondents.ts";

export class AnswerSheet {
  readonly #respondents: Respondents;
  #respondent: Respondent;
  #running: Future<void> | undefined = undefined;
  /** A save that has not begun: it will take along what changes until it does. */
  #queued: Future<void> | undefined = undefined;

  constructor(respondents: Respondents, respondent: Respondent) {
    this.#respondents = respondents;
    this.#respondent = respondent;
  }

  /** As it stands now; what is written later does not change it. */
  get respondent(): Respondent {
    return this.#respondent;
  }

  /** Write the answer to one question. @returns settled once it is stored */
  setAnswer(questionOid: string, answer: Record<string, string>): Future<void> {
    const all = { ...this.#respondent.answer, [questionOid]: answer };
    this.#respondent = { ...this.#respondent, answer: all };
    note("> set answer");
    return this.#save();
  }

  /** Hand the sheet in. @returns settled once it is stored */
  finish(finishedAtMs: number, failedFiles: readonly FailedFile[]): Future<void> {
    this.#respondent = { ...this.#respondent, finishedAtMs, failedFiles };
    note("> hand in");
    return this.#save();
  }

  // One after the other: of two writes under way at once, the older one might end last, and win.
  #save(): Future<void> {
    if (this.#queued !== undefined) return this.#queued;
    const running = this.#running;
    if (running === undefined || running.done()) {
      this.#running = this.#respondents.save(this.#respondent);
      return this.#running;
    }
    this.#queued = detach(this.#saveAfter(running), "others who write on the sheet wait for it too");
    return this.#queued;
  }

  readonly #saveAfter = coroutine(function* saveAnswers(this: AnswerSheet, running: Future<void>) {
    try {
      yield* running;
    } catch {
      // Whoever asked for that save is told.
    }
    this.#running = this.#queued;
    this.#queued = undefined;
    yield* this.#respondents.save(this.#respondent);
  });
}
